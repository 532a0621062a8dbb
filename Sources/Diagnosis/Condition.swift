public import LogModel

/// The condition of a rule, as data: the classifier evaluates it and every description is printed from it, so
/// that a threshold stands in one place (3-classification, Rules).
public enum Condition: Sendable, Hashable {
  /// Strictly greater than a threshold.
  case over(Quantity, ExactDecimal)
  /// Strictly less than a threshold.
  case under(Quantity, ExactDecimal)
  /// Less than a threshold, or equal to it.
  case atMost(Quantity, ExactDecimal)
  /// Exactly a value.
  case equal(Quantity, ExactDecimal)
  /// Strictly greater than the first threshold and at most the second.
  case between(Quantity, over: ExactDecimal, atMost: ExactDecimal)
  /// The value is true, or was not logged (`IS NOT FALSE` in SQL).
  case notFalse(FieldKey)
  /// All parts are true.
  case all([Condition])
  /// At least one part is true. Parts with absent inputs are ignored. The result is unknown only if every part has an
  /// absent input.
  case anyPresent([Condition])

  /// The condition in canonical keys, as the reference table, `corrparse explain` and the docs print it.
  public var text: String {
    switch self {
    case .over(let quantity, let threshold): "\(quantity.text) > \(threshold)"
    case .under(let quantity, let threshold): "\(quantity.text) < \(threshold)"
    case .atMost(let quantity, let threshold): "\(quantity.text) <= \(threshold)"
    case .equal(let quantity, let value): "\(quantity.text) = \(value)"
    case .between(let quantity, let low, let high): "\(low) < \(quantity.text) <= \(high)"
    case .notFalse(let key): "\(key.name) is not false"
    case .all(let parts): parts.map(\.text).joined(separator: " and ")
    case .anyPresent(let parts): parts.map(\.text).joined(separator: " or ")
    }
  }

  /// The fields it reads, in the order of its text.
  public var inputs: [FieldKey] {
    switch self {
    case .over(let quantity, _), .under(let quantity, _), .atMost(let quantity, _), .equal(let quantity, _),
      .between(let quantity, _, _):
      quantity.inputs
    case .notFalse(let key): [key]
    case .all(let parts), .anyPresent(let parts): parts.flatMap(\.inputs)
    }
  }
}

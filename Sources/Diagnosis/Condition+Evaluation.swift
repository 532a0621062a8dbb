import LogModel

/// The truth values of three-valued logic (Kleene's, which SQL uses).
enum Truth: Sendable, Hashable {
  case yes, no, unknown

  init(_ known: Bool) { self = known ? .yes : .no }
}

extension Condition {
  /// Whether the condition holds. A conjunction is false if one known part is false. An absent input makes it unknown only
  /// where the input could change the result.
  func truth(in evidence: inout Evidence) -> Truth {
    switch self {
    case .over(let quantity, let threshold): judge(quantity, &evidence) { $0 > threshold }
    case .under(let quantity, let threshold): judge(quantity, &evidence) { $0 < threshold }
    case .atMost(let quantity, let threshold): judge(quantity, &evidence) { $0 <= threshold }
    case .equal(let quantity, let value): judge(quantity, &evidence) { $0 == value }
    case .between(let quantity, let low, let high): judge(quantity, &evidence) { $0 > low && $0 <= high }
    case .notFalse(let key): evidence.isNotFalse(key)
    case .all(let parts): Self.conjunction(parts, &evidence)
    case .anyPresent(let parts): Self.disjunctionOfKnown(parts, &evidence)
    }
  }

  /// The absent inputs that could change an unknown result, in the order of the condition's text. No rule reads a field
  /// twice, so these are the absent inputs of the unknown parts.
  func lackingInputs(in evidence: inout Evidence) -> [FieldKey] {
    guard truth(in: &evidence) == .unknown else { return [] }
    switch self {
    case .all(let parts), .anyPresent(let parts):
      return parts.flatMap { $0.lackingInputs(in: &evidence) }
    case .over, .under, .atMost, .equal, .between, .notFalse:
      return inputs.filter { !evidence.has($0) }
    }
  }

  /// The simple conditions it is made of, in order.
  var parts: [Condition] {
    switch self {
    case .all(let parts), .anyPresent(let parts): parts
    case .over, .under, .atMost, .equal, .between, .notFalse: [self]
    }
  }

  private func judge(
    _ quantity: Quantity, _ evidence: inout Evidence, _ test: (ExactDecimal) -> Bool
  ) -> Truth {
    guard let value = evidence.value(of: quantity) else { return .unknown }
    return Truth(test(value))
  }

  private static func conjunction(_ parts: [Condition], _ evidence: inout Evidence) -> Truth {
    var truth = Truth.yes
    for index in parts.indices {
      switch parts[index].truth(in: &evidence) {
      case .no: return .no
      case .unknown: truth = .unknown
      case .yes: continue
      }
    }
    return truth
  }

  private static func disjunctionOfKnown(_ parts: [Condition], _ evidence: inout Evidence) -> Truth {
    var truth = Truth.unknown
    for index in parts.indices {
      switch parts[index].truth(in: &evidence) {
      case .yes: return .yes
      case .no: truth = .no
      case .unknown: continue
      }
    }
    return truth
  }
}

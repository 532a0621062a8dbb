import LogModel

/// The truth values of three-valued logic (Kleene's, which SQL uses).
enum Truth: Sendable, Hashable {
  case yes, no, unknown

  init(_ known: Bool) { self = known ? .yes : .no }
}

extension Condition {
  /// Whether the condition holds. A conjunction is false as soon as one known part is false: an absent input
  /// makes it unknown only where it could change the result.
  func truth(in evidence: Evidence) -> Truth {
    switch self {
    case .over(let quantity, let threshold): judge(quantity, evidence) { $0 > threshold }
    case .under(let quantity, let threshold): judge(quantity, evidence) { $0 < threshold }
    case .atMost(let quantity, let threshold): judge(quantity, evidence) { $0 <= threshold }
    case .equal(let quantity, let value): judge(quantity, evidence) { $0 == value }
    case .between(let quantity, let low, let high): judge(quantity, evidence) { $0 > low && $0 <= high }
    case .notFalse(let key): Self.isNotFalse(key, evidence)
    case .all(let parts): Self.conjunction(parts, evidence)
    case .anyPresent(let parts): Self.disjunctionOfKnown(parts, evidence)
    }
  }

  /// What was not logged is not false; what was logged and cannot be used is doubtful, and never replaced (ADR-25).
  private static func isNotFalse(_ key: FieldKey, _ evidence: Evidence) -> Truth {
    if let value = evidence.boolean(key) { return Truth(value) }
    return evidence.reason(for: key) == "absent" ? .yes : .unknown
  }

  /// The absent inputs that could change the result of a condition whose truth is unknown, in the order of its
  /// text. No rule reads a field twice, so these are the absent inputs of its unknown parts.
  func lackingInputs(in evidence: Evidence) -> [FieldKey] {
    guard truth(in: evidence) == .unknown else { return [] }
    switch self {
    case .all(let parts), .anyPresent(let parts):
      return parts.flatMap { $0.lackingInputs(in: evidence) }
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
    _ quantity: Quantity, _ evidence: Evidence, _ test: (ExactDecimal) -> Bool
  ) -> Truth {
    guard let value = evidence.value(of: quantity) else { return .unknown }
    return Truth(test(value))
  }

  private static func conjunction(_ parts: [Condition], _ evidence: Evidence) -> Truth {
    var truth = Truth.yes
    for part in parts {
      switch part.truth(in: evidence) {
      case .no: return .no
      case .unknown: truth = .unknown
      case .yes: continue
      }
    }
    return truth
  }

  private static func disjunctionOfKnown(_ parts: [Condition], _ evidence: Evidence) -> Truth {
    var truth = Truth.unknown
    for part in parts {
      switch part.truth(in: evidence) {
      case .yes: return .yes
      case .no: truth = .no
      case .unknown: continue
      }
    }
    return truth
  }
}

import LogModel

/// What a rule says of one record; ``RuleState`` without an array.
enum RuleFinding: Sendable, Hashable {
  case triggered(Severity)
  case clear
  /// Unknown: these absent inputs could change the result.
  case notEvaluable(FieldKeys)
  case notApplicable
}

/// The rules of a taxonomy as records are judged by them: each condition as a row of comparisons. The written conditions are the only place of
/// the rules; this form is derived from them, once for a taxonomy.
///
/// A class, so that whoever takes it counts one reference.
final class RuleTable: Sendable {
  /// A part of a condition.
  struct Comparison: Sendable {
    enum Test: Sendable {
      case over, under, atMost, equal, between, notFalse
    }

    let test: Test
    let quantity: Quantity
    let threshold: Threshold
    /// The second threshold of ``Test/between``.
    let upper: Threshold
    let inputs: FieldKeys
  }

  /// A number with which values are compared.
  struct Threshold: Sendable {
    private let coefficient: Int64
    private let scale: Int

    /// Nil for a number whose coefficient has more than 64 bits.
    init?(_ number: ExactDecimal) {
      guard let small = Int64(exactly: number.coefficient) else { return nil }
      (coefficient, scale) = (small, number.scale)
    }

    /// How a number stands to the threshold, as ``ExactDecimal/order(to:)``.
    @inline(__always) func order(of number: ExactDecimal) -> Int {
      number.order(to: ExactDecimal(lowest: coefficient, scale: scale))
    }
  }

  /// A rule without its texts.
  struct Entry: Sendable {
    let code: DiagnosisCode
    let layer: DiagnosisLayer
    let applicability: Applicability
    let inputs: FieldKeys
    let severity: RuleSeverity
    /// The comparisons of the condition; nil where the condition is nested more than once, or has a number of more than
    /// 64 bits: it is evaluated as it is written.
    let parts: Range<Int>?
    /// Whether all parts have to hold. Of other conditions one has.
    let isConjunction: Bool
  }

  let entries: [Entry]
  /// The rules as they are written.
  let rules: [Rule]
  /// The inputs of the rules that apply where one of theirs is there.
  let platformInputs: FieldKeys
  private let comparisons: [Comparison]

  init(_ rules: [Rule]) {
    self.rules = rules
    var (entries, comparisons) = ([Entry](), [Comparison]())
    for rule in rules {
      let start = comparisons.count
      let parts = rule.condition.parts.map { Comparison($0) }
      let isFlat = !parts.contains { $0 == nil }
      if isFlat { comparisons += parts.compactMap(\.self) }
      let isConjunction = if case .all = rule.condition { true } else { false }
      entries.append(
        Entry(
          code: rule.code, layer: rule.layer, applicability: rule.applicability,
          inputs: FieldKeys(rule.inputs), severity: rule.severity,
          parts: isFlat ? start..<comparisons.count : nil, isConjunction: isConjunction))
    }
    self.entries = entries
    self.comparisons = comparisons
    platformInputs = FieldKeys(rules.filter { $0.applicability == .anyInput }.flatMap(\.inputs))
  }

  /// Puts what each rule says of a record into `findings`, in place of what stood there.
  func judge(_ evidence: inout Evidence, into findings: inout [RuleFinding]) {
    let isTestedStrategy = evidence.isTestedStrategy
    let isSummary = evidence.isSummary
    findings.removeAll(keepingCapacity: true)
    findings.reserveCapacity(entries.count)
    for index in entries.indices {
      let applies =
        switch entries[index].applicability {
        case .anyInput: evidence.hasAny(of: entries[index].inputs)
        case .testedStrategy: isTestedStrategy
        case .summary: isSummary
        }
      findings.append(applies ? finding(index, &evidence) : .notApplicable)
    }
  }

  private func finding(_ index: Int, _ evidence: inout Evidence) -> RuleFinding {
    guard let parts = entries[index].parts else {
      return RuleFinding(rules[index].state(in: &evidence))
    }
    var truth = entries[index].isConjunction ? Truth.yes : Truth.unknown
    for part in parts {
      switch (comparisons[part].truth(in: &evidence), entries[index].isConjunction) {
      case (.no, true): return .clear
      case (.yes, false): return .triggered(severity(index, parts, &evidence))
      case (.unknown, true): truth = .unknown
      case (.no, false): truth = .no
      case (.yes, true), (.unknown, false): break
      }
    }
    switch truth {
    case .yes: return .triggered(severity(index, parts, &evidence))
    case .no: return .clear
    case .unknown: return .notEvaluable(lacking(parts, &evidence))
    }
  }

  private func severity(_ index: Int, _ parts: Range<Int>, _ evidence: inout Evidence) -> Severity {
    switch entries[index].severity {
    case .fixed(let severity): return severity
    case .lowered(let severity, let lower, let key):
      let only = FieldKeys([key])
      for part in parts
      where comparisons[part].inputs != only && comparisons[part].truth(in: &evidence) == .yes {
        return severity
      }
      return lower
    }
  }

  /// The absent inputs of the parts that are unknown.
  private func lacking(_ parts: Range<Int>, _ evidence: inout Evidence) -> FieldKeys {
    var lacking = FieldKeys()
    for part in parts where comparisons[part].truth(in: &evidence) == .unknown {
      lacking = lacking.union(evidence.absent(of: comparisons[part].inputs))
    }
    return lacking
  }
}

extension RuleTable.Comparison {
  /// The comparison that a simple condition says; nil for a condition of several parts.
  fileprivate init?(_ condition: Condition) {
    switch condition {
    case .over(let quantity, let threshold): self.init(.over, quantity, threshold)
    case .under(let quantity, let threshold): self.init(.under, quantity, threshold)
    case .atMost(let quantity, let threshold): self.init(.atMost, quantity, threshold)
    case .equal(let quantity, let value): self.init(.equal, quantity, value)
    case .between(let quantity, let low, let high): self.init(.between, quantity, low, high)
    case .notFalse(let key): self.init(.notFalse, .field(key), .zero)
    case .all, .anyPresent: return nil
    }
  }

  private init?(
    _ test: Test, _ quantity: Quantity, _ threshold: ExactDecimal, _ upper: ExactDecimal = .zero
  ) {
    guard let threshold = RuleTable.Threshold(threshold), let upper = RuleTable.Threshold(upper) else {
      return nil
    }
    self.test = test
    self.quantity = quantity
    self.threshold = threshold
    self.upper = upper
    inputs = FieldKeys(quantity.inputs)
  }

  /// As ``Condition/truth(in:)`` of the condition that it was made from.
  @inline(__always) fileprivate func truth(in evidence: inout Evidence) -> Truth {
    if test == .notFalse {
      guard case .field(let key) = quantity else { return .unknown }
      return evidence.isNotFalse(key)
    }
    guard let value = evidence.value(of: quantity) else { return .unknown }
    let order = threshold.order(of: value)
    switch test {
    case .over: return Truth(order > 0)
    case .under: return Truth(order < 0)
    case .atMost: return Truth(order <= 0)
    case .equal: return Truth(order == 0)
    case .between: return Truth(order > 0 && upper.order(of: value) <= 0)
    case .notFalse: return .unknown
    }
  }
}

extension RuleFinding {
  fileprivate init(_ state: RuleState) {
    self =
      switch state {
      case .triggered(let severity): .triggered(severity)
      case .clear: .clear
      case .notEvaluable(let lacks): .notEvaluable(FieldKeys(lacks))
      case .notApplicable: .notApplicable
      }
  }
}

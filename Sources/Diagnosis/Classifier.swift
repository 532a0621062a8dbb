public import CorrelationGrammar

/// Judges records under one version of the taxonomy: a pure function, the same verdict for the same record
/// wherever and whenever it is asked for (page 3, *Verdict*).
public struct Classifier: Sendable {
  /// The version that judges.
  public let taxonomy: Taxonomy

  /// A classifier under a version, by default the current one.
  public init(taxonomy: Taxonomy = .current) {
    self.taxonomy = taxonomy
  }

  /// What each rule says of a record, in the taxonomy's order.
  public func states(of record: CorrelationRecord) -> [RuleState] {
    states(in: Evidence(record))
  }

  /// The verdict on a record.
  public func verdict(on record: CorrelationRecord) -> Verdict {
    let evidence = Evidence(record)
    let states = states(in: evidence)
    var verdict = Verdict(
      taxonomyVersion: taxonomy.version, deltaPoints: evidence.delta?.shifted(by: 2))
    var primaryIndex: Int?
    var firstUnevaluated: Int?
    for (index, state) in states.enumerated() {
      switch state {
      case .triggered(let severity):
        verdict.findings.append(taxonomy.rules[index].code)
        verdict.severity = max(verdict.severity, severity)
        primaryIndex = primaryIndex ?? index
      case .notEvaluable(let lacks):
        firstUnevaluated = firstUnevaluated ?? index
        Self.note(taxonomy.rules[index].entry, lacks, evidence, in: &verdict.notEvaluated)
      case .clear, .notApplicable:
        continue
      }
    }
    verdict.primary = verdict.findings.first
    if let sortino = evidence.decimal(.sortino), sortino < .zero {
      verdict.severity = max(verdict.severity, .p2)
    }
    verdict.certainty = Self.certainty(
      primary: primaryIndex, firstUnevaluated: firstUnevaluated,
      applies: states.contains { $0 != .notApplicable }, isDamaged: evidence.isDamaged)
    verdict.ml = conclusion(of: .ml, states)
    verdict.execution = conclusion(of: .execution, states)
    verdict.infra = conclusion(of: .infra, states)
    verdict.explanation = Explanation.sentence(
      for: verdict, states: states, taxonomy: taxonomy, evidence: evidence)
    return verdict
  }

  private func states(in evidence: Evidence) -> [RuleState] {
    let isTestedStrategy = evidence.isTestedStrategy
    let isSummary = evidence.isSummary
    return taxonomy.rules.map {
      $0.state(in: evidence, isTestedStrategy: isTestedStrategy, isSummary: isSummary)
    }
  }

  /// Adds an entry once: the four ML levels lack the same inputs and stand at the place of the first of them.
  private static func note(
    _ entry: String, _ lacks: [FieldKey], _ evidence: Evidence, in list: inout [UnevaluatedRule]
  ) {
    guard !list.contains(where: { $0.rule == entry }) else { return }
    let why = lacks.first.map(evidence.reason) ?? "absent"
    list.append(UnevaluatedRule(rule: entry, lacks: lacks.map(\.name), why: why))
  }

  /// Certain where nothing unknown stands above the primary, or where everything applicable was evaluated and
  /// is clear. A damaged source never gives more than provisional (page 1, *Issues*).
  private static func certainty(
    primary: Int?, firstUnevaluated: Int?, applies: Bool, isDamaged: Bool
  ) -> Certainty {
    if let primary {
      let couldChange = firstUnevaluated.map { $0 < primary } ?? false
      return couldChange || isDamaged ? .provisional : .certain
    }
    if firstUnevaluated != nil || !applies { return .unclassified }
    return isDamaged ? .provisional : .certain
  }

  private func conclusion(of layer: DiagnosisLayer, _ states: [RuleState]) -> LayerConclusion {
    var conclusion = LayerConclusion.notApplicable
    for (rule, state) in zip(taxonomy.rules, states) where rule.layer == layer {
      switch state {
      case .triggered: return .finding(rule.code)
      case .notEvaluable: conclusion = .notEvaluable
      case .clear: if conclusion == .notApplicable { conclusion = .clear }
      case .notApplicable: continue
      }
    }
    return conclusion
  }
}

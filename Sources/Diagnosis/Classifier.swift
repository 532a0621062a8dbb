public import LogModel

/// Judges records under one version of the taxonomy (3-classification, Verdict). The same record always gets the same
/// verdict.
public struct Classifier: Sendable {
  /// The version that judges.
  public let taxonomy: Taxonomy

  /// A classifier under a version, by default the current one.
  public init(taxonomy: Taxonomy = .current) {
    self.taxonomy = taxonomy
  }

  /// Whether a record is the summary of a run (3-classification, Applicability).
  public static func isSummary(_ record: CorrelationRecord) -> Bool { Evidence(record).isSummary }

  /// The keys of a tested strategy: a block with a usable value of one of them is a strategy's (3-classification, Applicability).
  public static var testedStrategyKeys: [String] { Evidence.testedStrategyKeys.map(\.name) }

  /// Whether a key is one that a run's summary has and a strategy's record has not.
  public static func isKeyOfSummary(_ key: String) -> Bool {
    [FieldKey.nCandidates, .nPassed, .complete].contains { $0.name == key }
  }

  /// What each rule says of a record, in the taxonomy's order.
  public func states(of record: CorrelationRecord) -> [RuleState] {
    var evidence = Evidence(record)
    var findings: [RuleFinding] = []
    taxonomy.table.judge(&evidence, into: &findings)
    return zip(taxonomy.rules, findings).map { rule, finding in
      switch finding {
      case .triggered(let severity): .triggered(severity)
      case .clear: .clear
      case .notEvaluable(let lacks): .notEvaluable(rule.inputs.filter(lacks.contains))
      case .notApplicable: .notApplicable
      }
    }
  }

  /// The verdict on a record.
  public func verdict(on record: CorrelationRecord) -> Verdict {
    var buffers = VerdictBuffers()
    return verdict(on: record, using: &buffers)
  }

  /// The verdict on a record, by whoever judges many and keeps the buffers from one to the next.
  public func verdict(on record: CorrelationRecord, using buffers: inout VerdictBuffers) -> Verdict {
    let table = taxonomy.table
    var evidence = Evidence(record)
    table.judge(&evidence, into: &buffers.findings)
    var verdict = Verdict(
      taxonomyVersion: taxonomy.version, deltaPoints: evidence.delta?.shifted(by: 2))
    var primary: Int?
    var firstUnknown: Int?
    var applies = false
    for index in buffers.findings.indices {
      let finding = buffers.findings[index]
      switch finding {
      case .triggered(let severity):
        verdict.codes.append(table.entries[index].code)
        verdict.severity = max(verdict.severity, severity)
        primary = primary ?? index
      case .notEvaluable(let lacks):
        firstUnknown = firstUnknown ?? index
        Self.note(taxonomy.rules[index], lacks, evidence, in: &verdict.notEvaluated)
      case .clear: break
      case .notApplicable: continue
      }
      applies = true
      Self.conclude(table.entries[index], finding, in: &verdict)
    }
    verdict.primary = verdict.codes.first
    if let sortino = evidence.decimal(.sortino), sortino.coefficient < 0 {
      verdict.severity = max(verdict.severity, .p2)
    }
    verdict.certainty = Self.certainty(
      primary: primary, firstUnknown: firstUnknown, applies: applies,
      isDoubtful: evidence.isDamaged || evidence.isCutShort)
    verdict.explanation = Explanation.sentence(
      verdict.codes, verdict.certainty, verdict.deltaPoints, verdict.notEvaluated, table: table,
      evidence: consume evidence, buffers: &buffers)
    return verdict
  }

  /// Adds an entry once. The four ML levels share one entry, at the place of the first level that lacks an input.
  private static func note(
    _ rule: Rule, _ lacks: FieldKeys, _ evidence: Evidence, in list: inout [UnevaluatedRule]
  ) {
    guard !list.contains(where: { $0.rule == rule.entry }) else { return }
    let keys = rule.inputs.filter(lacks.contains)
    let why = keys.first.map { evidence.reason(for: $0) } ?? Evidence.absent
    list.append(UnevaluatedRule(rule: rule.entry, lacks: keys.map(\.name), why: why))
  }

  /// How certain the verdict is. It is certain if no unknown rule stands above the primary one, or if every applicable rule
  /// was evaluated and is clear. Of a damaged source, or of a block that was cut short, it is at most provisional
  /// (1-correlation-data, Issues).
  private static func certainty(
    primary: Int?, firstUnknown: Int?, applies: Bool, isDoubtful: Bool
  ) -> Certainty {
    if let primary {
      let couldChange = firstUnknown.map { $0 < primary } ?? false
      return couldChange || isDoubtful ? .provisional : .certain
    }
    if firstUnknown != nil || !applies { return .unclassified }
    return isDoubtful ? .provisional : .certain
  }

  /// Adds one applicable rule to the conclusion of its layer. Layer run has none: its code shows in primary and
  /// findings only.
  private static func conclude(
    _ entry: RuleTable.Entry, _ finding: RuleFinding, in verdict: inout Verdict
  ) {
    switch entry.layer {
    case .ml: add(finding, entry.code, to: &verdict.ml)
    case .execution: add(finding, entry.code, to: &verdict.execution)
    case .infra: add(finding, entry.code, to: &verdict.infra)
    case .run: break
    }
  }

  /// The first finding of a layer, else `not_evaluable` if any of its rules is, else `clear`.
  private static func add(
    _ finding: RuleFinding, _ code: DiagnosisCode, to conclusion: inout LayerConclusion
  ) {
    switch (conclusion, finding) {
    case (.finding, _), (_, .notApplicable): break
    case (_, .triggered): conclusion = .finding(code)
    case (_, .notEvaluable): conclusion = .notEvaluable
    case (.notApplicable, .clear): conclusion = .clear
    case (_, .clear): break
    }
  }
}

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
    var states: [RuleState] = []
    judge(Evidence(record), into: &states)
    return states
  }

  /// The verdict on a record.
  public func verdict(on record: CorrelationRecord) -> Verdict {
    var buffers = VerdictBuffers()
    return verdict(on: record, using: &buffers)
  }

  /// The verdict on a record, by whoever judges many and keeps the buffers from one to the next.
  public func verdict(on record: CorrelationRecord, using buffers: inout VerdictBuffers) -> Verdict {
    let evidence = Evidence(record)
    var states: [RuleState] = []
    swap(&states, &buffers.states)
    defer { swap(&states, &buffers.states) }
    judge(evidence, into: &states)
    var verdict = Verdict(
      taxonomyVersion: taxonomy.version, deltaPoints: evidence.delta?.shifted(by: 2))
    var primary: Int?
    var firstUnknown: Int?
    var applies = false
    for index in states.indices {
      switch states[index] {
      case .triggered(let severity):
        verdict.codes.append(taxonomy.rules[index].code)
        verdict.severity = max(verdict.severity, severity)
        primary = primary ?? index
      case .notEvaluable(let lacks):
        firstUnknown = firstUnknown ?? index
        Self.note(taxonomy.rules[index].entry, lacks, evidence, in: &verdict.notEvaluated)
      case .clear: break
      case .notApplicable: continue
      }
      applies = true
      conclude(index, states[index], in: &verdict)
    }
    verdict.primary = verdict.codes.first
    if let sortino = evidence.decimal(.sortino), sortino < .zero {
      verdict.severity = max(verdict.severity, .p2)
    }
    verdict.certainty = Self.certainty(
      primary: primary, firstUnknown: firstUnknown, applies: applies,
      isDoubtful: evidence.isDamaged || evidence.isCutShort)
    verdict.explanation = Explanation.sentence(
      for: verdict, states: states, taxonomy: taxonomy, evidence: consume evidence, buffer: &buffers.text)
    return verdict
  }

  /// Puts what each rule says into `states`, in place of what stood there.
  private func judge(_ evidence: Evidence, into states: inout [RuleState]) {
    let isTestedStrategy = evidence.isTestedStrategy
    let isSummary = evidence.isSummary
    states.removeAll(keepingCapacity: true)
    states.reserveCapacity(taxonomy.rules.count)
    for rule in taxonomy.rules {
      states.append(rule.state(in: evidence, isTestedStrategy: isTestedStrategy, isSummary: isSummary))
    }
  }

  /// Adds an entry once. The four ML levels share one entry, at the place of the first level that lacks an input.
  private static func note(
    _ entry: String, _ lacks: [FieldKey], _ evidence: Evidence, in list: inout [UnevaluatedRule]
  ) {
    guard !list.contains(where: { $0.rule == entry }) else { return }
    let why = lacks.first.map(evidence.reason) ?? "absent"
    list.append(UnevaluatedRule(rule: entry, lacks: lacks.map(\.name), why: why))
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
  private func conclude(_ index: Int, _ state: RuleState, in verdict: inout Verdict) {
    let code = taxonomy.rules[index].code
    switch taxonomy.rules[index].layer {
    case .ml: Self.add(state, code, to: &verdict.ml)
    case .execution: Self.add(state, code, to: &verdict.execution)
    case .infra: Self.add(state, code, to: &verdict.infra)
    case .run: break
    }
  }

  /// The first finding of a layer, else `not_evaluable` if any of its rules is, else `clear`.
  private static func add(_ state: RuleState, _ code: DiagnosisCode, to conclusion: inout LayerConclusion) {
    switch (conclusion, state) {
    case (.finding, _), (_, .notApplicable): break
    case (_, .triggered): conclusion = .finding(code)
    case (_, .notEvaluable): conclusion = .notEvaluable
    case (.notApplicable, .clear): conclusion = .clear
    case (_, .clear): break
    }
  }
}

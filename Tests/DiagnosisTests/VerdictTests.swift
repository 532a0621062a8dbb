import Diagnosis
import LogModel
import Testing

/// A tested strategy with every input there and nothing wrong but its level, which is ML_EXPLOITABLE (7 pts).
private let healthy: [(FieldKey, String)] = [
  (.f1Buy, "0.57"), (.baselineF1Buy, "0.50"), (.stdF1Buy, "0.04"), (.screeningF1Buy, "0.60"),
  (.lastFoldF1Buy, "0.55"), (.sortino, "0.8"), (.tpPct, "45"), (.slPct, "35"), (.timeoutPct, "20"),
]

/// The healthy strategy with some fields changed and others taken away.
private func strategy(
  _ changes: [FieldKey: String] = [:], without absent: Set<FieldKey> = [], issues: [GrammarIssue] = []
) -> CorrelationRecord {
  let fields =
    healthy.filter { changes[$0.0] == nil && !absent.contains($0.0) } + changes.map { ($0.key, $0.value) }
  return record(from: fields, issues: issues)
}

/// Findings, primary, certainty, severity and layers (3-classification, Verdict).
@Suite struct VerdictTests {
  @Test func aHealthyStrategy() {
    let verdict = verdict(strategy())
    #expect(verdict.findings == [.mlExploitable])
    #expect(verdict.primary == .mlExploitable)
    #expect(verdict.certainty == .certain)
    #expect(verdict.severity == .none)
    #expect(verdict.ml == .finding(.mlExploitable))
    #expect(verdict.execution == .clear)
    #expect(verdict.infra == .notApplicable)
    #expect(verdict.deltaPoints == 7)
    #expect(verdict.notEvaluated.isEmpty)
    #expect(verdict.taxonomyVersion == Taxonomy.current.version)
  }

  /// The example of 5-command-line, NDJSON, with what its record leaves out made explicit.
  @Test func theExampleOfTheContract() {
    let sample = strategy(
      [.f1Buy: "0.5512", .baselineF1Buy: "0.4871", .sortino: "-0.32", .slPct: "58.1", .tpPct: "30"],
      without: [.stdF1Buy], issues: [issue(.missingValue, .stdF1Buy)])
    let verdict = verdict(sample)
    #expect(verdict.primary == .executionMismatch)
    #expect(verdict.certainty == .provisional)
    #expect(verdict.severity == .p2)
    #expect(verdict.findings == [.executionMismatch, .mlExploitable, .slTooTight])
    #expect(verdict.ml.text == "ML_EXPLOITABLE")
    #expect(verdict.execution.text == "EXECUTION_MISMATCH")
    #expect(verdict.infra.text == "not_applicable")
    #expect(verdict.deltaPoints == dec("6.41"))
    #expect(
      verdict.notEvaluated
        == [UnevaluatedRule(rule: "ML_UNSTABLE", lacks: ["std_f1_buy"], why: "missing_value")])
  }

  @Test func everyFindingStandsInTheTablesOrder() {
    let verdict = verdict(
      strategy([
        .f1Buy: "0.9", .sortino: "-1", .slPct: "60", .tpPct: "0", .timeoutPct: "41", .stdF1Buy: "0.2",
        .screeningF1Buy: "0.99", .lastFoldF1Buy: "0.2", .oomKills: "3", .successRate: "10",
      ]))
    #expect(
      verdict.findings == [
        .infraSaturated, .pipelineDegraded, .screeningOverfit, .mlUnstable, .executionMismatch, .mlSolid,
        .slTooTight, .tpTooAmbitious, .horizonTooShort,
      ])
    #expect(verdict.primary == .infraSaturated)
    #expect(verdict.ml == .finding(.screeningOverfit))
    #expect(verdict.execution == .finding(.executionMismatch))
    #expect(verdict.infra == .finding(.infraSaturated))
    #expect(verdict.severity == .p0)
    #expect(verdict.certainty == .certain)
  }

  @Test func theExitSharesArePrimaryOnlyWithoutALevel() {
    let verdict = verdict(strategy([.slPct: "60"], without: [.baselineF1Buy]))
    #expect(verdict.primary == .slTooTight)
    #expect(verdict.certainty == .provisional)
    #expect(verdict.ml == .notEvaluable)
    #expect(verdict.execution == .finding(.slTooTight))
    #expect(
      verdict.notEvaluated == [UnevaluatedRule(rule: "ML_LEVEL", lacks: ["baseline_f1_buy"], why: "absent")])
  }

  // MARK: Certainty

  @Test func anUnknownBelowThePrimaryDoesNotMatter() {
    let verdict = verdict(strategy([.f1Buy: "0.4"], without: [.stdF1Buy, .screeningF1Buy, .slPct]))
    #expect(verdict.primary == .mlUseless)
    #expect(verdict.certainty == .certain)
    #expect(verdict.notEvaluated.map(\.rule) == ["SCREENING_OVERFIT", "ML_UNSTABLE", "SL_TOO_TIGHT"])
  }

  @Test func anUnknownAboveThePrimaryMakesItProvisional() {
    #expect(verdict(strategy(without: [.sortino])).certainty == .provisional)
    #expect(verdict(strategy(without: [.sortino])).primary == .mlExploitable)
    #expect(verdict(strategy([.f1Buy: "0.53"], without: [.sortino])).certainty == .certain)
    #expect(verdict(strategy([.f1Buy: "0.53"], without: [.stdF1Buy])).certainty == .provisional)
  }

  /// ML_LEVEL stands at ML_USELESS's place: above SCREENING_OVERFIT, whatever level it would be.
  @Test func anUnknownLevelStandsAboveTheOverfit() {
    let verdict = verdict(
      strategy([.screeningF1Buy: "0.9", .lastFoldF1Buy: "0.1"], without: [.f1Buy, .stdF1Buy]))
    #expect(verdict.primary == .screeningOverfit)
    #expect(verdict.certainty == .provisional)
    #expect(verdict.notEvaluated.map(\.rule) == ["ML_LEVEL", "ML_UNSTABLE"])
  }

  @Test func missingInfraInputsLowerNothing() {
    let clear = verdict(strategy([.cpuPct: "10"]))
    #expect(clear.certainty == .certain)
    #expect(clear.infra == .clear)
    let triggered = verdict([.cpuPct: "95"])
    #expect(triggered.certainty == .certain)
    #expect(triggered.notEvaluated.isEmpty)
  }

  @Test func nothingTriggeredAndSomethingUnknownIsUnclassified() {
    let verdict = verdict(strategy([.sortino: "-0.1"], without: [.f1Buy]))
    #expect(verdict.primary == nil)
    #expect(verdict.certainty == .unclassified)
    #expect(verdict.severity == .p2)
    #expect(verdict.ml == .notEvaluable)
    #expect(verdict.execution == .notEvaluable)
    #expect(
      verdict.notEvaluated == [
        UnevaluatedRule(rule: "ML_LEVEL", lacks: ["f1_buy"], why: "absent"),
        UnevaluatedRule(rule: "EXECUTION_MISMATCH", lacks: ["f1_buy"], why: "absent"),
      ])
  }

  @Test func noRuleAppliesIsUnclassified() {
    for sample in [record([:]), record([.crypto: "SOLUSDC", .podsDown: "3"])] {
      let verdict = verdict(sample)
      #expect(verdict.certainty == .unclassified)
      #expect(verdict.primary == nil)
      #expect(verdict.severity == .none)
      #expect(verdict.notEvaluated.isEmpty)
      #expect(
        [verdict.ml, verdict.execution, verdict.infra] == [.notApplicable, .notApplicable, .notApplicable])
    }
  }

  @Test(arguments: [
    record([.oomKills: "0", .pvcPct: "10", .cpuPct: "10"]), record([.successRate: "100"]),
    record([.nPassed: "3", .nCandidates: "45", .complete: "true"]), record([.nCandidates: "0"]),
  ])
  func everythingEvaluatedAndNothingTriggeredIsAllClear(sample: CorrelationRecord) {
    let verdict = verdict(sample)
    #expect(verdict.certainty == .certain)
    #expect(verdict.primary == nil)
    #expect(verdict.severity == .none)
    #expect(verdict.ml == .notApplicable)
  }

  @Test func aDamagedSourceIsNeverCertain() {
    let damage = [issue(.damagedSource)]
    #expect(verdict(strategy(issues: damage)).certainty == .provisional)
    #expect(verdict(strategy(issues: damage)).primary == .mlExploitable)
    #expect(verdict(strategy(without: [.sortino], issues: damage)).certainty == .provisional)
    #expect(verdict([.successRate: "100"], issues: damage).certainty == .provisional)
    #expect(verdict([:], issues: damage).certainty == .unclassified)
    #expect(verdict(strategy(without: [.f1Buy], issues: damage)).certainty == .unclassified)
  }

  @Test func aBlockThatWasCutShortIsNeverCertainAndSaysWhyItsFieldsAreAbsent() {
    let cut = [issue(.cutShort)]
    #expect(verdict(strategy(issues: cut)).certainty == .provisional)
    let lacking = verdict(
      strategy(without: [.stdF1Buy, .sortino], issues: cut + [issue(.cutValue, .sortino)]))
    #expect(lacking.notEvaluated.first { $0.lacks == ["std_f1_buy"] }?.why == "cut_short")
    #expect(lacking.notEvaluated.contains { $0.lacks == ["sortino"] && $0.why == "cut_value" })
    // `complete=false` may stand behind the cut.
    #expect(verdict([.nPassed: "0", .nCandidates: "45"], issues: cut).certainty == .unclassified)
  }

  @Test(arguments: [IssueKind.unitInferred, .rejoinedPair, .interrupted, .blockTooLong, .incompleteBlock])
  func otherIssuesOfABlockLowerNothing(kind: IssueKind) {
    #expect(verdict(strategy(issues: [issue(kind)])).certainty == .certain)
  }

  // MARK: Severity and layers

  @Test(arguments: [
    (strategy([.sortino: "-0.1", .f1Buy: "0.53"]), Severity.p2),
    (strategy([.sortino: "0", .f1Buy: "0.53"]), .p3),
    (strategy([.f1Buy: "0.5"]), .p2), (strategy([.slPct: "51"]), .p2), (strategy([.f1Buy: "0.7"]), .none),
    (strategy([.sortino: "-0.1", .cpuPct: "95"]), .p1), (record([.successRate: "1"]), .p1),
    (strategy([.sortino: "-0.1", .nTrades: "0"]), .none),
  ])
  func severityIsTheWorstOfTheFindingsAndOfANegativeSortino(sample: CorrelationRecord, severity: Severity) {
    #expect(verdict(sample).severity == severity)
  }

  @Test func noCandidatesShowsInPrimaryAndFindingsOnly() {
    let verdict = verdict([.nPassed: "0", .nCandidates: "45"])
    #expect(verdict.findings == [.noCandidates])
    #expect(verdict.primary == .noCandidates)
    #expect(verdict.severity == .p1)
    #expect(
      [verdict.ml, verdict.execution, verdict.infra] == [.notApplicable, .notApplicable, .notApplicable])
  }

  @Test func anUnknownSummaryMakesNoLayerUnknown() {
    let verdict = verdict([.nPassed: "0", .cpuPct: "1"])
    #expect(verdict.certainty == .unclassified)
    #expect(verdict.infra == .clear)
    #expect(
      verdict.notEvaluated == [UnevaluatedRule(rule: "NO_CANDIDATES", lacks: ["n_candidates"], why: "absent")]
    )
  }

  @Test func aLayerIsNotEvaluableBeforeItIsClear() {
    #expect(verdict(strategy(without: [.tpPct])).execution == .notEvaluable)
    #expect(verdict(strategy([.timeoutPct: "41"], without: [.tpPct])).execution == .finding(.horizonTooShort))
    #expect(verdict([.pvcPct: "1", .successRate: "69"]).infra == .finding(.pipelineDegraded))
  }

  // MARK: Why

  @Test func whyIsTheReasonOfTheFirstInputNamed() {
    let verdict = verdict(
      [.sortino: "-1", .slPct: "10"],
      issues: [
        issue(.malformedNumber, .baselineF1Buy), issue(.outOfRange, .lastFoldF1Buy),
        issue(.duplicateKey, .f1Buy),
      ])
    #expect(
      verdict.notEvaluated == [
        UnevaluatedRule(rule: "ML_LEVEL", lacks: ["f1_buy", "baseline_f1_buy"], why: "duplicate_key"),
        UnevaluatedRule(
          rule: "SCREENING_OVERFIT", lacks: ["screening_f1_buy", "last_fold_f1_buy"], why: "absent"),
        UnevaluatedRule(rule: "ML_UNSTABLE", lacks: ["std_f1_buy"], why: "absent"),
        UnevaluatedRule(
          rule: "EXECUTION_MISMATCH", lacks: ["f1_buy", "baseline_f1_buy"], why: "duplicate_key"),
        UnevaluatedRule(rule: "TP_TOO_AMBITIOUS", lacks: ["tp_pct"], why: "absent"),
        UnevaluatedRule(rule: "HORIZON_TOO_SHORT", lacks: ["timeout_pct"], why: "absent"),
      ])
  }

  @Test func noTradesIsTheReasonWhateverWasLogged() {
    let verdict = verdict(
      strategy(
        [.nTrades: "0", .slPct: "60"], without: [.tpPct, .timeoutPct],
        issues: [issue(.nonFinite, .timeoutPct)]))
    #expect(
      verdict.notEvaluated == [
        UnevaluatedRule(rule: "EXECUTION_MISMATCH", lacks: ["sortino"], why: "no_trades"),
        UnevaluatedRule(rule: "SL_TOO_TIGHT", lacks: ["sl_pct"], why: "no_trades"),
        UnevaluatedRule(rule: "TP_TOO_AMBITIOUS", lacks: ["tp_pct"], why: "no_trades"),
        UnevaluatedRule(rule: "HORIZON_TOO_SHORT", lacks: ["timeout_pct"], why: "no_trades"),
      ])
  }
}

import Diagnosis
import LogModel
import Testing

/// Three-valued logic and applicability, rule by rule (3-classification, Evaluation).
@Suite struct RuleStateTests {
  // MARK: EXECUTION_MISMATCH = delta > 0.05 and sortino < 0

  @Test func aSmallDeltaClearsTheMismatchSortinoOrNot() {
    #expect(state(.executionMismatch, [.f1Buy: "0.53", .baselineF1Buy: "0.5"]) == .clear)
    #expect(state(.executionMismatch, [.f1Buy: "0.53", .baselineF1Buy: "0.5", .sortino: "-1"]) == .clear)
  }

  @Test(arguments: ["0", "0.3"])
  func aSortinoThatIsNotNegativeClearsTheMismatchWhateverDelta(sortino: String) {
    #expect(state(.executionMismatch, [.sortino: sortino]) == .clear)
    #expect(state(.executionMismatch, [.f1Buy: "0.9", .sortino: sortino]) == .clear)
  }

  @Test func theMismatchLacksExactlyWhatCouldDecideIt() {
    let all: [FieldKey] = [.f1Buy, .baselineF1Buy, .sortino]
    #expect(state(.executionMismatch, [.nTrades: "5"]) == .notEvaluable(all))
    #expect(
      state(.executionMismatch, [.f1Buy: "0.6", .baselineF1Buy: "0.5"]) == .notEvaluable([.sortino]))
    #expect(state(.executionMismatch, [.sortino: "-1"]) == .notEvaluable([.f1Buy, .baselineF1Buy]))
    #expect(state(.executionMismatch, [.f1Buy: "0.6", .sortino: "-1"]) == .notEvaluable([.baselineF1Buy]))
    #expect(
      state(.executionMismatch, [.baselineF1Buy: "0.6"]) == .notEvaluable([.f1Buy, .sortino]))
  }

  /// As in SQL, a difference with an absent side is unknown even where its domain would decide it.
  @Test func theDomainDoesNotStandInForAnAbsentValue() {
    #expect(state(.mlUseless, [.f1Buy: "0"]) == .notEvaluable([.baselineF1Buy]))
    #expect(
      state(.screeningOverfit, [.screeningF1Buy: "0.2"]) == .notEvaluable([.lastFoldF1Buy]))
  }

  @Test func rulesOfOneInputLackIt() {
    #expect(state(.mlUnstable, [.f1Buy: "0.5"]) == .notEvaluable([.stdF1Buy]))
    #expect(state(.slTooTight, [.f1Buy: "0.5"]) == .notEvaluable([.slPct]))
    #expect(state(.tpTooAmbitious, [.f1Buy: "0.5"]) == .notEvaluable([.tpPct]))
    #expect(state(.horizonTooShort, [.f1Buy: "0.5"]) == .notEvaluable([.timeoutPct]))
    #expect(
      state(.screeningOverfit, [.f1Buy: "0.5"]) == .notEvaluable([.screeningF1Buy, .lastFoldF1Buy]))
    #expect(state(.screeningOverfit, [.lastFoldF1Buy: "0.5"]) == .notEvaluable([.screeningF1Buy]))
  }

  // MARK: Tested strategies

  @Test(arguments: [
    FieldKey.f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy,
    .screeningF1Buy,
    .lastFoldF1Buy, .sortino, .tpPct, .slPct, .timeoutPct, .nTrades,
  ])
  func anyTestedStrategyKeyMakesTheStrategyRulesApply(key: FieldKey) {
    let sample = record([key: "0"])
    for rule in Taxonomy.current.rules where rule.layer == .ml || rule.layer == .execution {
      #expect(state(rule.code, sample) != .notApplicable)
    }
    #expect(state(.noCandidates, record([key: "0", .nPassed: "0", .nCandidates: "4"])) == .notApplicable)
  }

  @Test func noOtherKeyDoes() {
    let others = record([
      .crypto: "SOLUSDC", .group: "defi", .timeframe: "5m", .strategyID: "s", .modelVersion: "v",
      .horizon: "H4",
      .phase: "testing", .fold: "1", .sl: "1.2", .tp: "2", .nFolds: "5", .nCandidates: "0", .nPassed: "0",
      .oomKills: "0", .podsDown: "0", .theta: "0.5", .successRate: "100", .pvcPct: "0", .cpuPct: "0",
      .complete: "true",
    ])
    for rule in Taxonomy.current.rules where rule.layer == .ml || rule.layer == .execution {
      #expect(state(rule.code, others) == .notApplicable)
    }
  }

  @Test func unusableValuesDoNotCountAsKeys() {
    let sample = record(
      [.crypto: "SOLUSDC"], issues: [issue(.malformedNumber, .f1Buy), issue(.missingValue, .sortino)])
    #expect(Classifier().states(of: sample).allSatisfy { $0 == .notApplicable })
  }

  // MARK: INFRA_SATURATED, PIPELINE_DEGRADED

  @Test func infraIsJudgedOverTheInputsPresent() {
    #expect(state(.infraSaturated, [.cpuPct: "90"]) == .clear)
    #expect(state(.infraSaturated, [.oomKills: "2", .pvcPct: "85"]) == .clear)
    #expect(state(.infraSaturated, [.oomKills: "2", .pvcPct: "86"]) == .triggered(.p0))
    #expect(state(.infraSaturated, [.podsDown: "4", .successRate: "10"]) == .notApplicable)
    #expect(state(.pipelineDegraded, [.cpuPct: "99"]) == .notApplicable)
  }

  @Test(arguments: [
    ("3", "0", "0", Severity.p0), ("0", "86", "0", .p0), ("0", "0", "91", .p1), ("3", "0", "91", .p0),
    ("0", "86", "91", .p0), ("3", "86", "91", .p0), ("2", "85", "91", .p1),
  ])
  func onlyCPUAloneIsP1(oom: String, pvc: String, cpu: String, severity: Severity) {
    let sample = record([.oomKills: oom, .pvcPct: pvc, .cpuPct: cpu])
    #expect(state(.infraSaturated, sample) == .triggered(severity))
    #expect(verdict(sample).severity == severity)
  }

  // MARK: NO_CANDIDATES

  @Test func aSummaryWithoutCompleteIsTakenAsComplete() {
    #expect(state(.noCandidates, [.nPassed: "0", .nCandidates: "45"]) == .triggered(.p1))
    #expect(
      state(
        .noCandidates,
        record([.nPassed: "0", .nCandidates: "45"], issues: [issue(.malformedPair, .complete)]))
        == .notEvaluable([.complete]))
  }

  @Test func aSummaryLacksWhatCouldDecideIt() {
    #expect(state(.noCandidates, [.nPassed: "0"]) == .notEvaluable([.nCandidates]))
    #expect(state(.noCandidates, [.nCandidates: "45"]) == .notEvaluable([.nPassed]))
    #expect(state(.noCandidates, [.nPassed: "3"]) == .clear)
    #expect(state(.noCandidates, [.nCandidates: "0"]) == .clear)
    #expect(state(.noCandidates, [.nPassed: "0", .complete: "false"]) == .clear)
    #expect(state(.noCandidates, [.nCandidates: "45", .complete: "false"]) == .clear)
    #expect(state(.noCandidates, [.nPassed: "0", .complete: "true"]) == .notEvaluable([.nCandidates]))
  }

  @Test func onlySummariesHaveCandidates() {
    #expect(state(.noCandidates, [.complete: "true"]) == .notApplicable)
    #expect(
      state(.noCandidates, [.nPassed: "0", .nCandidates: "45", .f1Buy: "0.5"]) == .notApplicable)
    let unusable = record([.nPassed: "0", .nCandidates: "45"], issues: [issue(.missingValue, .f1Buy)])
    #expect(state(.noCandidates, unusable) == .notApplicable)
  }

  // MARK: No trades

  @Test func withoutTradesSortinoAndTheExitsAreAbsent() {
    let sample = record([
      .f1Buy: "0.6", .baselineF1Buy: "0.5", .sortino: "-1", .tpPct: "0", .slPct: "60", .timeoutPct: "50",
      .nTrades: "0",
    ])
    #expect(state(.executionMismatch, sample) == .notEvaluable([.sortino]))
    #expect(state(.slTooTight, sample) == .notEvaluable([.slPct]))
    #expect(state(.tpTooAmbitious, sample) == .notEvaluable([.tpPct]))
    #expect(state(.horizonTooShort, sample) == .notEvaluable([.timeoutPct]))
    #expect(verdict(sample).severity == .none)
    #expect(sample.countedSortino == nil)
  }

  @Test func oneTradeIsEnoughForThemToCount() {
    let sample = record([.sortino: "-1", .nTrades: "1", .slPct: "60"])
    #expect(state(.slTooTight, sample) == .triggered(.p2))
    #expect(sample.countedSortino == -1)
  }

  @Test func zeroTradesAreStillATestedStrategy() {
    #expect(state(.mlUnstable, [.nTrades: "0"]) == .notEvaluable([.stdF1Buy]))
    #expect(state(.noCandidates, [.nTrades: "0", .nPassed: "0", .nCandidates: "4"]) == .notApplicable)
  }

  // MARK: Whole blocks

  @Test(arguments: [IssueKind.interleaved, .unsupportedVersion])
  func nothingOfAnUnreadableBlockCounts(kind: IssueKind) {
    let sample = record(
      [
        .f1Buy: "0.4", .baselineF1Buy: "0.5", .sortino: "-1", .screeningF1Buy: "0.9", .lastFoldF1Buy: "0.1",
        .oomKills: "9", .successRate: "1", .nTrades: "0",
      ],
      issues: [issue(.unitInferred, .slPct), issue(kind)], gates: [Gate(name: "f1", passed: true)])
    #expect(Classifier().states(of: sample).allSatisfy { $0 == .notApplicable })
    #expect(sample.deltaPoints == nil)
    #expect(sample.screeningGap == nil)
    #expect(sample.passedAllGates == nil)
    #expect(verdict(sample).deltaPoints == nil)
    #expect(verdict(sample).severity == .none)
  }
}

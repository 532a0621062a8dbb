import Diagnosis
import LogModel
import Testing

/// A record and the sentence it must give, written out by hand.
struct ExplanationCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let record: CorrelationRecord
  let sentence: String

  init(_ name: String, _ record: CorrelationRecord, _ sentence: String) {
    self.testDescription = name
    self.record = record
    self.sentence = sentence
  }
}

/// The inputs that the tree does not ask for, within their limits.
private let quiet: [(FieldKey, String)] = [
  (.stdF1Buy, "0.04"), (.screeningF1Buy, "0.6"), (.lastFoldF1Buy, "0.55"),
]

/// Exit shares within their limits.
private let calmExits: [(FieldKey, String)] = [(.tpPct, "40"), (.slPct, "40"), (.timeoutPct, "20")]

private func strategy(
  _ fields: [(FieldKey, String)], exits: [(FieldKey, String)] = calmExits, issues: [GrammarIssue] = []
) -> CorrelationRecord {
  record(from: quiet + exits + fields, issues: issues)
}

private let cases: [ExplanationCase] = [
  ExplanationCase(
    "the example of 3-classification, Verdict",
    strategy(
      [(.f1Buy, "0.5512"), (.baselineF1Buy, "0.4871"), (.sortino, "-0.32")],
      exits: [(.tpPct, "30.2"), (.slPct, "58.1"), (.timeoutPct, "11.7")]),
    "f1_buy 0.5512 beats the baseline 0.4871 by 6.41 pts, but Sortino is -0.32; 58.1 % of exits hit the stop-loss"
  ),
  ExplanationCase(
    "a mismatch that no exit share explains",
    strategy([(.f1Buy, "0.7"), (.baselineF1Buy, "0.5"), (.sortino, "-1")]),
    """
    f1_buy 0.7 beats the baseline 0.5 by 20 pts, but Sortino is -1; the exits do not explain it (tp_pct 40, \
    sl_pct 40, timeout_pct 20)
    """),
  ExplanationCase(
    "every exit share",
    strategy(
      [(.f1Buy, "0.5"), (.baselineF1Buy, "0.6"), (.sortino, "-1"), (.buyRate, "0.62")],
      exits: [(.tpPct, "1.5"), (.slPct, "51"), (.timeoutPct, "47.5")]),
    """
    f1_buy 0.5 is 10 pts below the baseline 0.6 (buy_rate 0.62), and Sortino is -1; 51 % of exits hit the \
    stop-loss; only 1.5 % of exits reach the take-profit; 47.5 % of exits time out
    """),
  ExplanationCase(
    "equal to the baseline, overfit and unstable",
    record(
      from: calmExits + [
        (.f1Buy, "0.5"), (.baselineF1Buy, "0.5"), (.sortino, "0.2"), (.stdF1Buy, "0.12"),
        (.screeningF1Buy, "0.81"),
        (.lastFoldF1Buy, "0.4"),
      ]),
    """
    f1_buy 0.5 only equals the baseline 0.5, and Sortino is 0.2; screening_f1_buy 0.81 is 41 pts above \
    last_fold_f1_buy 0.4; std_f1_buy 0.12 is over 0.1
    """),
  ExplanationCase(
    "unstable above marginal",
    record(
      from: calmExits + [
        (.f1Buy, "0.55"), (.baselineF1Buy, "0.5"), (.sortino, "0"), (.stdF1Buy, "0.12"),
        (.screeningF1Buy, "0.5"),
        (.lastFoldF1Buy, "0.4"),
      ]),
    "std_f1_buy 0.12 is over 0.1; f1_buy 0.55 beats the baseline 0.5 by only 5 pts, and Sortino is 0"),
  ExplanationCase(
    "what is missing, with its reasons",
    record(
      [.f1Buy: "0.57", .baselineF1Buy: "0.5", .slPct: "10", .timeoutPct: "1"],
      issues: [issue(.missingValue, .stdF1Buy), issue(.malformedNumber, .lastFoldF1Buy)]),
    """
    f1_buy 0.57 beats the baseline 0.5 by 7 pts; not evaluated: SCREENING_OVERFIT (screening_f1_buy absent, \
    last_fold_f1_buy malformed_number), ML_UNSTABLE (std_f1_buy missing_value), EXECUTION_MISMATCH (sortino \
    absent), TP_TOO_AMBITIOUS (tp_pct absent)
    """),
  ExplanationCase(
    "no trades",
    strategy([(.f1Buy, "0.53"), (.baselineF1Buy, "0.5"), (.sortino, "-1"), (.nTrades, "0")]),
    """
    f1_buy 0.53 beats the baseline 0.5 by only 3 pts; n_trades is 0, so Sortino and the exit shares do not count; \
    not evaluated: SL_TOO_TIGHT (sl_pct no_trades), TP_TOO_AMBITIOUS (tp_pct no_trades), HORIZON_TOO_SHORT \
    (timeout_pct no_trades)
    """),
  ExplanationCase(
    "unclassified",
    strategy([(.sortino, "-0.1")]),
    """
    unclassified, no rule triggered; Sortino is -0.1; not evaluated: ML_LEVEL (f1_buy and baseline_f1_buy absent), \
    EXECUTION_MISMATCH (f1_buy and baseline_f1_buy absent)
    """),
  ExplanationCase(
    "an exit share without a level",
    strategy(
      [(.f1Buy, "0.5"), (.sortino, "1")], exits: [(.tpPct, "40"), (.slPct, "50.1"), (.timeoutPct, "9.9")]),
    "Sortino is 1; 50.1 % of exits hit the stop-loss; not evaluated: ML_LEVEL (baseline_f1_buy absent)"),
  ExplanationCase(
    "saturated", record([.oomKills: "3", .pvcPct: "85.5", .cpuPct: "90"]),
    "oom_kills 3 is over 2 and pvc_pct 85.5 is over 85"),
  ExplanationCase(
    "saturated as far as known", record([.cpuPct: "95"], issues: [issue(.unitAmbiguous, .pvcPct)]),
    "cpu_pct 95 is over 90 (judged without oom_kills absent, pvc_pct unit_ambiguous)"),
  ExplanationCase(
    "degraded, infrastructure within its limits", record([.successRate: "69.9", .cpuPct: "50"]),
    "success_rate 69.9 is under 70; cpu_pct 50 is not over 90 (judged without oom_kills and pvc_pct absent)"),
  ExplanationCase(
    "all clear", record([.oomKills: "0", .pvcPct: "40", .cpuPct: "50", .successRate: "70"]),
    """
    all clear; oom_kills 0 is not over 2, pvc_pct 40 is not over 85, cpu_pct 50 is not over 90; \
    success_rate 70 is not under 70
    """),
  ExplanationCase(
    "no candidates", record([.nPassed: "0", .nCandidates: "45", .complete: "true"]),
    "0 of 45 candidates passed on a complete run"),
  ExplanationCase(
    "no candidates, perhaps not complete",
    record([.nPassed: "0", .nCandidates: "45"], issues: [issue(.malformedPair, .complete)]),
    """
    unclassified, no rule triggered; 0 of 45 candidates passed; not evaluated: NO_CANDIDATES (complete malformed_pair)
    """),
  ExplanationCase(
    "no candidates on what may have been a strategy's record",
    record([.nPassed: "0", .nCandidates: "45", .complete: "true"], issues: [issue(.missingValue, .sortino)]),
    "no rule applies: none of their inputs is usable (sortino missing_value)"),
  ExplanationCase(
    "an incomplete run", record([.nPassed: "0", .nCandidates: "45", .complete: "false"]),
    "all clear; 0 of 45 candidates passed, but the run is not complete"),
  ExplanationCase(
    "some candidates", record([.nPassed: "3", .nCandidates: "45"]), "all clear; 3 of 45 candidates passed"),
  ExplanationCase(
    "an unknown summary", record([.nCandidates: "45"]),
    "unclassified, no rule triggered; 45 candidates were tried; not evaluated: NO_CANDIDATES (n_passed absent)"
  ),
  ExplanationCase(
    "no candidates, how many unknown", record([.nPassed: "0"]),
    "unclassified, no rule triggered; 0 candidates passed; not evaluated: NO_CANDIDATES (n_candidates absent)"
  ),
  ExplanationCase("nothing at all", record([:]), "no rule applies: the block has none of their inputs"),
  ExplanationCase(
    "nothing usable", record([:], issues: [issue(.missingValue, .sortino), issue(.malformedNumber, .f1Buy)]),
    "no rule applies: none of their inputs is usable (f1_buy malformed_number, sortino missing_value)"),
  ExplanationCase(
    "interleaved", record([:], issues: [issue(.interleaved)]),
    "no rule applies: every field of the block is absent (interleaved)"),
  ExplanationCase(
    "a damaged source", record([.successRate: "12"], issues: [issue(.damagedSource)]),
    "success_rate 12 is under 70; the source is damaged here, so nothing of this is certain"),
  ExplanationCase(
    "a block that was cut short", record([.successRate: "12"], issues: [issue(.cutShort)]),
    "success_rate 12 is under 70; the block was cut short, so nothing of this is certain"),
]

@Suite struct ExplanationTests {
  @Test(arguments: cases)
  func theSentenceHasTheNumbersAndTheTree(_ sample: ExplanationCase) {
    #expect(verdict(sample.record).explanation == sample.sentence)
  }

  /// 3-classification, Rules: exact decimals, met exactly or not at all; so they are shown exactly.
  @Test func numbersAreNotRounded() {
    let verdict = verdict([
      .f1Buy: "0.550000000000000001", .baselineF1Buy: "0.5", .sortino: "-0.000000000000000001",
    ])
    #expect(
      verdict.explanation.hasPrefix(
        """
        f1_buy 0.550000000000000001 beats the baseline 0.5 by 5.0000000000000001 pts, but Sortino is \
        -0.000000000000000001; 
        """))
  }

  /// Texts of the log that are no numbers (control characters, huge extras) have no place in the sentence.
  @Test func freeTextStaysOut() {
    var sample = record([.crypto: "\u{1B}[31mSOL", .successRate: "1"])
    sample.extras = [ExtraPair(key: "note", text: "a\nb")]
    #expect(verdict(sample).explanation == "success_rate 1 is under 70")
  }
}

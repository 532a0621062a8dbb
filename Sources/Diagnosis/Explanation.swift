import CorrelationGrammar

/// Writes the sentence of a verdict: clauses joined by semicolons, in the order of the decision tree, with the
/// record's exact numbers, then what could not be evaluated and why.
struct Explanation {
  let verdict: Verdict
  let states: [RuleState]
  let taxonomy: Taxonomy
  let evidence: Evidence
  private var text = ""

  /// The explanation of a verdict whose other parts are complete.
  static func sentence(
    for verdict: Verdict, states: [RuleState], taxonomy: Taxonomy, evidence: Evidence
  ) -> String {
    var writer = Explanation(verdict: verdict, states: states, taxonomy: taxonomy, evidence: evidence)
    writer.write()
    return writer.text
  }

  private init(verdict: Verdict, states: [RuleState], taxonomy: Taxonomy, evidence: Evidence) {
    self.verdict = verdict
    self.states = states
    self.taxonomy = taxonomy
    self.evidence = evidence
  }

  private mutating func write() {
    if verdict.findings.isEmpty { writeVerdictWithoutFinding() }
    writePlatform(triggered: true)
    writeSummary()
    if has(.mlUseless) { writeLevel() }
    if has(.screeningOverfit) { writeScreeningGap() }
    if has(.mlUnstable) { writeFromCondition(of: .mlUnstable) }
    if !has(.mlUseless) { writeLevel() }
    writeExits()
    writePlatform(triggered: false)
    writeNotEvaluated()
    if evidence.isDamaged { clause("the source is damaged here, so nothing of this is certain") }
  }

  private func has(_ code: DiagnosisCode) -> Bool { verdict.findings.contains(code) }

  private mutating func clause(_ words: String) {
    if !text.isEmpty { text += "; " }
    text += words
  }

  // MARK: Nothing found

  private mutating func writeVerdictWithoutFinding() {
    if verdict.certainty != .unclassified {
      clause("all clear")
    } else if verdict.notEvaluated.isEmpty {
      clause("no rule applies: \(reasonForNothing)")
    } else {
      clause("unclassified, no rule triggered")
    }
  }

  private var reasonForNothing: String {
    if let wholeBlock = evidence.wholeBlock {
      return "every field of the block is absent (\(wholeBlock.rawValue))"
    }
    let unusable = unusableInputs(of: taxonomy.rules.flatMap(\.inputs) + Evidence.testedStrategyKeys)
    if unusable.isEmpty { return "the block has none of their inputs" }
    return "none of their inputs is usable (\(withReasons(unusable)))"
  }

  /// The fields of a list that were logged and that an issue made absent, in the order of the record, each once.
  private func unusableInputs(of keys: [FieldKey]) -> [FieldKey] {
    Set(keys).filter { evidence.record.reasonForAbsence(of: $0) != nil }.sorted { $0.rawValue < $1.rawValue }
  }

  // MARK: Platform and run

  /// The rules that apply wherever one of their inputs is there: what is over its limit first, what is within
  /// it last, each with the inputs it was judged without.
  private mutating func writePlatform(triggered wanted: Bool) {
    for (rule, state) in zip(taxonomy.rules, states) where rule.applicability == .anyInput {
      let truth: Truth
      switch state {
      case .triggered: truth = .yes
      case .clear: truth = .no
      case .notEvaluable, .notApplicable: continue
      }
      guard (truth == .yes) == wanted else { continue }
      let parts = rule.condition.parts.filter { $0.truth(in: evidence) == truth }
      var words = parts.map { comparison($0, holds: wanted) }.joined(separator: wanted ? " and " : ", ")
      let missing = rule.inputs.filter { !evidence.has($0) }
      if !missing.isEmpty { words += " (judged without \(withReasons(missing)))" }
      clause(words)
    }
  }

  private mutating func writeSummary() {
    guard let index = taxonomy.rules.firstIndex(where: { $0.applicability == .summary }),
      states[index] != .notApplicable
    else { return }
    let passed = evidence.decimal(.nPassed)
    var words = ""
    switch (passed, evidence.decimal(.nCandidates)) {
    case (let passed?, let candidates?): words = "\(passed) of \(candidates) candidates passed"
    case (let passed?, nil): words = "\(passed) candidates passed"
    case (nil, let candidates?): words = "\(candidates) candidates were tried"
    case (nil, nil): return
    }
    if passed == nil || passed == .zero {
      switch (evidence.boolean(.complete), has(.noCandidates)) {
      case (false?, _): words += ", but the run is not complete"
      case (true?, true): words += " on a complete run"
      case (nil, true): words += " on a run taken as complete (\(withReasons([.complete])))"
      case (_, false): break
      }
    }
    let unusable = unusableInputs(of: Evidence.testedStrategyKeys)
    if !unusable.isEmpty {
      words += ", read as a summary since no value of a strategy is usable (\(withReasons(unusable)))"
    }
    clause(words)
  }

  // MARK: Strategy

  /// Steps 1 and 2 of the manual's tree: the gain over the baseline, and Sortino.
  private mutating func writeLevel() {
    let sortino = evidence.decimal(.sortino)
    if let gain = gain {
      var words = gain
      if let sortino {
        words += has(.executionMismatch) ? ", but Sortino is \(sortino)" : ", and Sortino is \(sortino)"
      }
      clause(words)
    } else if let sortino {
      clause("Sortino is \(sortino)")
    }
    if evidence.hasNoTrades { clause("n_trades is 0, so Sortino and the exit shares do not count") }
  }

  private var gain: String? {
    guard let points = verdict.deltaPoints, let f1 = evidence.decimal(.f1Buy),
      let baseline = evidence.decimal(.baselineF1Buy)
    else { return nil }
    if points > .zero {
      return "f1_buy \(f1) beats the baseline \(baseline) by \(has(.mlMarginal) ? "only " : "")\(points) pts"
    }
    let buyRate = evidence.decimal(.buyRate).map { " (buy_rate \($0))" } ?? ""
    if points == .zero { return "f1_buy \(f1) only equals the baseline \(baseline)\(buyRate)" }
    return "f1_buy \(f1) is \(.zero - points) pts below the baseline \(baseline)\(buyRate)"
  }

  private mutating func writeScreeningGap() {
    guard let gap = evidence.screeningGap, let screening = evidence.decimal(.screeningF1Buy),
      let lastFold = evidence.decimal(.lastFoldF1Buy)
    else { return }
    clause(
      "screening_f1_buy \(screening) is \(gap.shifted(by: 2)) pts above last_fold_f1_buy \(lastFold)")
  }

  /// Step 3 of the manual's tree: what the exits say.
  private mutating func writeExits() {
    let takeProfit = evidence.decimal(.tpPct)
    let stopLoss = evidence.decimal(.slPct)
    let timeout = evidence.decimal(.timeoutPct)
    if let stopLoss, has(.slTooTight) { clause("\(stopLoss) % of exits hit the stop-loss") }
    if let takeProfit, has(.tpTooAmbitious) { clause("only \(takeProfit) % of exits reach the take-profit") }
    if let timeout, has(.horizonTooShort) { clause("\(timeout) % of exits time out") }
    guard has(.executionMismatch), !has(.slTooTight), !has(.tpTooAmbitious), !has(.horizonTooShort),
      let takeProfit, let stopLoss, let timeout
    else { return }
    clause("the exits do not explain it (tp_pct \(takeProfit), sl_pct \(stopLoss), timeout_pct \(timeout))")
  }

  // MARK: What is unknown

  /// The entries of `not_evaluated`, with the reason for each input and not only for the first.
  private mutating func writeNotEvaluated() {
    let entries = verdict.notEvaluated.map { entry in
      "\(entry.rule) (\(withReasons(entry.lacks.compactMap(FieldKey.init(name:)))))"
    }
    if !entries.isEmpty { clause("not evaluated: \(entries.joined(separator: ", "))") }
  }

  /// `a and b absent, c missing_value`: fields with the reasons for their absence.
  private func withReasons(_ keys: [FieldKey]) -> String {
    var words = ""
    for (index, key) in keys.enumerated() {
      let reason = evidence.reason(for: key)
      words += key.name
      guard index + 1 < keys.count else { return words + " " + reason }
      words += evidence.reason(for: keys[index + 1]) == reason ? " and " : " \(reason), "
    }
    return words
  }

  // MARK: Comparisons

  private mutating func writeFromCondition(of code: DiagnosisCode) {
    guard let rule = taxonomy[code] else { return }
    clause(comparison(rule.condition, holds: true))
  }

  /// `cpu_pct 95 is over 90`, or `… is not over 90`.
  private func comparison(_ condition: Condition, holds: Bool) -> String {
    let not = holds ? "" : "not "
    switch condition {
    case .over(let quantity, let threshold):
      return "\(measured(quantity)) is \(not)over \(threshold)"
    case .under(let quantity, let threshold):
      return "\(measured(quantity)) is \(not)under \(threshold)"
    case .atMost, .equal, .between, .notFalse, .all, .anyPresent:
      return holds ? condition.text : "not (\(condition.text))"
    }
  }

  private func measured(_ quantity: Quantity) -> String {
    evidence.value(of: quantity).map { "\(quantity.text) \($0)" } ?? quantity.text
  }
}

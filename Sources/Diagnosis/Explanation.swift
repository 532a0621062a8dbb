import LogModel

/// Writes the sentence of a verdict. Clauses in the order of the decision tree give the record's exact numbers. The last
/// clauses say what could not be evaluated, and why. Semicolons join them.
///
/// It runs once a block, so text is appended piece by piece, as bytes, rather than interpolated.
struct Explanation: ~Copyable {
  let codes: DiagnosisCodes
  let certainty: Certainty
  let deltaPoints: ExactDecimal?
  let notEvaluated: [UnevaluatedRule]
  let table: RuleTable
  var evidence: Evidence
  /// The findings and the text.
  var buffers: VerdictBuffers

  /// The explanation of a verdict whose other parts are complete.
  static func sentence(
    _ codes: DiagnosisCodes, _ certainty: Certainty, _ deltaPoints: ExactDecimal?,
    _ notEvaluated: [UnevaluatedRule], table: RuleTable, evidence: consuming Evidence,
    buffers: inout VerdictBuffers
  ) -> String {
    var writer = Explanation(
      codes: codes, certainty: certainty, deltaPoints: deltaPoints, notEvaluated: notEvaluated,
      table: table, evidence: evidence, buffers: buffers)
    writer.buffers.text.removeAll()
    writer.write()
    buffers = writer.buffers
    return buffers.text.text
  }

  private mutating func write() {
    if codes.isEmpty { writeVerdictWithoutFinding() }
    writePlatform(triggered: true)
    writeSummary()
    if has(.mlUseless) { writeLevel() }
    if has(.screeningOverfit) { writeScreeningGap() }
    if has(.mlUnstable) { writeInstability() }
    if !has(.mlUseless) { writeLevel() }
    writeExits()
    writePlatform(triggered: false)
    writeNotEvaluated()
    if evidence.isCutShort { beginClause(given: Verdict.cutShortClause) }
    if evidence.isDamaged { beginClause(given: Verdict.damageClause) }
  }

  func has(_ code: DiagnosisCode) -> Bool { codes.contains(code) }

  /// Starts a clause, with these words.
  @inline(__always) mutating func beginClause(_ words: StaticString = "") {
    if !buffers.text.isEmpty { add("; ") }
    add(words)
  }

  /// Starts a clause with words that are no literal.
  mutating func beginClause(given words: String) {
    beginClause()
    add(given: words)
  }

  /// Adds words.
  @inline(__always) mutating func add(_ words: StaticString) { buffers.text.append(words) }

  /// Adds words that are no literal.
  mutating func add(given words: String) { buffers.text.append(words) }

  /// Adds a number in its exact form, and words after it.
  @inline(__always) mutating func add(_ number: ExactDecimal, _ after: StaticString = "") {
    buffers.text.append(number)
    add(after)
  }

  /// Adds `a and b absent, c missing_value`: fields with the reasons for their absence.
  mutating func addWithReasons(_ keys: [FieldKey]) {
    for (index, key) in keys.enumerated() {
      add(key.literal)
      let reason = evidence.reason(for: key)
      if index + 1 < keys.count, evidence.reason(for: keys[index + 1]) == reason {
        add(" and ")
        continue
      }
      add(" ")
      add(given: reason)
      if index + 1 < keys.count { add(", ") }
    }
  }

  // MARK: Strategy

  /// Steps 1 and 2 of the manual's tree: the gain over the baseline, and Sortino.
  private mutating func writeLevel() {
    let sortino = evidence.decimal(.sortino)
    if let points = deltaPoints {
      writeGain(points)
      if let sortino {
        add(has(.executionMismatch) ? ", but Sortino is " : ", and Sortino is ")
        add(sortino)
      }
    } else if let sortino {
      beginClause("Sortino is ")
      add(sortino)
    }
    if evidence.hasNoTrades { beginClause("n_trades is 0, so Sortino and the exit shares do not count") }
  }

  private mutating func writeGain(_ points: ExactDecimal) {
    guard let f1 = evidence.decimal(.f1Buy), let baseline = evidence.decimal(.baselineF1Buy) else { return }
    beginClause("f1_buy ")
    if points > .zero {
      add(f1, " beats the baseline ")
      add(baseline, has(.mlMarginal) ? " by only " : " by ")
      add(points, " pts")
      return
    }
    if points == .zero {
      add(f1, " only equals the baseline ")
    } else {
      add(f1, " is ")
      add(.zero - points, " pts below the baseline ")
    }
    add(baseline)
    if let buyRate = evidence.decimal(.buyRate) {
      add(" (buy_rate ")
      add(buyRate, ")")
    }
  }

  private mutating func writeScreeningGap() {
    guard let gap = evidence.screeningGap, let screening = evidence.decimal(.screeningF1Buy),
      let lastFold = evidence.decimal(.lastFoldF1Buy)
    else { return }
    beginClause("screening_f1_buy ")
    add(screening, " is ")
    add(gap.shifted(by: 2), " pts above last_fold_f1_buy ")
    add(lastFold)
  }

  private mutating func writeInstability() {
    guard let rule = table.rules.first(where: { $0.code == .mlUnstable }) else { return }
    beginClause()
    addComparison(rule.condition, holds: true)
  }

  /// Step 3 of the manual's tree: what the exits say.
  private mutating func writeExits() {
    let takeProfit = evidence.decimal(.tpPct)
    let stopLoss = evidence.decimal(.slPct)
    let timeout = evidence.decimal(.timeoutPct)
    if let stopLoss, has(.slTooTight) {
      beginClause()
      add(stopLoss, " % of exits hit the stop-loss")
    }
    if let takeProfit, has(.tpTooAmbitious) {
      beginClause("only ")
      add(takeProfit, " % of exits reach the take-profit")
    }
    if let timeout, has(.horizonTooShort) {
      beginClause()
      add(timeout, " % of exits time out")
    }
    guard has(.executionMismatch), !has(.slTooTight), !has(.tpTooAmbitious), !has(.horizonTooShort),
      let takeProfit, let stopLoss, let timeout
    else { return }
    beginClause("the exits do not explain it (tp_pct ")
    add(takeProfit, ", sl_pct ")
    add(stopLoss, ", timeout_pct ")
    add(timeout, ")")
  }

  // MARK: What is unknown

  /// The entries of `not_evaluated`, with a reason for each of their inputs.
  private mutating func writeNotEvaluated() {
    var written = 0
    for index in buffers.findings.indices where written < notEvaluated.count {
      guard case .notEvaluable(let lacks) = buffers.findings[index] else { continue }
      let entry = notEvaluated[written].rule
      guard table.rules[index].entry == entry else { continue }
      if written == 0 { beginClause("not evaluated: ") } else { add(", ") }
      add(given: entry)
      add(" (")
      addWithReasons(table.rules[index].inputs.filter(lacks.contains))
      add(")")
      written += 1
    }
  }
}

import Diagnosis
import LogModel

/// What to do now for a crypto: the step of its last run's diagnosis, and the golden signals that are out of their bounds for it.
public struct CryptoStep: Sendable {
  /// The crypto's row of `diagnostics.next_step_v1`.
  public let row: StoredRow
  /// The crypto's golden signals that are critical, and its golden signals that warn, in the order of the taxonomy.
  public let critical, warning: [SignalReading]
  /// The crypto's useful strategies of its last run (rows of `diagnostics.verdict_v1`), the highest Sortino first.
  public let useful: [StoredRow]

  init(_ row: StoredRow, _ signals: [SignalReading], useful: [StoredRow]) {
    self.row = row
    self.useful = useful.filter { strategy in
      ["crypto", "dag_id", "run_id"].allSatisfy { strategy.text($0) == row.text($0) }
    }
    let own = signals.filter { $0.scope == row.text("crypto") }
    critical = own.filter { $0.status == "critical" }
    warning = own.filter { $0.status == "warning" }
  }

  /// The crypto.
  public var crypto: String { row.text("crypto") ?? "?" }
  /// The diagnosis of its last run; nil where there is none.
  public var code: String? { row.text("primary_code") }
  /// In how many runs in a row, 0 without a run.
  public var runsInARow: Int { row.text("runs_in_a_row").flatMap { Int($0) } ?? 0 }

  /// Whether the exit criterion of the diagnosis is reached, so that the incident is over (manual, section 9): what the playbook names
  /// is an offer then.
  public var isOver: Bool { row.text("met") == "true" }

  /// The criterion with what is known of it: `sortino > 0: not reached`. Nil where the manual names none.
  public var exit: String? {
    row.text("exit_criterion").map { criterion in
      let criterion = criterion + Self.points(in: criterion)
      return switch row.text("met") {
      case "true": "\(criterion): reached, the incident is over"
      case "false": "\(criterion): not reached"
      default: "\(criterion): unknown"
      }
    }
  }

  /// ` (15 pts)` for `delta > 0.15`: figures of delta are given in points. Empty for a criterion of anything else.
  private static func points(in criterion: String) -> String {
    let words = criterion.split(separator: " ").map(String.init)
    guard words.count == 3, words[0] == "delta", let bound = ExactDecimal(stored: words[2]) else { return "" }
    return " (\(bound.shifted(by: 2)) pts)"
  }

  /// The step. What is critical goes before a diagnosis that asks for little, and beside a useful strategy it is said that the diagnosis is of
  /// the whole run. An incident that is over is escalated to nobody.
  public var text: String {
    var step = row.text("next_step") ?? ""
    if isOver, let rule = code.flatMap(DiagnosisCode.init).flatMap({ Taxonomy.current[$0] }),
      let escalation = rule.escalation
    {
      step = step.replacing(" " + escalation, with: "")
    }
    guard !critical.isEmpty || !useful.isEmpty else { return step }
    let first = critical.isEmpty ? "" : "See to what is critical first. "
    let of = useful.isEmpty ? "Of the diagnosis" : "Of the diagnosis, which is of all strategies of the run"
    return step.isEmpty ? first : first + "\(of): \(step)"
  }
}

extension SignalReading {
  /// `sortino -0.5`, with the number cut to four places.
  public var shown: String {
    signal + (value.map { " \(ShownNumber.fourPlaces($0))" } ?? "")
      + (unit.isEmpty || value == nil ? "" : " \(unit)")
  }
}

extension Supervision {
  /// What to do now for cryptos, all of one snapshot.
  /// - Parameter cryptos: The cryptos; none for all.
  /// - Returns: What is escalated first, then what has a diagnosis.
  /// - Throws: What stopped it.
  public func nextSteps(of cryptos: [String]) throws(DatabaseError) -> [CryptoStep] {
    try report(at: nil) { (report) throws(DatabaseError) in try nextSteps(of: cryptos, report.signals) }
  }

  /// The same within ``report(at:reading:)`` of now.
  /// - Parameters:
  ///   - cryptos: The cryptos; none for all.
  ///   - signals: The signals of the report.
  /// - Returns: The steps.
  /// - Throws: What stopped it.
  public func nextSteps(
    of cryptos: [String], _ signals: [SignalReading]
  ) throws(DatabaseError) -> [CryptoStep] {
    var question = StoredQuestion()
    question.verdict.cryptos = cryptos
    let reader = ListReader(connection)
    let rows = try reader.rows(.nextSteps, question)
    question.verdict.runIDs = Self.names("run_id", in: rows)
    question.verdict.dagIDs = Self.names("dag_id", in: rows)
    question.verdict.isUseful = true
    question.sort = ("sortino", true)
    // Without a run there is nothing to ask for, and no name would ask for everything.
    let useful = question.verdict.runIDs.isEmpty ? [] : try reader.rows(.verdicts, question)
    return rows.map { CryptoStep($0, signals, useful: useful) }
  }

  private static func names(_ name: String, in rows: [StoredRow]) -> [String] {
    Set(rows.compactMap { $0.text(name) }).sorted()
  }
}

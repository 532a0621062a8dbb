import Diagnosis

/// What to do now for a crypto: the step of its last run's diagnosis, and the golden signals that are out of their bounds for it.
public struct CryptoStep: Sendable {
  /// The crypto's row of `diagnostics.next_step_v1`.
  public let row: StoredRow
  /// The crypto's golden signals that are critical, and its golden signals that warn, in the order of the taxonomy.
  public let critical, warning: [SignalReading]

  init(_ row: StoredRow, _ signals: [SignalReading]) {
    self.row = row
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
      switch row.text("met") {
      case "true": "\(criterion): reached, the incident is over"
      case "false": "\(criterion): not reached"
      default: "\(criterion): unknown"
      }
    }
  }

  /// The step. What is critical goes before a diagnosis that asks for little.
  public var text: String {
    let step = row.text("next_step") ?? ""
    guard !critical.isEmpty else { return step }
    return "See to what is critical first." + (step.isEmpty ? "" : " Of the diagnosis: \(step)")
  }
}

extension SignalReading {
  /// `sortino -0.5`, with the number as it is.
  public var shown: String {
    signal + (value.map { " \($0)" } ?? "") + (unit.isEmpty || value == nil ? "" : " \(unit)")
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
    return try ListReader(connection).rows(.nextSteps, question).map { CryptoStep($0, signals) }
  }
}

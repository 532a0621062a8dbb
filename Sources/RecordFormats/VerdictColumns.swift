import Diagnosis
import LogModel

extension ClassifiedRecord: ListedRow {
  /// The text of a value of the record or its verdict, by the name that `diagnostics.verdict_v1` has for it.
  public func text(_ name: String) -> String? {
    if let key = FieldKey(name: name == "logged_group" ? "group" : name) {
      return record[key].map(Self.text)
    }
    switch name {
    case "observed_at": return observedAt?.description
    case "dag_id": return identity?.dagID
    case "run_id": return identity?.runID
    case "task_id": return identity?.taskID
    case "map_index": return identity?.mapIndex.map(String.init)
    case "try_number": return identity.map { String($0.tryNumber) }
    case "block": return String(record.block)
    case "line": return String(record.line)
    case "source": return source
    case "block_end": return record.end.rawValue
    case "delta_points": return verdict.deltaPoints?.description
    case "screening_gap": return record.screeningGap?.description
    case "gates_passed": return record.passedAllGates.map { String($0) }
    case "primary_code": return verdict.primary?.rawValue
    case "findings": return verdict.findings.map(\.rawValue).joined(separator: " ")
    case "certainty": return verdict.certainty.rawValue
    case "severity": return verdict.severity.rawValue
    case "ml": return verdict.ml.text
    case "execution": return verdict.execution.text
    case "infra": return verdict.infra.text
    case "useful": return String(record.isUseful(under: verdict))
    case "issue_count": return String(record.issues.count)
    case "explanation": return verdict.explanation
    case "taxonomy_version": return String(verdict.taxonomyVersion)
    case "gates": return record.gateList?.jsonText
    case "lacking": return VerdictColumns.lacking(in: verdict.explanation).joined(separator: "; ")
    default: return nil
    }
  }

  private static func text(_ value: FieldValue) -> String {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    case .decimal(let number): number.description
    case .boolean(let flag): String(flag)
    }
  }
}

/// The columns of a table of verdicts, the same for logs and for the database.
public enum VerdictColumns {
  /// The columns in their order.
  public static let all: [TableColumn] = [
    TableColumn("CRYPTO", "crypto", width: 9, priority: 0, upTo: 12),
    TableColumn("HZN", "horizon", width: 3, priority: 1),
    TableColumn("SL", "sl", width: 4, priority: 7, isNumeric: true),
    TableColumn("TP", "tp", width: 4, priority: 7, isNumeric: true),
    TableColumn("FOLD", "fold", width: 4, priority: 8, isNumeric: true),
    TableColumn("F1", "f1_buy", width: 6, priority: 5, isNumeric: true),
    TableColumn("BASE", "baseline_f1_buy", width: 6, priority: 6, isNumeric: true),
    TableColumn("DELTA", "delta_points", width: 6, priority: 2, isNumeric: true),
    TableColumn("SORTINO", "sortino", width: 7, priority: 2, isNumeric: true),
    TableColumn("TP%", "tp_pct", width: 5, priority: 9, isNumeric: true),
    TableColumn("SL%", "sl_pct", width: 5, priority: 9, isNumeric: true),
    TableColumn("TO%", "timeout_pct", width: 5, priority: 9, isNumeric: true),
    TableColumn("GATES", width: 5, priority: 3, isNumeric: true) { row, _ in gates(row) },
    TableColumn("SEV", "severity", width: 4, priority: 0),
    TableColumn("VERDICT", width: 19, priority: 0, sortedBy: "primary_code") { row, _ in verdict(row) },
    // The longest finding, and beside it cryptos of twelve letters in 80 columns; with the room of a baseline, beside which delta tells the
    // same, a failed gate too.
    TableColumn("ALSO", width: 17, priority: 0, ample: (width: 30, priority: 5), upTo: 40, value: also),
    TableColumn("ISSUES", "issue_count", width: 6, priority: 10, isNumeric: true),
    TableColumn("AT", width: 12, priority: 4, upTo: 50, excess: .keepEnd, sortedBy: "source", value: at),
  ]

  /// The names by which verdicts of logs are sorted: every field, and what is known of the record besides.
  public static let sortKeys: [String] =
    [
      "observed_at", "dag_id", "run_id", "task_id", "map_index", "try_number", "source", "block", "line",
      "block_end", "primary_code", "severity", "certainty", "ml", "execution", "infra", "useful",
      "delta_points", "screening_gap", "gates_passed", "issue_count", "explanation", "taxonomy_version",
    ] + FieldKey.allCases.map { $0 == .group ? "logged_group" : $0.name }

  /// Whether ALSO says of a row that it is useful, or why it is not.
  static func tellsUseful(_ row: any ListedRow) -> Bool {
    row.text("useful") == "true" || obstacle(of: row) != nil
  }

  /// The select-graphic-rendition code of a severity; nil for what needs no attention.
  public static func color(of severity: String?) -> String? {
    switch severity {
    case "P0": "1;31"
    case "P1": "31"
    case "P2": "33"
    default: nil
    }
  }

  /// Whether a row's verdict is shown with a `?`.
  static func isProvisional(_ row: any ListedRow) -> Bool {
    row.text("certainty") == Certainty.provisional.rawValue
  }

  private static func verdict(_ row: any ListedRow) -> String {
    guard row.text("certainty") != Certainty.unclassified.rawValue else { return "unclassified" }
    let verdict = row.text("primary_code") ?? "all clear"
    return isProvisional(row) ? verdict + "?" : verdict
  }

  /// The findings beside the primary, and what else makes the severity: without them `P2 ML_EXPLOITABLE` would not say why it is P2. Then
  /// whether the strategy is useful, or why a good one is not. Of an unclassified record what it lacks.
  @Sendable private static func also(_ row: any ListedRow, _ room: Int?) -> String {
    if row.text("certainty") == Certainty.unclassified.rawValue { return reasons(row) }
    let findings = (row.text("findings") ?? "").split(separator: " ").map(String.init)
    var parts = findings.filter { $0 != row.text("primary_code") }
    let severity = row.text("severity").flatMap(Severity.init)
    let ofFindings = findings.compactMap(DiagnosisCode.init).compactMap {
      Taxonomy.current[$0]?.severity.worst
    }.max()
    if let severity, severity > ofFindings ?? .none { parts.append("sortino<0") }
    if row.text("useful") == "true" { parts.append("useful") }
    parts += (obstacle(of: row)?.words ?? []).filter { !parts.contains($0) }
    guard !parts.isEmpty else { return "-" }
    guard let room else { return parts.joined(separator: " ") }
    // What does not fit is counted.
    for shown in stride(from: parts.count, through: 1, by: -1) {
      let more = parts.count - shown
      let text = parts.prefix(shown).joined(separator: " ") + (more > 0 ? " +\(more)" : "")
      if DisplayWidth.of(text) <= room { return text }
    }
    return "+\(parts.count)"
  }

  /// Why a strategy is not useful whose primary says nothing against it. Another primary speaks for itself.
  private static func obstacle(of row: any ListedRow) -> Obstacle? {
    guard let primary = row.text("primary_code").flatMap(DiagnosisCode.init),
      DiagnosisCode.ofGoodSignal.contains(primary)
    else { return nil }
    return Obstacle(row)
  }

  /// What an unclassified record lacks, each once.
  private static func reasons(_ row: any ListedRow) -> String {
    let lacking = lacking(in: row.text("explanation") ?? "")
    return lacking.isEmpty ? noRule : lacking.joined(separator: ", ")
  }

  /// What is said of an unclassified record that no rule is for.
  static let noRule = "no rule applies"

  /// What the rules lacked that could not be evaluated, and why: `baseline_f1_buy absent`. Each once, in order.
  ///
  /// The explanation has the reason of every input, `not_evaluated` that of the first one of each rule; the database has both too.
  static func lacking(in explanation: String) -> [String] {
    let rules = explanation.split(separator: "not evaluated: ", maxSplits: 1).dropFirst().first ?? ""
    return Set(
      rules.split(separator: "(").dropFirst().compactMap { $0.split(separator: ")").first.map(String.init) }
    )
    .sorted()
  }

  /// How many of the gates were passed: `2/3`.
  private static func gates(_ row: any ListedRow) -> String {
    RowGates(row).map { "\($0.passed)/\($0.count)" } ?? "-"
  }

  /// The place: the whole name of the source, or where that would be too long the task's, of which beginning and end are kept.
  @Sendable private static func at(_ row: any ListedRow, _ room: Int?) -> String {
    let line = row.text("line") ?? "?"
    let source = row.text("source") ?? "?"
    guard let room, let task = row.text("task_id") else { return "\(source):\(line)" }
    let end = "\(row.text("map_index").map { "[\($0)]" } ?? ""):\(line)"
    return DisplayWidth.ends(of: PrintableText.escaped(task), in: max(3, room - DisplayWidth.of(end))) + end
  }
}

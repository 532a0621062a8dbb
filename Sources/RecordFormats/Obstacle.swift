public import Diagnosis

/// Why a strategy whose signal is good is not useful (3-classification, Useful and best strategies): the first reason, from the values of a row,
/// so that logs and the database have the same.
public enum Obstacle: Sendable, Hashable {
  /// A finding beside the good signal: ML_UNSTABLE or SCREENING_OVERFIT.
  case finding(DiagnosisCode)
  /// It is of the screening.
  case screening
  /// These gates were failed.
  case gates([String])
  /// No gates were logged, and Sortino is negative.
  case negativeSortino
  /// No gates were logged, and Sortino is not known.
  case unknownSortino
  /// Its block is cut or damaged, or its gates could not be read.
  case doubtful

  /// The reason of a row; nil where it is useful, or has no good signal.
  public init?(_ row: any ListedRow) {
    guard row.text("useful") != "true" else { return nil }
    let findings = (row.text("findings") ?? "").split(separator: " ").compactMap {
      DiagnosisCode(rawValue: String($0))
    }
    guard findings.contains(where: DiagnosisCode.ofGoodSignal.contains) else { return nil }
    if let finding = findings.first(where: DiagnosisCode.againstGoodSignal.contains) {
      self = .finding(finding)
    } else if row.text("phase") == "screening" {
      self = .screening
    } else if row.text("gates_passed") == "false" {
      self = .gates(RowGates(row)?.failed ?? [])
    } else if row.text("gates_passed") == "true" {
      self = .doubtful
    } else if let sortino = row.text("sortino"), row.text("n_trades") != "0" {
      self = sortino.hasPrefix("-") ? .negativeSortino : .doubtful
    } else {
      self = .unknownSortino
    }
  }

  /// The names of the reasons other than findings, for counts and for `explain`.
  public static let names = ["screening", "gates", "sortino<0", "sortino absent", "doubtful"]

  /// The name by which the reason is counted.
  public var name: String {
    switch self {
    case .finding(let code): code.rawValue
    case .screening: "screening"
    case .gates: "gates"
    case .negativeSortino: "sortino<0"
    case .unknownSortino: "sortino absent"
    case .doubtful: "doubtful"
    }
  }

  /// The words for the row's cell: each gate that was failed, as the block has it (`sortino:fail`).
  var words: [String] {
    if case .gates(let names) = self, !names.isEmpty { names.map { $0 + ":fail" } } else { [name] }
  }
}

public import DiagnosticWriter
import LogModel
public import RecordFormats

extension StoredRow: ListedRow {}

extension StoredList {
  /// The values for formats that programs read.
  var rowValues: [RowValue] {
    values.map { value in
      switch value.kind {
      case .text, .time: RowValue(value.name, .text)
      case .number: RowValue(value.name, .number)
      case .json: RowValue(value.name, .json)
      case .words: RowValue(value.name, .words)
      }
    }
  }
}

/// The columns of the tables of `runs`, `logs` and `issues`; those of verdicts are ``VerdictColumns``.
enum ListColumns {
  static let runs: [TableColumn] = [
    minute("STARTED", "started_at", priority: 1),
    TableColumn("DAG", "dag_id", width: 17, priority: 3, upTo: 40),
    TableColumn("RUN", "run_id", width: 20, priority: 0, upTo: 60, excess: .keepEnds),
    TableColumn(crypto, "crypto", width: 9, priority: 0),
    TableColumn("STATE", "state", width: 7, priority: 0),
    TableColumn("RECORDS", "records", width: 7, priority: 5, isNumeric: true),
    TableColumn("PASSED", width: 7, priority: 2, isNumeric: true, sortedBy: "passed") { row, _ in
      "\(row.text("passed") ?? "?")/\(row.text("candidates") ?? "?")"
    },
    TableColumn("USEFUL", "useful", width: 6, priority: 5, isNumeric: true),
    TableColumn("SEV", "severity", width: 4, priority: 0),
    TableColumn("DIAGNOSIS", "primary_code", width: 18, priority: 0),
  ]

  /// Those of whole runs, which are of no crypto.
  static let wholeRuns = runs.filter { $0.title != crypto }
  private static let crypto = "CRYPTO"

  static let logs: [TableColumn] = [
    TableColumn("STATUS", "status", width: 9, priority: 0),
    minute("READ", "ingested_at", priority: 3),
    TableColumn("SIZE", width: 9, priority: 2, isNumeric: true, sortedBy: "size_bytes") { row, _ in
      row.text("size_bytes").flatMap { Double($0) }.map(Amount.size) ?? "-"
    },
    TableColumn("BLOCKS", "blocks", width: 6, priority: 0, isNumeric: true),
    TableColumn("ISSUES", "issues", width: 6, priority: 2, isNumeric: true),
    TableColumn("TASK", width: 14, priority: 1, upTo: 40, excess: .keepEnds, sortedBy: "task_id") { row, _ in
      task(row) ?? "none"
    },
    TableColumn("LOCATION", "location", width: 24, priority: 0, upTo: 120, excess: .keepEnd),
    // The error begins with the location, which stands beside it.
    TableColumn("ERROR", width: 16, priority: 1, upTo: 60, sortedBy: "error") { row, _ in
      guard let error = row.text("error") else { return "-" }
      let place = (row.text("location") ?? "") + ": "
      return error.hasPrefix(place) ? String(error.dropFirst(place.count)) : error
    },
  ]

  static let issues: [TableColumn] = [
    minute("OBSERVED", "observed_at", priority: 3),
    TableColumn("KIND", "kind", width: 19, priority: 0),
    TableColumn("KEY", "key", width: 17, priority: 0),
    TableColumn("RAW", "raw", width: 16, priority: 1, upTo: 60),
    TableColumn("RUN", "run_id", width: 20, priority: 4, upTo: 40, excess: .keepEnds),
    TableColumn("AT", width: 16, priority: 0, upTo: 50, excess: .keepEnds, sortedBy: "source") { row, room in
      let name = room == nil ? nil : task(row)
      return (name ?? row.text("source") ?? "?") + (row.text("line").map { ":\($0)" } ?? "")
    },
  ]

  /// What is said below a table of runs of which one does not tell how many candidates it had, or how many passed.
  static let legendOfPassed =
    "? in PASSED: no block tells it, or a log was not read to its end (corrparse explain PASSED)"

  /// The values that `runs`, `logs` and `issues` are counted by, as the words of a summary.
  static let words = ["primary_code": "code", "dag_id": "dag"]

  private static func task(_ row: any ListedRow) -> String? {
    row.text("task_id").map { task in task + (row.text("map_index").map { "[\($0)]" } ?? "") }
  }

  /// A time to the minute; formats that programs read have all of it.
  private static func minute(_ title: String, _ name: String, priority: Int) -> TableColumn {
    TableColumn(title, width: 16, priority: priority) { row, _ in
      row.text(name).map { String($0.prefix(16)).replacing("T", with: " ") } ?? "-"
    }
  }
}

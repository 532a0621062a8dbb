import DiagnosticWriter
import Ingest
import LogInput
import LogModel
import RecordFormats
import Synchronization

/// What `parse --issues` prints in place of records: the issues of blocks and logs, and the logs that are not whole.
final class IssueListing: Sendable {
  private let printer: RowPrinter
  private let tally = Mutex(RowTally(by: ["kind", "key"]))

  init(_ format: RecordFormat, _ style: RecordStyle) {
    printer = RowPrinter(
      format, style, values: StoredList.issues.rowValues, columns: ListColumns.issues)
  }

  /// Appends what stands before the first issue.
  func appendHead(to bytes: inout [UInt8]) { printer.appendHead(to: &bytes) }

  /// Appends the issues of a record.
  func append(_ item: ClassifiedRecord, to bytes: inout [UInt8]) {
    for issue in item.record.issues {
      append(
        IssueRow(item.source, item.identity, issue, time: item.observedAt, block: item.record.block),
        to: &bytes)
    }
  }

  /// Appends the issues of a log, and how its reading ended where it was not whole.
  func append(_ scan: LogScan, of source: String, _ identity: TaskIdentity?, to bytes: inout [UInt8]) {
    for issue in scan.issues {
      append(IssueRow(source, identity, issue, time: nil, block: issue.block), to: &bytes)
    }
    switch scan.status {
    case .complete, .growing: break
    case .truncated, .corrupt, .failed:
      append(
        IssueRow(source, identity, kind: scan.status.rawValue, raw: scan.reading.error.map(\.description)),
        to: &bytes)
    }
  }

  /// Appends an input that could not be looked at.
  func append(_ error: InputError, to bytes: inout [UInt8]) {
    append(IssueRow("-", nil, kind: LogStatus.failed.rawValue, raw: error.description), to: &bytes)
  }

  /// The rows of a summary.
  var summary: [SummaryRow] { tally.withLock { $0.rows } }

  /// The line of totals, and what there is no room for.
  var ending: [String] {
    [tally.withLock { $0.totals("issue", by: ["kind"]) }] + ListEnd.leftOut(printer.leftOut)
  }

  private func append(_ row: IssueRow, to bytes: inout [UInt8]) {
    tally.withLock { tally in
      tally.add([("kind", row.kind)] + (row.key.map { [("key", $0)] } ?? []))
    }
    printer.append(row, to: &bytes)
  }
}

/// An issue, by the names that `diagnostics.issue_v1` has.
private struct IssueRow: ListedRow {
  let kind: String
  let key: String?
  private let source: String
  private let identity: TaskIdentity?
  private let time: LogTime?
  private let block: Int?
  private let line: Int?
  private let offset: Int?
  private let raw: String?

  init(_ source: String, _ identity: TaskIdentity?, _ issue: GrammarIssue, time: LogTime?, block: Int?) {
    (self.source, self.identity, self.time, self.block) = (source, identity, time, block)
    (kind, key, raw) = (issue.kind.rawValue, issue.key, issue.raw)
    (line, offset) = (issue.line, issue.offset)
  }

  init(_ source: String, _ identity: TaskIdentity?, kind: String, raw: String?) {
    (self.source, self.identity, self.kind, self.raw) = (source, identity, kind, raw)
    (key, time, block, line, offset) = (nil, nil, nil, nil, nil)
  }

  func text(_ name: String) -> String? {
    switch name {
    case "observed_at": time?.description
    case "kind": kind
    case "key": key
    case "dag_id": identity?.dagID
    case "run_id": identity?.runID
    case "task_id": identity?.taskID
    case "map_index": identity?.mapIndex.map(String.init)
    case "try_number": identity.map { String($0.tryNumber) }
    case "block": block.map { String($0) }
    case "line": line.map { String($0) }
    case "byte_offset": offset.map { String($0) }
    case "source": source
    case "raw": raw
    default: nil
    }
  }
}

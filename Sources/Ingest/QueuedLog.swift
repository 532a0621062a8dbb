public import DiagnosticWriter
import LogInput
public import LogModel

/// Why a log is read, or not. Raw values are what `--dry-run` prints.
public enum ReadReason: String, Sendable, Hashable {
  /// The ledger does not know its location.
  case new
  /// It has another size, modification time or entity tag than the ledger says.
  case changed
  /// Its task may have written more.
  case growing
  /// It was damaged, or had blocks that could not be stored, and has not changed.
  case damaged
  /// It is unchanged, but everything is to be read.
  case forced
  /// It is as the ledger says: not to be opened.
  case unchanged

  /// The reason for a log, from what the ledger says of it.
  init(_ entry: LedgerEntry?, _ state: LogState, settings: IngestSettings) {
    guard let entry else {
      self = .new
      return
    }
    if entry.status == .growing {
      self = .growing
    } else if !entry.isUnchanged(state) {
      self = .changed
    } else if settings.isForced {
      self = .forced
    } else if settings.retriesFailed, entry.isBad {
      self = .damaged
    } else {
      self = .unchanged
    }
  }
}

extension LedgerEntry {
  /// Whether the log could not be read or stored whole.
  var isBad: Bool {
    switch status {
    case .truncated, .corrupt, .failed: true
    case .complete, .growing: hasError
    }
  }
}

/// A log on its way to a worker.
public struct QueuedLog: Sendable, Hashable {
  /// Where it is read from.
  public var place: LogPlace
  /// Which log it is.
  public var description: LogDescription
  /// Its size in bytes when it was found; 0 where that is not known.
  public var size: Int64
  /// Its modification when it was found; nil for a pipe and for what could not be looked at.
  public var modified: LogTime?
  /// The version of an object's content when it was found.
  public var entityTag: String?
  /// Why it is read, or not.
  public var reason = ReadReason.new
  /// Whether the ledger says that it could not be read or stored whole.
  public var wasBad = false
}

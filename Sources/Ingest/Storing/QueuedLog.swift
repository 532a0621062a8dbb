public import DiagnosticWriter
import LogInput
import LogModel

/// Why a log is read, or not. Raw values are what `--dry-run` prints.
public enum ReadReason: String, Sendable, Hashable {
  /// The ledger does not know its location.
  case new
  /// It has another size, modification time or entity tag than the ledger says.
  case changed
  /// Its task may have written more.
  case growing
  /// It was damaged, or had blocks that could not be stored, and has not changed; or reading it failed when it was read
  /// by an earlier version, which took that for damage.
  case damaged
  /// It is unchanged, but everything is to be read.
  case forced
  /// It is as the ledger says: not to be opened.
  case unchanged
  /// It is an object in an archive, which is not to be asked for.
  case archived

  /// The reason for a log, from what the ledger says of it.
  init(_ entry: LedgerEntry?, _ state: LogState, settings: IngestSettings, now: LogTime) {
    guard let entry else {
      self = .new
      return
    }
    let isSame = entry.hasContent(of: state)
    // Nothing is appended to an object: one with the same entity tag has nothing new. It is read once more when its task
    // has had its time, to be complete from then on.
    let isSameObject = isSame && state.entityTag != nil && !Settling.isOver(since: state.modified, at: now)
    if entry.status == .growing, !isSameObject {
      self = .growing
    } else if !isSame {
      self = .changed
    } else if settings.isForced {
      self = .forced
    } else if settings.retriesFailed && entry.isBad || entry.wasNotRead {
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

/// How long a plain log whose task has no outcome may still grow (2-log-envelopes, Growing logs).
enum Settling {
  private static let microseconds: Int64 = 24 * 3600 * 1_000_000

  /// Whether a log that was last modified at a time is as it stays.
  static func isOver(since modified: LogTime, at now: LogTime) -> Bool {
    now.microseconds - modified.microseconds >= microseconds
  }
}

/// A log on its way to a worker: what was found, and what the ledger says of it.
public struct QueuedLog: Sendable, Hashable {
  /// What was found.
  public let listed: ListedLog
  /// Which log it is.
  public var description: LogDescription
  /// The task attempt that its path or its flags name.
  public let given: GivenTask?
  /// Why it is read, or not.
  public var reason = ReadReason.new
  /// Whether the ledger says that it could not be read or stored whole.
  public var wasBad = false

  /// A log that is new to the ledger.
  init(_ listed: ListedLog) {
    self.listed = listed
    given = listed.given
    description = LogDescription(
      location: listed.location, identity: given?.identity, name: listed.sourceName)
  }
}

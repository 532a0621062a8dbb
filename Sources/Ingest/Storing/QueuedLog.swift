public import DiagnosticWriter
import LogInput
import LogModel

/// The reason why a log is read or not read. `--dry-run` prints the raw values.
public enum ReadReason: String, CaseIterable, Sendable, Hashable {
  /// The ledger does not know its location.
  case new
  /// It has another size, modification time or entity tag than the ledger says.
  case changed
  /// Its task may have written more since it was read.
  case growing
  /// It is unchanged, but it was damaged or had blocks that could not be stored. Earlier versions also took a failed read for damage.
  case damaged
  /// It is unchanged, but headers in it or its task were not found, and the program is told another form of the logs than when it was read.
  case format
  /// It is unchanged, but `--force` reads everything.
  case forced
  /// It is unchanged and is not opened.
  case unchanged
  /// It is unchanged and is not opened, and it was damaged or could not be stored whole when it was read.
  case unmended
  /// It is an archived object and is not asked for.
  case archived

  /// Whether the log is left alone because it has not changed.
  var isOfUnchanged: Bool {
    switch self {
    case .unchanged, .unmended: true
    case .new, .changed, .growing, .damaged, .format, .forced, .archived: false
    }
  }

  /// The reason for a log, by its entry in the ledger.
  init(_ entry: LedgerEntry?, _ state: LogState, settings: IngestSettings, now: LogTime) {
    guard let entry else {
      self = .new
      return
    }
    let isSame = entry.hasContent(of: state)
    // Nobody appends to an object, so that the same entity tag means the same content. The object is read once more when its task can no
    // longer write, so that its status becomes `complete`.
    let isSameObject = isSame && state.entityTag != nil && !Settling.isOver(since: state.modified, at: now)
    if entry.status == .growing, !isSameObject {
      self = .growing
    } else if !isSame {
      self = .changed
    } else if settings.isForced {
      self = .forced
    } else if settings.retriesFailed && entry.isBad || entry.wasNotRead {
      self = .damaged
    } else if entry.hasLostHeaders || entry.isWithoutTask, entry.readWith != settings.readWith {
      self = .format
    } else {
      self = entry.isBad ? .unmended : .unchanged
    }
  }
}

extension LedgerEntry {
  /// Whether the ledger says that the log could not be read or stored whole.
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

  /// Whether a log that was last modified at this time is final.
  static func isOver(since modified: LogTime, at now: LogTime) -> Bool {
    now.microseconds - modified.microseconds >= microseconds
  }
}

/// A log on its way to a worker, with its entry in the ledger.
public struct QueuedLog: Sendable, Hashable {
  /// The log as it was found.
  public let listed: ListedLog
  /// The log's names and task attempt, as the database keeps them.
  public var description: LogDescription
  /// The task attempt that its path or its flags name.
  public let given: GivenTask?
  /// The reason why it is read or not read.
  public var reason = ReadReason.new
  /// Whether the ledger says that it could not be read or stored whole.
  public var wasBad = false
  /// The location that the ledger says is stored in its place, as the two begin differently.
  var conflict: String?
  /// Whether the ledger says that nothing tells its task.
  var wasWithoutTask = false
  /// Whether the ledger says that headers in it were not read.
  var hadUnreadHeaders = false

  /// A log that is new to the ledger.
  init(_ listed: ListedLog) {
    self.listed = listed
    given = listed.given
    description = LogDescription(
      location: listed.location, identity: given?.identity, name: listed.sourceName)
  }
}

public import CorrelationGrammar
public import LogInput

/// How `ingest` and `backfill` go about their logs.
public struct IngestSettings: Sendable {
  /// Read logs again that the ledger says are unchanged.
  public var isForced = false
  /// Read damaged logs again although they have not changed.
  public var retriesFailed = false
  /// Which logs of a folder are wanted; nil takes all.
  public var window: IngestWindow?
  /// Only logs of this DAG.
  public var dagID: String?
  /// The program's version, for the ledger.
  public var programVersion: String
  /// What one log may cost.
  public var readLimits = ReadLimits()
  /// The logs' own format, where `airflow.cfg` has another than the default.
  public var lineFormat: LineFormat?

  /// Settings that read everything the ledger does not know.
  public init(programVersion: String) {
    self.programVersion = programVersion
  }
}

/// The window of a backfill (page 5). There is no watermark: a late or old log is taken whenever it appears.
public struct IngestWindow: Sendable, Hashable {
  /// A log is in the window when the later of its modification time and the time in its run id is not before this.
  public var since: LogTime
  /// … and the time in its run id, else its modification time, is before this; nil for no end.
  public var until: LogTime?

  /// A window.
  public init(since: LogTime, until: LogTime? = nil) {
    self.since = since
    self.until = until
  }

  /// Whether a log with these times is in the window.
  public func contains(modified: LogTime, run: LogTime?) -> Bool {
    guard max(modified, run ?? modified) >= since else { return false }
    guard let until else { return true }
    return (run ?? modified) < until
  }
}

/// A log of the standard input, which has no path to tell what it is.
public struct PipedLog: Sendable, Hashable {
  /// The task attempt, where it was given.
  public var identity: TaskIdentity?
  /// The name given with `--source`, where there is no identity.
  public var name: String

  /// A piped log.
  public init(identity: TaskIdentity?, name: String) {
    self.identity = identity
    self.name = name
  }
}

/// What a run of `ingest` or `backfill` did.
public struct IngestSummary: Sendable, Hashable {
  /// Logs that were read, whatever came of it.
  public var filesRead = 0
  /// Logs that the ledger said are unchanged.
  public var filesSkipped = 0
  /// Logs and folders that could not be read, or were damaged; those that the ledger says so of included.
  public var filesFailed = 0
  /// Headers found, replays included.
  public var blocks = 0
  /// Records inserted or updated.
  public var stored = 0
  /// Records that were there already, or stay because another reading of the source is better.
  public var unchanged = 0
  /// Blocks that stood in their log before.
  public var replayed = 0
  /// Records that went because their blocks did.
  public var deleted = 0
  /// Decompressed bytes.
  public var bytes = 0
  /// How many records have which primary; those without one under `none`.
  public var primaries: [String: Int] = [:]

  /// Nothing done yet.
  public init() {}

  /// Whether every block is accounted for: found = stored + unchanged + replayed.
  public var isBalanced: Bool { blocks == stored + unchanged + replayed }
}

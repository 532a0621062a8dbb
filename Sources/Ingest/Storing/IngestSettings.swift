public import CorrelationGrammar
public import DiagnosticWriter
public import LogInput
public import LogModel

/// How `ingest` and `backfill` go about their logs.
public struct IngestSettings: Sendable {
  /// Read logs again that the ledger says are unchanged.
  public var isForced = false
  /// Read damaged logs again although they have not changed.
  public var retriesFailed = false
  /// Which logs of a folder are wanted; nil takes all.
  public var window: IngestWindow?
  /// Only logs of these DAGs; empty takes all.
  public var dagIDs: Set<String> = []
  /// Only the logs of this part of all; nil takes all.
  public var shard: LogShard?
  /// How many logs are read at once, each with a connection of its own; at least 1.
  public var jobs = 1
  /// How failures of the database that may pass are waited out.
  public var patience = RetryPatience()
  /// Tells this run from all others, for the ledger. Every such number has 19 digits, so that equal logs make sessions of equal length,
  /// which `Tests/Faults` cuts at chosen bytes.
  let run = Int64.random(in: 1_000_000_000_000_000_000...Int64.max)
  /// Logs that are not stored because another location of their task attempt is, which is gone; with that location.
  var endedConflicts: [String: String] = [:]
  /// What the ledger says of logs that failed before; empty where no window leaves out any.
  var failed: [String: LedgerEntry] = [:]
  /// The program's version, for the ledger.
  public var programVersion: String
  /// What one log may cost.
  public var readLimits = ReadLimits()
  /// What one block may cost.
  public var scanLimits = ScanLimits()
  /// The logs' own format, where `airflow.cfg` has another than the default.
  public var lineFormat: LineFormat?
  /// How the paths of logs are laid out, where `airflow.cfg` has another template than the default.
  public var pathTemplate: PathTemplate?
  /// What gzip is inflated through.
  public var inflater = Inflater.fastest

  /// What the run is told of the logs' form, for the ledger.
  var readWith: ReadWith { ReadWith(lineFormat: lineFormat?.text, pathTemplate: pathTemplate?.text) }

  /// Settings that read everything the ledger does not know.
  public init(programVersion: String) {
    self.programVersion = programVersion
  }
}

/// The window of a backfill (5-command-line, Commands). There is no watermark: a late or old log is taken
/// whenever it appears.
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

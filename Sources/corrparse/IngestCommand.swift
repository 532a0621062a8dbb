import ArgumentParser
import CorrelationGrammar
import DiagnosticWriter
import Ingest
import Logging
import SystemPackage

struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Read logs and write records, verdicts, issues and task outcomes to PostgreSQL.",
    discussion: """
      Each log is one transaction; ingesting it again changes nothing.

      Examples:
        corrparse ingest --migrate /opt/airflow/logs
        corrparse ingest 'dag_id=launch__discovery/run_id=…/task_id=test_step/attempt=1.log.gz'
        zcat attempt=1.log.gz | corrparse ingest --stdin --dag-id launch__discovery --run-id r1 \\
          --task-id test_step --try-number 1

      Exit status: 0 done; 65 some input could not be read or was damaged (the rest is stored); 69 database \
      unreachable; 75 try again later; 77 missing rights; 78 schema and program do not fit.
      """)

  @Argument(help: "Files and folders.")
  var paths: [String] = []

  @Flag(help: "Read the log from the standard input.")
  var stdin = false

  @Option(help: "With --stdin: the DAG of the log.")
  var dagId: String?
  @Option(help: "With --stdin: the run.")
  var runId: String?
  @Option(help: "With --stdin: the task.")
  var taskId: String?
  @Option(help: "With --stdin: the attempt, from 1.")
  var tryNumber: Int?
  @Option(help: "With --stdin: the index of a mapped task.")
  var mapIndex: Int?
  @Option(help: "With --stdin: a name for the source where no task is known.")
  var source: String?

  @Flag(help: "Read again what the ledger says is unchanged.")
  var force = false

  @Flag(help: "Bring the schema up to date first.")
  var migrate = false

  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: paths)
    guard stdin else {
      guard !paths.isEmpty else {
        throw ValidationError("name a file or folder, or give --stdin")
      }
      guard dagId == nil, runId == nil, taskId == nil, tryNumber == nil, mapIndex == nil, source == nil else {
        throw ValidationError(
          "--dag-id, --run-id, --task-id, --try-number, --map-index, --source need --stdin")
      }
      return
    }
    guard paths.isEmpty else { throw ValidationError("give either --stdin or paths") }
    guard try identity() != nil || source.map({ !$0.isEmpty }) ?? false else {
      throw ValidationError(
        "a piped log needs --dag-id, --run-id, --task-id and --try-number, or --source NAME")
    }
  }

  func run() throws {
    let logger = logging.makeLogger()
    var settings = IngestSettings(programVersion: Version.program)
    settings.lineFormat = try lineFormat.resolved()
    settings.isForced = force
    let piped = try stdin ? PipedLog(identity: identity(), name: source ?? "") : nil
    try IngestSession.run(settings, database, migrating: migrate, logger) { (run) throws(DatabaseError) in
      if let piped { try run.ingest(piped) }
      for path in paths { try run.ingest(RawArguments.path(path)) }
    }
  }

  private func identity() throws -> TaskIdentity? {
    switch (dagId, runId, taskId, tryNumber) {
    case (nil, nil, nil, nil): return nil
    case (let dagID?, let runID?, let taskID?, let tryNumber?):
      guard !dagID.isEmpty, !runID.isEmpty, !taskID.isEmpty else {
        throw ValidationError("--dag-id, --run-id and --task-id must not be empty")
      }
      guard tryNumber >= 0, mapIndex ?? 0 >= 0 else {
        throw ValidationError("--try-number and --map-index count from 1 and 0")
      }
      return TaskIdentity(
        dagID: dagID, runID: runID, taskID: taskID, mapIndex: mapIndex, tryNumber: tryNumber)
    default:
      throw ValidationError("--dag-id, --run-id, --task-id and --try-number belong together")
    }
  }
}

struct BackfillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backfill",
    abstract: "Ingest everything under the log root from a point in time on.",
    discussion: """
      Logs that the ledger says are unchanged are skipped without being opened, so it can run as often as you like.

      Examples:
        corrparse backfill --since 7d
        corrparse backfill --since 2026-03-01 --until 2026-04-01 --dag launch__discovery --log-root /opt/airflow/logs

      Exit status: as of ingest.
      """)

  @Option(help: "From when on: an ISO date, a timestamp, or an age (7d, 12h).")
  var since: TimeArgument
  @Option(help: "Until when, exclusive.")
  var until: TimeArgument?
  @Option(name: .customLong("dag"), help: "Only logs of this DAG.")
  var dagID: String?
  @Option(help: "The folder with the logs; else CORRPARSE_LOG_ROOT.")
  var logRoot: String?

  @Flag(help: "Read again what the ledger says is unchanged.")
  var force = false
  @Flag(help: "Read again damaged logs that have not changed.")
  var retryFailed = false
  @Flag(help: "Bring the schema up to date first.")
  var migrate = false

  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: [logRoot].compactMap(\.self))
  }

  func run() throws {
    guard let root = logRoot ?? Environment["CORRPARSE_LOG_ROOT"] else {
      throw ValidationError("name the log root with --log-root or CORRPARSE_LOG_ROOT")
    }
    let logger = logging.makeLogger()
    var settings = IngestSettings(programVersion: Version.program)
    settings.lineFormat = try lineFormat.resolved()
    settings.isForced = force
    settings.retriesFailed = retryFailed
    settings.dagID = dagID
    settings.window = IngestWindow(since: since.time, until: until?.time)
    logger.debug(
      "window", metadata: ["since": "\(since.time)", "until": "\(until?.time.description ?? "none")"])
    try IngestSession.run(settings, database, migrating: migrate, logger) { (run) throws(DatabaseError) in
      try run.ingest(RawArguments.path(root))
    }
  }
}

/// What `ingest` and `backfill` have in common: the connection, the summary, the exit status.
private enum IngestSession {
  static func run(
    _ settings: IngestSettings, _ database: DatabaseOptions, migrating: Bool, _ logger: Logger,
    _ body: (inout IngestRun) throws(DatabaseError) -> Void
  ) throws {
    let start = ContinuousClock.now
    var summary = IngestSummary()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try database.connectToSchema(migrating: migrating, logger)
      var run = IngestRun(connection, settings: settings, now: .now, logger: logger)
      defer { summary = run.summary }
      try body(&run)
    }
    Diagnostics.say(text(of: summary, seconds: ContinuousClock.now - start))
    guard summary.isBalanced else {
      Diagnostics.say(
        "\(summary.blocks) blocks were found, but stored, unchanged and replayed ones are another number: "
          + "this is a bug of corrparse, please report it with the log")
      throw ExitStatus.software.exit
    }
    if summary.filesFailed > 0 { throw ExitStatus.damagedInput.exit }
  }

  /// `29 logs read, 0 unchanged, 0 failed; 93 blocks = 93 stored + 0 unchanged + 0 replayed; …`
  private static func text(of summary: IngestSummary, seconds: Duration) -> String {
    let codes = summary.primaries.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }
    return
      "\(summary.filesRead) logs read, \(summary.filesSkipped) unchanged, \(summary.filesFailed) failed; "
      + "\(summary.blocks) blocks = \(summary.stored) stored + \(summary.unchanged) unchanged + "
      + "\(summary.replayed) replayed; \(codes.isEmpty ? "no verdicts" : codes.joined(separator: ", ")); "
      + "\(summary.bytes) bytes in \(milliseconds(seconds)) s"
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    let digits = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}

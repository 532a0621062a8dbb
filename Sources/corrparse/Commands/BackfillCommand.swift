import ArgumentParser
import Ingest
import LogModel
import Logging

struct BackfillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backfill",
    abstract: "Ingest everything under the log root from a point in time on.",
    discussion: """
      Logs that the ledger says are unchanged are skipped without being opened, so it can run as often as you like, be \
      stopped anywhere and run several times at once.

      Examples:
        corrparse backfill --since 7d --dry-run
        corrparse backfill --since 7d
        corrparse backfill --since 2026-03-01 --until 2026-04-01 --dag launch__discovery --log-root /opt/airflow/logs
        corrparse backfill --since 2024-01-01 --shard 0/4
        corrparse backfill --since 7d --log-root s3://airflow-logs/production

      Exit status: as of ingest.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "From when on: an ISO date, a timestamp, or an age (7d, 12h).",
      discussion: "A log counts by the later of its modification time and the time in its run_id."))
  var since: TimeArgument
  @Option(parsing: .unconditional, help: "Until when, exclusive.")
  var until: TimeArgument?
  @Option(name: .customLong("dag"), help: "Only logs of this DAG; give it several times for several DAGs.")
  var dagIDs: [String] = []
  @Option(help: "The folder or bucket (s3://bucket/prefix) with the logs; else CORRPARSE_LOG_ROOT.")
  var logRoot: String?

  @Flag(
    help:
      "Print which logs would be read and why (new, changed, growing, damaged, format, forced), which are unchanged, and which failed and are unchanged since (unmended); read none."
  )
  var dryRun = false
  @Flag(help: "Read again what the ledger says is unchanged.")
  var force = false
  @Flag(help: "Read again damaged logs that have not changed.")
  var retryFailed = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only one of N disjoint parts of all logs, I from 0: N processes with all I share the work.",
      valueName: "i/n"))
  var shard: LogShard?
  @Flag(help: "Bring the schema up to date first.")
  var migrate = false

  @OptionGroup var jobs: JobsOption
  @OptionGroup var retries: RetriesOption
  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var pathTemplate: PathTemplateOption
  @OptionGroup var inflater: InflaterOption
  @OptionGroup var limits: LimitsOption
  @OptionGroup var progress: ProgressOption
  @OptionGroup var metrics: MetricsOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    try BucketArguments.refuse(in: [logRoot].compactMap(\.self))
    if since.isPresent {
      throw ValidationError(
        "--since is an age of nothing, so no log would be read; give how far back to look, such as 2d")
    }
    if let until, until.time < since.time {
      throw ValidationError("--until \(until.time) is before --since \(since.time): the window is empty")
    }
    if dagIDs.contains("") {
      throw ValidationError("--dag must not be empty; without it the logs of every DAG are read")
    }
    if dryRun, metrics.metricsFile != nil || metrics.pushgateway != nil {
      throw ValidationError("--dry-run reads no log, so there are no metrics of it")
    }
    if dryRun, migrate { throw ValidationError("--dry-run changes nothing, and --migrate would") }
  }

  func run() throws {
    if dryRun {
      try plan { session, requests in try session.preview(requests) }
    } else {
      try RunMetrics.telling(metrics, command: "backfill", shard: shard) { metrics in
        try plan { session, requests in try session.run(requests, metrics) }
      }
    }
  }

  private func plan(_ body: (IngestSession, [LogRequest]) throws -> Void) throws {
    guard let root = logRoot ?? Environment["CORRPARSE_LOG_ROOT"] else {
      throw ValidationError("name the log root with --log-root or CORRPARSE_LOG_ROOT")
    }
    try BucketArguments.refuse(in: [root])
    let logger = logging.makeLogger()
    var settings = IngestSettings(programVersion: Version.program)
    settings.lineFormat = try lineFormat.resolved()
    settings.pathTemplate = try pathTemplate.resolved()
    settings.inflater = try inflater.resolved()
    (settings.readLimits, settings.scanLimits) = try limits.resolved()
    settings.isForced = force
    settings.retriesFailed = retryFailed
    settings.dagIDs = Set(dagIDs)
    settings.shard = shard
    settings.patience = try retries.resolved()
    settings.jobs = try jobs.resolved()
    try SystemLimits.require(jobs: settings.jobs)
    settings.window = IngestWindow(since: since.time, until: until?.time)
    logger.debug(
      "window", metadata: ["since": "\(since.time)", "until": "\(until?.time.description ?? "none")"])
    let session = IngestSession(
      settings: settings, database: database, isMigrating: migrate, progress: progress.form, logger: logger)
    var buckets = BucketArguments(patience: settings.patience)
    try body(session, [try buckets.logRoot(root)])
  }
}

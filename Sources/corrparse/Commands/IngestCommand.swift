import ArgumentParser
import Ingest
import LogModel
import Logging

struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Read logs and write records, verdicts, issues and task outcomes to PostgreSQL.",
    discussion: """
      A log is stored whole or not at all; ingesting it again changes nothing.

      Examples:
        corrparse ingest --migrate /opt/airflow/logs
        corrparse ingest 'dag_id=launch__discovery/run_id=…/task_id=test_step/attempt=1.log.gz'
        zcat attempt=1.log.gz | corrparse ingest --stdin --dag-id launch__discovery --run-id r1 \\
          --task-id test_step --try-number 1

      Exit status: 0 done; 65 some log is damaged or not there (the rest is stored); 69 database or bucket unreachable; \
      74 the system failed while logs were listed or read (the rest is stored, the next run reads them); 75 try again \
      later; 77 missing rights, also to read a log; 78 schema and program do not fit; 143 and 130 stopped by SIGTERM and \
      SIGINT.
      """)

  @Argument(help: "Files and folders, objects (s3://bucket/key) and prefixes (s3://bucket/prefix).")
  var paths: [String] = []

  @Flag(help: "Read the log from the standard input.")
  var stdin = false

  @Option(help: "With --stdin: the DAG of the log.")
  var dagId: String?
  @Option(help: "With --stdin: the run.")
  var runId: String?
  @Option(help: "With --stdin: the task.")
  var taskId: String?
  @Option(parsing: .unconditional, help: "With --stdin: the attempt, from 1.")
  var tryNumber: Int?
  @Option(parsing: .unconditional, help: "With --stdin: the index of a mapped task, from 0.")
  var mapIndex: Int?
  @Option(help: "With --stdin: a name for the source where no task is known.")
  var source: String?

  @Flag(help: "Read again what the ledger says is unchanged.")
  var force = false

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
    try BucketArguments.refuse(in: RawArguments.names(paths))
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
    try RunMetrics.telling(metrics, command: "ingest", run)
  }

  private func run(_ metrics: RunMetrics) throws {
    let logger = logging.makeLogger()
    var settings = IngestSettings(programVersion: Version.program)
    settings.lineFormat = try lineFormat.resolved()
    settings.pathTemplate = try pathTemplate.resolved()
    settings.inflater = try inflater.resolved()
    (settings.readLimits, settings.scanLimits) = try limits.resolved()
    settings.isForced = force
    settings.patience = try retries.resolved()
    settings.jobs = try stdin ? 1 : jobs.resolved()
    try SystemLimits.require(jobs: settings.jobs)
    let session = IngestSession(
      settings: settings, database: database, isMigrating: migrate, progress: progress.form, logger: logger)
    if stdin {
      try session.run([.standardInput(PipedLog(identity: identity(), name: source ?? ""))], metrics)
    } else {
      var buckets = BucketArguments(patience: settings.patience)
      try session.run(try RawArguments.names(paths).map { try buckets.ingestRequest($0) }, metrics)
    }
  }

  private func identity() throws -> TaskIdentity? {
    switch (dagId, runId, taskId, tryNumber) {
    case (nil, nil, nil, nil): return nil
    case (let dagID?, let runID?, let taskID?, let tryNumber?):
      guard !dagID.isEmpty, !runID.isEmpty, !taskID.isEmpty else {
        throw ValidationError("--dag-id, --run-id and --task-id must not be empty")
      }
      guard tryNumber >= 1 else { throw ValidationError("--try-number counts from 1") }
      guard mapIndex ?? 0 >= 0 else { throw ValidationError("--map-index counts from 0") }
      return TaskIdentity(
        dagID: dagID, runID: runID, taskID: taskID, mapIndex: mapIndex, tryNumber: tryNumber)
    default:
      throw ValidationError("--dag-id, --run-id, --task-id and --try-number belong together")
    }
  }
}

public import ArgumentParser
import Glibc
import Ingest
import LogInput
import LogModel
public import RecordFormats
import SystemPackage

extension RecordFormat: ExpressibleByArgument {
  /// The format that an argument names, JSON by either of its names.
  public init?(argument: String) {
    guard let format: Self = JSONName.format(argument) else { return nil }
    self = format
  }
}

struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Print the records of logs with their verdicts. No database.",
    discussion: """
      Reads the standard input, or the files and folders named (- is the standard input), gzip or not. Prints a \
      table on a terminal and NDJSON otherwise.

      Examples:
        zcat attempt=1.log.gz | corrparse
        corrparse attempt=1.log.gz other.log
        corrparse parse --format ndjson /opt/airflow/logs | jq .verdict.primary
        tail -f attempt=1.log | corrparse --format table
        corrparse s3://airflow-logs/production/dag_id=launch__discovery/
        corrparse --severity P1,P2 --sort sortino --top 20 --format table /opt/airflow/logs
        corrparse --summary --since 7d /opt/airflow/logs
        corrparse --issues --format table /opt/airflow/logs

      NDJSON has one line a record, and behind the records of a log that has issues of its own, or is not whole, a line \
      {"source":…,"status":…,"issues":[…]} without a record: select(.record) leaves it out.

      --sort keeps the records in memory, with --top only so many. \(ListOptions.helpOfKeys(VerdictColumns.sortKeys))

      Exit status: 0 done, whatever the verdicts; 65 some input is damaged or not there (named on stderr, the rest was \
      processed); 74 the system failed while logs were listed or read, or writing failed; 77 a log may not be read; 69, \
      75, 77, 78 a bucket is unreachable, to be asked later, forbidden, wrongly configured; 64 usage.
      """)

  @Argument(
    help: "Files, folders, objects and prefixes (s3://bucket/…); - or none: the standard input.",
    completion: .file())
  var paths: [String] = []

  @Flag(name: .shortAndLong, help: "Say on stderr what was read and what was passed over.")
  var verbose = false

  @Flag(
    name: .customLong("issues"),
    help:
      "Print issues in place of records: those of the records asked for, those of logs, and logs that are not whole."
  )
  var isIssues = false

  @OptionGroup(title: "Which records") var place: PlaceFilter
  @OptionGroup(title: "Which records") var filter: VerdictFilter
  @OptionGroup(title: "How to print") var list: ListOptions
  @OptionGroup var jobs: ParseJobsOption
  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var pathTemplate: PathTemplateOption
  @OptionGroup var inflater: InflaterOption
  @OptionGroup var limits: LimitsOption

  func validate() throws {
    try BucketArguments.refuse(in: RawArguments.names(paths))
    _ = try list.order(among: VerdictColumns.sortKeys, VerdictColumns.all)
    if isIssues, list.sort != nil || list.top != nil {
      throw ValidationError("--issues prints all in the order of the logs: leave --sort and --top out")
    }
  }

  func run() throws {
    try refuseTerminal()
    var question = try filter.question()
    place.narrow(&question)
    let format = list.resolvedFormat
    let selection = RecordSelection(
      question, order: try list.order(among: VerdictColumns.sortKeys, VerdictColumns.all), top: list.top,
      isSummary: list.isSummary && !isIssues,
      isCounted: format.hasTotals)
    let session = ParseSession(
      printer: RecordPrinter(format, list.style),
      issues: isIssues ? IssueListing(format, list.style) : nil, selection: selection,
      isSummary: list.isSummary,
      isVerbose: verbose, lineFormat: try lineFormat.resolved(),
      pathTemplate: try pathTemplate.resolved(),
      inflater: try inflater.resolved(), limits: try limits.resolved())
    var buckets = BucketArguments(patience: try RetriesOption.ofEnvironment())
    let requests = try (paths.isEmpty ? ["-"] : RawArguments.names(paths)).map {
      try buckets.parseRequest($0)
    }
    let jobs = try jobs.resolved()
    try SystemLimits.require(jobs: jobs)
    do throws(OutputError) {
      try session.run(requests, jobs: jobs)
    } catch {
      switch error {
      case .brokenPipe: return
      case .failed(let errno):
        Diagnostics.say(
          "standard output cannot be written: \(errno.description); records are missing from it")
        throw (ExitStatus.first(of: [session.status, .inputOutput].compactMap(\.self)) ?? .inputOutput).exit
      }
    }
    if let status = session.status { throw status.exit }
  }

  /// Says what to do where there is nothing to read: a program that waits for somebody to type a log looks as if it hung.
  /// - Throws: The program's help without any argument, else a usage error.
  private func refuseTerminal() throws {
    guard paths.isEmpty, isatty(STDIN_FILENO) == 1 else { return }
    if RawArguments.forParser.isEmpty { throw CleanExit.helpRequest(Corrparse.self) }
    throw ValidationError("name a log, or pipe one in; - reads what is typed here")
  }
}

public import ArgumentParser
import Glibc
import Ingest
import LogInput
import LogModel
public import RecordFormats
import SystemPackage

extension RecordFormat: ExpressibleByArgument {}

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

      Exit status: 0 done, whatever the verdicts; 65 some input is damaged or not there (named on stderr, the rest was \
      processed); 74 the system failed while logs were listed or read, or writing failed; 77 a log may not be read; 69, \
      75, 77, 78 a bucket is unreachable, to be asked later, forbidden, wrongly configured; 64 usage.
      """)

  @Argument(
    help: "Files, folders, objects and prefixes (s3://bucket/…); - or none: the standard input.",
    completion: .file())
  var paths: [String] = []

  @Option(help: "How to print records: table, ndjson, csv or markdown.")
  var format: RecordFormat?

  @Flag(
    name: .customLong("csv-safe"),
    help:
      "With --format csv: put ' before a text that a spreadsheet would take for a formula (= + - @, tab, line end)."
  )
  var isSpreadsheetSafe = false

  @Flag(name: .shortAndLong, help: "Say on stderr what was read and what was passed over.")
  var verbose = false

  @OptionGroup var jobs: ParseJobsOption
  @OptionGroup var lineFormat: LineFormatOption
  @OptionGroup var pathTemplate: PathTemplateOption
  @OptionGroup var inflater: InflaterOption
  @OptionGroup var limits: LimitsOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    try BucketArguments.refuse(in: RawArguments.names(paths))
    if isSpreadsheetSafe, format != .csv { throw ValidationError("--csv-safe needs --format csv") }
  }

  func run() throws {
    try refuseTerminal()
    let format = format ?? (StandardOutput.isTerminal ? .table : .ndjson)
    let session = ParseSession(
      format: format, isVerbose: verbose, lineFormat: try lineFormat.resolved(),
      pathTemplate: try pathTemplate.resolved(),
      inflater: try inflater.resolved(), limits: try limits.resolved(),
      style: RecordStyle(isColored: color.isWanted, isSpreadsheetSafe: isSpreadsheetSafe))
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

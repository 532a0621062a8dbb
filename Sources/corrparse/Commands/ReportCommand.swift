import ArgumentParser
import DiagnosticWriter
import HTMLReport
import LogModel

struct ReportCommand: ParsableCommand {
  private static let latestRuns = 25
  private static let mostUseful = 20

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the global state, the signals, verdicts over time and the latest runs as one page.",
    discussion: """
      The page is self-contained: no script, nothing that is loaded, light and dark. It may go into an e-mail or a CI \
      artifact. A role that may only read the views suffices.

      Examples:
        corrparse report --html state.html
        corrparse report --html - --days 90 > state.html
        corrparse report --html state.html --grafana-url https://grafana.example.org

      Exit status: 0 written, whatever the state; 69, 75, 77, 78 as of ingest; 74 the file cannot be written.
      """)

  @Option(help: "The file to write; - for the standard output. It is replaced as a whole, or stays.")
  var html: String
  @Option(
    parsing: .unconditional, help: "As of another time than now: an ISO date, a timestamp, or an age (12h).")
  var at: TimeArgument?
  @Option(parsing: .unconditional, help: "How many days the charts show, 1 to 366.")
  var days = 30

  @Option(help: "Grafana's address, to link runs and the state with their dashboards.")
  var grafanaURL: String?
  @Option(help: "Airflow's address, to link DAGs.")
  var airflowURL: String?
  @Option(help: "MLflow's address, to link it.")
  var mlflowURL: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    try ConnectionStringAsPath.refuse(in: [html])
    guard (1...366).contains(days) else { throw ValidationError("--days is a number from 1 to 366") }
    for (option, url) in [
      ("--grafana-url", grafanaURL), ("--airflow-url", airflowURL), ("--mlflow-url", mlflowURL),
    ] {
      guard url.map(ReportLinks.isUsable) ?? true else {
        throw ValidationError("\(option) is an address that begins with http:// or https://")
      }
    }
  }

  func run() throws {
    var page: [UInt8] = []
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try database.connectForReading(logging.makeLogger())
      let reader = ReportReader(connection)
      page = try Supervision(connection).report(at: at?.time) { (state) throws(DatabaseError) in
        // The charts have whole days, so begin with the first instant of a day.
        let day: Int64 = 86_400_000_000
        let firstDay = (state.at.microseconds / day - Int64(days - 1)) * day
        return HTMLReport(
          state: state, verdicts: try reader.verdicts(from: LogTime(microseconds: firstDay), to: state.at),
          runs: try reader.runs(until: state.at, limit: Self.latestRuns),
          useful: try reader.usefulStrategies(
            from: LogTime(microseconds: state.at.microseconds - day), to: state.at, limit: Self.mostUseful),
          // The next step is of the present; a page of another time has none.
          steps: at == nil ? try Supervision(connection).nextSteps(of: [], state.signals) : nil,
          links: ReportLinks(grafana: grafanaURL, airflow: airflowURL, mlflow: mlflowURL), days: days,
          program: "corrparse \(Version.program)"
        ).bytes
      }
    }
    if html == "-" {
      var output = StandardOutput()
      output.document(page)
      try output.closeOrExit()
    } else if let failure = ReplacedFile(RawArguments.path(html)).replace(page) {
      Diagnostics.say("the page is not written: \(failure)")
      throw ExitStatus.inputOutput.exit
    }
  }
}

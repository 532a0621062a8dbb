import ArgumentParser
import Diagnosis
import DiagnosticWriter
import LogModel

/// How `state` prints.
enum StateFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json

  init?(argument: String) {
    guard let format: Self = JSONName.format(argument) else { return nil }
    self = format
  }
}

struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state",
    abstract: "Say the global state, its conditions with their evidence, and the golden signals.",
    discussion: """
      Examples:
        corrparse state
        corrparse state --at 2026-03-28T06:00:00Z
        corrparse state --format json | jq -r '.reasons[]'

      At an instant of the past, what had happened by then counts, under today's thresholds and universe. Nothing is \
      green by default: what has no data is unknown, and says why. The text format cuts long numbers and the evidence \
      of what is clear; json has everything. A role that may only read the views suffices.

      Exit status: 0 GREEN, 1 YELLOW, 2 ORANGE or RED, 3 UNKNOWN, as monitoring plugins; 64, 69, 70, 74, 75, 77, 78 as \
      of ingest.
      """)

  @Option(
    parsing: .unconditional,
    help: "The instant: a date, a timestamp, or an age such as 12h; now when not given.")
  var at: TimeArgument?

  @Option(help: "How to print: text for people, or json, one object on one line.")
  var format = StateFormat.text

  @OptionGroup var color: ColorOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    var output = StandardOutput()
    var state = GlobalState.unknown
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let report = try Supervision(database.connectForReading(logging.makeLogger())).report(
        at: at?.time)
      state = report.state
      switch format {
      case .text:
        StateText(report, isColored: color.isWanted, width: StandardOutput.width).write(to: &output)
      case .json: StateJSON.write(report, to: &output)
      }
    }
    try output.closeOrExit()
    if let at, at.time > LogTime.now {
      Diagnostics.say(
        "--at \(at.time) is still to come: what is known by now counts, as old as it will be then", .warning)
    }
    let status = Self.status(of: state)
    if status != 0 { throw ExitCode(status) }
  }

  /// The exit status by the convention of monitoring plugins (5-command-line, Exit codes).
  private static func status(of state: GlobalState) -> Int32 {
    switch state {
    case .green: 0
    case .yellow: 1
    case .orange, .red: 2
    case .unknown: 3
    }
  }
}

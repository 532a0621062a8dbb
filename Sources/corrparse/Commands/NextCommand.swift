import ArgumentParser
public import DiagnosticWriter
import LogModel
public import RecordFormats

/// How `next` prints.
enum NextFormat: String, CaseIterable, ExpressibleByArgument {
  case text, ndjson

  init?(argument: String) {
    guard let format: Self = JSONName.format(argument) else { return nil }
    self = format
  }
}

struct NextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "Say what to do now for each crypto, from the diagnosis of its last runs.",
    discussion: """
      The diagnosis of the crypto's last test run, since how many runs in a row, the playbook's step (manual, section 9), \
      whether its exit criterion is reached, and where the manual names one the configuration of the next discovery. \
      After three runs in a row without the exit criterion it says to whom to escalate; a criterion of which it is not \
      known is not reached. Where it is reached, the incident is over, and the step is an offer ("may do"). Golden \
      signals of the crypto that are critical or warn are named, what is critical before the step, and so are the useful \
      strategies of its last run. Nothing is triggered. \
      The values are those of diagnostics.next_step_v1, and signals; a role that may only read the views suffices.

      Examples:
        corrparse next
        corrparse next --crypto SOLUSDC
        corrparse next --format ndjson | jq -c 'select(.configuration) | .configuration'

      Exit status: 0 done, whatever is to be done; 64, 69, 74, 75, 77, 78 as of ingest.
      """)

  @Option(help: "Only of this crypto pair; several with commas between.")
  var crypto: [String] = []
  @Option(help: "How to print: text for people, or ndjson, one object a line for each crypto.")
  var format = NextFormat.text

  @OptionGroup var color: ColorOption
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    let cryptos = try Choice.words(crypto, of: "--crypto")
    let connection = try database.connectForList(asking: cryptos, logging)
    var output = StandardOutput()
    let printer = RowPrinter(
      .ndjson, RecordStyle(),
      values: StoredList.nextSteps.rowValues + [RowValue("signals", .json), RowValue("useful", .json)],
      columns: [])
    let text = NextText(isColored: color.isWanted, width: StandardOutput.width)
    var steps: [CryptoStep] = []
    try reportingDatabaseErrors { () throws(DatabaseError) in
      steps = try Supervision(connection).nextSteps(of: cryptos)
    }
    for step in steps {
      switch format {
      case .text: text.write(step, to: &output)
      case .ndjson:
        var bytes: [UInt8] = []
        printer.append(step, to: &bytes)
        output.document(bytes)
      }
    }
    let count = steps.count
    let configured = steps.count { $0.row.text("configuration") != nil }
    let escalated = steps.count { $0.row.text("escalate_to") != nil }
    if format == .text {
      if let legend = CryptoStep.legend(of: steps) {
        for line in DisplayWidth.lines(legend, in: StandardOutput.width) { output.line(StyledText(line)) }
      }
      output.line(
        "\(count) crypto\(count == 1 ? "" : "s"), \(configured) with a configuration, \(escalated) to escalate"
      )
    }
    try output.closeOrExit()
  }
}

extension CryptoStep: ListedRow {
  /// The values of a useful strategy, and whether they are numbers.
  private static let ofStrategy = [
    ("horizon", false), ("sl", true), ("tp", true), ("fold", false), ("delta_points", true),
    ("sortino", true),
    ("source", false), ("line", true),
  ]

  /// The text of a column of the view. `signals` is an array of the crypto's golden signals that are out of bounds, `useful` one of its useful
  /// strategies of the last run.
  public func text(_ name: String) -> String? {
    switch name {
    case "signals":
      return Self.array(critical + warning) { json, signal in
        json.member("signal", signal.signal)
        json.member("value", json: signal.value)
        json.member("unit", signal.unit.isEmpty ? nil : signal.unit)
        json.member("status", signal.status)
      }
    case "useful":
      return Self.array(useful) { json, strategy in
        for (name, isNumber) in Self.ofStrategy {
          guard let text = strategy.text(name) else { continue }
          json.key(given: name)
          if isNumber { json.value(json: text) } else { json.value(text) }
        }
      }
    default: return row.text(name)
    }
  }

  private static func array<Element>(
    _ elements: [Element], _ members: (inout JSONWriter, Element) -> Void
  ) -> String {
    JSONWriter.text(.escaped) { json in
      json.beginArray()
      for element in elements {
        json.beginObject()
        members(&json, element)
        json.endObject()
      }
      json.endArray()
    }
  }
}

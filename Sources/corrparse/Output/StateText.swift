import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// Writes the report of `state` for a person: the state, the conditions that made it so, and the signals with one line for each crypto.
struct StateText {
  private let report: SupervisionReport
  private let isColored: Bool
  /// The columns of the terminal; nil: nothing has to fit.
  private let width: Int?
  private var cryptoSignals: [GoldenSignal] {
    Taxonomy.current.signals.filter { $0.scope == .crypto }
  }

  /// The heads of the columns of signals whose own names are too long for one.
  static let titles = [
    "f1_buy_delta_vs_baseline": "delta", "screening_testing_gap": "gap", "std_f1_buy": "std",
    "sl_pct": "sl %", "timeout_pct": "timeout %", "model_freshness": "fresh d", "challenger_count": "pending",
  ]
  /// With less room a reason stands on lines of its own.
  private static let leastReason = 40
  /// So many characters of a DAG's name a terminal shows at most, and of a crypto's name.
  private static let mostScope = 30
  private static let mostCrypto = 12

  /// How many characters of the evidence of a clear condition are shown.
  private static let clearEvidence = 100

  init(_ report: SupervisionReport, isColored: Bool, width: Int?) {
    self.report = report
    self.isColored = isColored
    self.width = width
  }

  /// Writes the report.
  func write(to output: inout StandardOutput) {
    let head = colored(report.state.rawValue, Self.color(of: report.state.rawValue))
    // A state is noted when an ingest ends, later than what it comes from: the evidence has the times of that.
    let noted = report.since == report.at ? "not noted before" : "first noted \(report.since)"
    output.line("\(head) as of \(report.at), \(noted)")
    for status in ["triggered", "unknown", "clear"] {
      let conditions = report.conditions.filter { $0.status == status }
      guard !conditions.isEmpty else { continue }
      output.line("")
      output.line(StyledText(status))
      for condition in conditions { write(condition, to: &output) }
    }
    writePlatform(to: &output)
    writeCryptos(to: &output)
    output.line("")
    output.line("! critical   * warning   ? unknown")
    writeSteps(to: &output)
  }

  /// Writes what to do now.
  private func writeSteps(to output: inout StandardOutput) {
    output.line("")
    output.line("next")
    for step in report.nextSteps {
      folded("  ", "\(step.condition.map { $0 + ": " } ?? "")\(step.text)", to: &output)
      if let playbook = step.playbook { output.line("    \(playbook)") }
      if step.condition != nil { output.line("    alert: \(step.alert?.text ?? "none")") }
    }
  }

  private func write(_ condition: ConditionReading, to output: inout StandardOutput) {
    let isClear = condition.status == "clear"
    var evidence = PrintableText.escaped(condition.toldEvidence)
    if isClear, let worse = report.triggeredInPlace(of: condition) {
      evidence += "; worse than that: \(worse)"
    }
    if isClear, evidence.count > Self.clearEvidence {
      evidence = evidence.prefix(Self.clearEvidence) + " …"
    }
    let color =
      isClear
      ? nil : Self.color(of: condition.status == "triggered" ? condition.contributes : "UNKNOWN")
    let contributes = colored(Self.left(condition.contributes, 6), color)
    folded(
      "  \(contributes)  \(Self.left(condition.condition, 21))  ", indent: 33, evidence, to: &output
    )
  }

  /// Writes a text behind a head, in lines of the terminal's width that begin below each other.
  private func folded(
    _ head: StyledText, indent: Int = 4, _ text: String, to output: inout StandardOutput
  ) {
    let room = width.map { max(20, $0 - indent) }
    for (index, line) in DisplayWidth.lines(text, in: room, indent: 0).enumerated() {
      output.line(index == 0 ? "\(head)\(line)" : "\(String(repeating: " ", count: indent))\(line)")
    }
  }

  /// Writes the signals of the platform and of DAGs, one on each line.
  private func writePlatform(to output: inout StandardOutput) {
    let names = Set(cryptoSignals.map(\.name))
    let signals = report.signals.filter { !names.contains($0.signal) }
    let longest = signals.map { PrintableText.escaped($0.scope).count }.max() ?? 0
    let scopes = width == nil ? longest : min(longest, Self.mostScope)
    output.line("")
    output.line("platform and pipelines")
    for signal in signals {
      let unit = signal.value == nil || signal.unit.isEmpty ? "" : " " + signal.unit
      let value = colored(
        Self.right((signal.value.map(ShownNumber.fourPlaces) ?? "-") + unit + Self.mark(signal), 14),
        Self.color(of: signal.status))
      let head: StyledText =
        "  \(Self.left(signal.signal, 21))  \(Self.left(signal.scope, scopes))  \(value)"
      let indent = 2 + 21 + 2 + scopes + 2 + 14 + 2
      if let width, width - indent < Self.leastReason {
        output.line(head)
        folded("      ", indent: 6, PrintableText.escaped(signal.reason), to: &output)
      } else {
        folded("\(head)  ", indent: indent, PrintableText.escaped(signal.reason), to: &output)
      }
    }
  }

  /// Writes the signals of cryptos, one crypto on each line.
  private func writeCryptos(to output: inout StandardOutput) {
    let columns = cryptoSignals.map { (name: $0.name, title: Self.titles[$0.name] ?? $0.name) }
    let cells = Dictionary(
      report.signals.map { ([$0.signal, $0.scope], $0) }, uniquingKeysWith: { first, _ in first })
    let names = Set(columns.map(\.name))
    var scopes: [String] = []
    for signal in report.signals
    where names.contains(signal.signal) && !scopes.contains(signal.scope) {
      scopes.append(signal.scope)
    }
    guard !scopes.isEmpty else { return }
    let longest = max(8, scopes.map { PrintableText.escaped($0).count }.max() ?? 0)
    let nameWidth = width == nil ? longest : min(longest, Self.mostCrypto)
    // Of a narrow terminal each column gets its share.
    let share = width.map { ($0 - nameWidth - 2) / columns.count } ?? 12
    let (gap, cell) = share >= 12 ? (2, 10) : (1, max(5, share - 1))
    let blanks = String(repeating: " ", count: gap)
    // A title ends above the last digit of a number, and leaves room for the mark behind it.
    let head = columns.map {
      Self.right(cell < 10 ? $0.title.replacing("timeout", with: "to") : $0.title, cell)
    }.joined(separator: blanks)
    output.line("")
    output.line("\(Self.left("crypto", nameWidth + 2))\(blanks.dropFirst())\(head)")
    for scope in scopes {
      var line: StyledText = "  \(Self.left(scope, nameWidth))"
      for column in columns {
        let found = cells[[column.name, scope]]
        let value = found?.value.map { Self.short($0, cell - 1) } ?? "-"
        let text = Self.right(value + (found.map(Self.mark) ?? "?"), cell)
        line += "\(blanks)\(colored(text, found.flatMap { Self.color(of: $0.status) }))"
      }
      output.line(line)
    }
  }

  /// A number in at most so many characters, as far as its whole part allows.
  private static func short(_ value: String, _ most: Int) -> String {
    let text = ShownNumber.fourPlaces(value)
    return ShownNumber.fitting(text, in: most) ?? text
  }

  private static func mark(_ signal: SignalReading) -> String {
    switch signal.status {
    case "critical": "!"
    case "warning": "*"
    case "ok": " "
    default: "?"
    }
  }

  /// The colour of a state or status, as a code of Select Graphic Rendition. Nil if it needs no attention.
  private static func color(of word: String) -> String? {
    switch word {
    case "RED": "1;31"
    case "ORANGE", "critical": "31"
    case "YELLOW", "warning": "33"
    case "GREEN": "32"
    case "UNKNOWN", "unknown": "35"
    default: nil
    }
  }

  private func colored(_ text: String, _ color: String?) -> StyledText {
    StyledText(text, code: isColored ? color : nil)
  }

  private static func left(_ text: String, _ width: Int) -> String {
    let text = DisplayWidth.cut(PrintableText.escaped(text), to: width)
    return text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

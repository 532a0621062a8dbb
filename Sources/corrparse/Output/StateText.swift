import Diagnosis
import DiagnosticWriter
import LogModel

/// Writes the report of `state` for a person: the state, the conditions that made it so, and the signals with one line for each crypto.
struct StateText {
  private let report: SupervisionReport
  private let isColored: Bool
  private var cryptoSignals: [GoldenSignal] { Taxonomy.current.signals.filter { $0.scope == .crypto } }

  /// How many characters of the evidence of a clear condition are shown.
  private static let clearEvidence = 100

  init(_ report: SupervisionReport, isColored: Bool) {
    self.report = report
    self.isColored = isColored
  }

  /// Writes the report.
  func write(to output: inout StandardOutput) {
    let head = colored(report.state.rawValue, Self.color(of: report.state.rawValue))
    output.line("\(head) since \(report.since), as of \(report.at)")
    for status in ["triggered", "unknown", "clear"] {
      let conditions = report.conditions.filter { $0.status == status }
      guard !conditions.isEmpty else { continue }
      output.line("")
      output.line(StyledText(status))
      for condition in conditions { output.line(line(of: condition)) }
    }
    writePlatform(to: &output)
    writeCryptos(to: &output)
    output.line("")
    output.line("! critical   * warning   ? unknown")
  }

  private func line(of condition: ConditionReading) -> StyledText {
    let isClear = condition.status == "clear"
    var evidence = PrintableText.escaped(condition.evidence)
    if isClear, evidence.count > Self.clearEvidence { evidence = evidence.prefix(Self.clearEvidence) + " …" }
    let color =
      isClear ? nil : Self.color(of: condition.status == "triggered" ? condition.contributes : "UNKNOWN")
    let contributes = colored(Self.left(condition.contributes, 6), color)
    return "  \(contributes)  \(Self.left(condition.condition, 21))  \(evidence)"
  }

  /// Writes the signals of the platform and of DAGs, one on each line.
  private func writePlatform(to output: inout StandardOutput) {
    let names = Set(cryptoSignals.map(\.name))
    let signals = report.signals.filter { !names.contains($0.signal) }
    let width = signals.map { PrintableText.escaped($0.scope).count }.max() ?? 0
    output.line("")
    output.line("platform and pipelines")
    for signal in signals {
      let unit = signal.value == nil || signal.unit.isEmpty ? "" : " " + signal.unit
      let value = colored(
        Self.right(Self.cut(signal.value) + unit + Self.mark(signal), 14), Self.color(of: signal.status))
      output.line(
        "  \(Self.left(signal.signal, 21))  \(Self.left(signal.scope, width))  \(value)  \(signal.reason)")
    }
  }

  /// Writes the signals of cryptos, one crypto on each line.
  private func writeCryptos(to output: inout StandardOutput) {
    let titles = [
      "f1_buy_delta_vs_baseline": "delta", "screening_testing_gap": "gap", "std_f1_buy": "std",
      "sl_pct": "sl %",
      "timeout_pct": "timeout %", "model_freshness": "fresh d", "challenger_count": "pending",
    ]
    let columns = cryptoSignals.map { (name: $0.name, title: titles[$0.name] ?? $0.name) }
    let cells = Dictionary(
      report.signals.map { ([$0.signal, $0.scope], $0) }, uniquingKeysWith: { first, _ in first })
    let names = Set(columns.map(\.name))
    var scopes: [String] = []
    for signal in report.signals where names.contains(signal.signal) && !scopes.contains(signal.scope) {
      scopes.append(signal.scope)
    }
    guard !scopes.isEmpty else { return }
    let width = max(8, scopes.map { PrintableText.escaped($0).count }.max() ?? 0)
    // A title ends above the last digit of a number, and leaves room for the mark behind it.
    let head = columns.map { Self.right($0.title, 10) }.joined(separator: "  ")
    output.line("")
    output.line("\(Self.left("crypto", width + 2)) \(head)")
    for scope in scopes {
      var line: StyledText = "  \(Self.left(scope, width))"
      for column in columns {
        let cell = cells[[column.name, scope]]
        let text = Self.right(Self.cut(cell?.value) + (cell.map(Self.mark) ?? "?"), 10)
        line += "  \(colored(text, cell.flatMap { Self.color(of: $0.status) }))"
      }
      output.line(line)
    }
  }

  /// A number with at most four decimal places. It is cut, not rounded, so that it never seems to reach a threshold that it has not
  /// reached.
  private static func cut(_ value: String?) -> String {
    guard let value else { return "-" }
    guard let point = value.firstIndex(of: ".") else { return value }
    var text = String(value.prefix(upTo: point) + value[point...].prefix(5))
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
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
    let text = PrintableText.escaped(text)
    return text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

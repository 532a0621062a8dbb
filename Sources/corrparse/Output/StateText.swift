import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// The report of `state` for a person: the state first, then what made it so, then the signals, one line for each crypto.
struct StateText {
  private let report: SupervisionReport
  private let isColored: Bool
  private var cryptoSignals: [GoldenSignal] { Taxonomy.current.signals.filter { $0.scope == .crypto } }

  /// How much of the evidence of what is clear is shown.
  private static let clearEvidence = 100

  init(_ report: SupervisionReport, isColored: Bool) {
    self.report = report
    self.isColored = isColored
  }

  func append(to buffer: inout [UInt8]) {
    let head = colored(report.state.rawValue, Self.color(of: report.state.rawValue))
    buffer += "\(head) since \(report.since), as of \(report.at)\n".utf8
    for status in ["triggered", "unknown", "clear"] {
      let conditions = report.conditions.filter { $0.status == status }
      guard !conditions.isEmpty else { continue }
      buffer += "\n\(status)\n".utf8
      for condition in conditions { append(condition, to: &buffer) }
    }
    appendPlatform(to: &buffer)
    appendCryptos(to: &buffer)
    buffer += "\n! critical   * warning   ? unknown\n".utf8
  }

  private func append(_ condition: ConditionReading, to buffer: inout [UInt8]) {
    let isClear = condition.status == "clear"
    var evidence = PrintableText.escaped(condition.evidence)
    if isClear, evidence.count > Self.clearEvidence { evidence = evidence.prefix(Self.clearEvidence) + " …" }
    let color =
      isClear ? nil : Self.color(of: condition.status == "triggered" ? condition.contributes : "UNKNOWN")
    buffer +=
      "  \(colored(Self.left(condition.contributes, 6), color))  \(Self.left(condition.condition, 21))  \(evidence)\n"
      .utf8
  }

  /// The signals of the platform and of DAGs, one a line.
  private func appendPlatform(to buffer: inout [UInt8]) {
    let names = Set(cryptoSignals.map(\.name))
    let signals = report.signals.filter { !names.contains($0.signal) }
    let width = signals.map(\.scope.count).max() ?? 0
    buffer += "\nplatform and pipelines\n".utf8
    for signal in signals {
      let unit = signal.value == nil || signal.unit.isEmpty ? "" : " " + signal.unit
      let value = colored(
        Self.right(Self.cut(signal.value) + unit + Self.mark(signal), 14), Self.color(of: signal.status))
      let scope = Self.left(PrintableText.escaped(signal.scope), width)
      buffer +=
        "  \(Self.left(signal.signal, 21))  \(scope)  \(value)  \(PrintableText.escaped(signal.reason))\n"
        .utf8
    }
  }

  /// The signals of cryptos, one crypto a line.
  private func appendCryptos(to buffer: inout [UInt8]) {
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
    let width = max(8, scopes.map(\.count).max() ?? 0)
    buffer += "\n\(Self.left("crypto", width + 2))".utf8
    // Titles end where numbers do, before the place of a mark.
    for column in columns { buffer += " \(Self.right(column.title, 10)) ".utf8 }
    buffer.removeLast()
    buffer += "\n".utf8
    for scope in scopes {
      buffer += "  \(Self.left(PrintableText.escaped(scope), width))".utf8
      for column in columns {
        let cell = cells[[column.name, scope]]
        let text = Self.right(Self.cut(cell?.value) + (cell.map(Self.mark) ?? "?"), 10)
        buffer += "  \(colored(text, cell.flatMap { Self.color(of: $0.status) }))".utf8
      }
      buffer += "\n".utf8
    }
  }

  /// At most four places, cut rather than rounded: a number does not seem to reach a threshold that it has not reached.
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

  /// The select-graphic-rendition code of a state or status; nil for what needs no attention.
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

  private func colored(_ text: String, _ color: String?) -> String {
    guard isColored, let color else { return text }
    return "\u{1B}[\(color)m\(text)\u{1B}[0m"
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

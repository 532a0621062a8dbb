import Diagnosis
import DiagnosticWriter
import LogModel

/// The golden signals. Signals of the platform and of DAGs have one line each; signals of cryptos are in one table.
extension HTMLReport {
  func appendSignals(to html: inout HTMLText) {
    let ofCryptos = Taxonomy.current.signals.filter { $0.scope == .crypto }.map(\.name)
    html.markup("<section><h2>Golden signals</h2>\n")
    appendTable(state.signals.filter { !ofCryptos.contains($0.signal) }, to: &html)
    appendMatrix(state.signals.filter { ofCryptos.contains($0.signal) }, columns: ofCryptos, to: &html)
    html.markup("</section>\n")
  }

  private func appendTable(_ signals: [SignalReading], to html: inout HTMLText) {
    html.markup("<div class=\"wide\"><table class=\"signals\"><thead><tr>")
    for title in ["Signal", "Scope", "Value", "Status", "Because"] {
      html.head(title, isOfNumbers: title == "Value")
    }
    html.markup("</tr></thead><tbody>\n")
    for signal in signals {
      html.markup("<tr>")
      html.element("td", class: "name", signal.signal)
      html.element("td", class: "name", signal.scope)
      html.element("td", class: "number", Self.value(of: signal))
      html.markup("<td>")
      html.element("span", class: "mark \(ReportColors.className(of: signal.status))", signal.status)
      html.markup("</td>")
      html.element("td", class: "reason", ReadableNumber.sentence(signal.reason))
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>\n")
  }

  /// The table of cryptos, with one row for each crypto and one column for each signal. A cell shows its reason when the pointer is on it.
  private func appendMatrix(_ signals: [SignalReading], columns: [String], to html: inout HTMLText) {
    var cryptos: [String] = []
    for signal in signals where !cryptos.contains(signal.scope) { cryptos.append(signal.scope) }
    guard !cryptos.isEmpty else { return }
    html.markup("<div class=\"wide\"><table class=\"matrix\"><thead><tr>")
    for title in ["Crypto"] + columns { html.head(title) }
    html.markup("</tr></thead><tbody>\n")
    for crypto in cryptos {
      html.markup("<tr>")
      html.element("td", class: "name", crypto)
      for column in columns {
        let signal = signals.first { $0.scope == crypto && $0.signal == column }
        html.markup("<td class=\"number\" title=\"")
        html.escaped(ReadableNumber.sentence(signal?.reason ?? ""))
        html.markup("\">")
        if let signal {
          let text = signal.value == nil ? signal.status : Self.value(of: signal) + ", " + signal.status
          html.element("span", class: "mark \(ReportColors.className(of: signal.status))", text)
        }
        html.markup("</td>")
      }
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>\n")
  }

  /// The value as people read it. The database has all digits.
  private static func value(of signal: SignalReading) -> String {
    signal.value.map { ReadableNumber.text($0, unit: signal.unit) } ?? "–"
  }

  /// The instant, cut to the second.
  static func shown(_ time: LogTime) -> String {
    String(time.description.prefix(19).replacing("T", with: " "))
  }
}

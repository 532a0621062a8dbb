import Diagnosis
import DiagnosticWriter
import LogModel

/// The golden signals: those of the platform and the DAGs a line each, those of the cryptos as one table of all.
extension HTMLReport {
  func appendSignals(to html: inout HTMLText) {
    let ofCryptos = Taxonomy.current.signals.filter { $0.scope == .crypto }.map(\.name)
    html.markup("<section><h2>Golden signals</h2>\n")
    appendTable(state.signals.filter { !ofCryptos.contains($0.signal) }, to: &html)
    appendMatrix(state.signals.filter { ofCryptos.contains($0.signal) }, columns: ofCryptos, to: &html)
    html.markup("</section>\n")
  }

  private func appendTable(_ signals: [SignalReading], to html: inout HTMLText) {
    html.markup("<div class=\"wide\"><table><thead><tr>")
    for title in ["Signal", "Scope", "Value", "Status", "Because"] { html.element("th", title) }
    html.markup("</tr></thead><tbody>\n")
    for signal in signals {
      html.markup("<tr>")
      html.element("td", class: "name", signal.signal)
      html.element("td", class: "name", signal.scope)
      html.element("td", class: "number", Self.value(of: signal))
      html.markup("<td>")
      html.element("span", class: "mark \(ReportColors.className(of: signal.status))", signal.status)
      html.markup("</td>")
      html.element("td", signal.reason)
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>\n")
  }

  /// A line a crypto and a column a signal; what the value comes from shows where one points at it.
  private func appendMatrix(_ signals: [SignalReading], columns: [String], to html: inout HTMLText) {
    var cryptos: [String] = []
    for signal in signals where !cryptos.contains(signal.scope) { cryptos.append(signal.scope) }
    guard !cryptos.isEmpty else { return }
    html.markup("<div class=\"wide\"><table class=\"matrix\"><thead><tr>")
    for title in ["Crypto"] + columns { html.element("th", title) }
    html.markup("</tr></thead><tbody>\n")
    for crypto in cryptos {
      html.markup("<tr>")
      html.element("td", class: "name", crypto)
      for column in columns {
        let signal = signals.first { $0.scope == crypto && $0.signal == column }
        html.markup("<td class=\"number\" title=\"")
        html.escaped(signal?.reason ?? "")
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

  /// With four places at most: for looking at, the database has all of it.
  private static func value(of signal: SignalReading) -> String {
    guard let value = signal.value else { return "–" }
    let unit = signal.unit.isEmpty ? "" : " " + signal.unit
    guard let point = value.firstIndex(of: ".") else { return value + unit }
    return value[..<(value.index(point, offsetBy: 5, limitedBy: value.endIndex) ?? value.endIndex)] + unit
  }

  /// To the second.
  static func shown(_ time: LogTime) -> String {
    String(time.description.prefix(19).replacing("T", with: " "))
  }
}

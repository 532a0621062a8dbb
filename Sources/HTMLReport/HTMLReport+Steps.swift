import DiagnosticWriter

extension HTMLReport {
  /// So many cryptos have a step on the page. Further ones are only named.
  private static let mostSteps = 60

  /// What to do now for each crypto, as `corrparse next` says it.
  func appendSteps(to html: inout HTMLText) {
    html.markup("<section><h2>What to do now, per crypto</h2>\n")
    defer { html.markup("</section>\n") }
    guard let steps else {
      html.element("p", "The next steps are of the present only, and this page is of another time.")
      return
    }
    if steps.isEmpty { html.element("p", "No crypto is known.") }
    html.markup("<div class=\"steps\">\n")
    for step in steps.prefix(Self.mostSteps) { append(step, to: &html) }
    html.markup("</div>\n")
    let others = steps.dropFirst(Self.mostSteps)
    if !others.isEmpty {
      html.element("p", "corrparse next has more: \(others.map(\.crypto).joined(separator: ", ")).")
    }
    if let legend = CryptoStep.legend(of: steps) { html.element("p", legend) }
  }

  private func append(_ step: CryptoStep, to html: inout HTMLText) {
    html.markup("<div><h3>")
    if let code = step.code {
      html.markup("<i style=\"background:\(ReportColors.color(ofDiagnosis: code))\"></i>")
    }
    html.escaped("\(step.crypto): \(step.code.map { "\($0), \(step.inARow)" } ?? "no diagnosis")")
    html.markup("</h3><dl>")
    for (title, text) in step.lines { append(title.rawValue, text, to: &html) }
    if let configuration = step.row.text("configuration") { append("next run", configuration, to: &html) }
    html.markup("</dl></div>\n")
  }

  private func append(_ title: String, _ text: String, to html: inout HTMLText) {
    html.element("dt", title)
    html.element("dd", text)
  }
}

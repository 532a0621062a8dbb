import Diagnosis
public import DiagnosticWriter
import LogModel

/// One self-contained page for people without Grafana at hand: the global state with its reasons, the golden signals,
/// verdicts over time per crypto, the latest runs. No script, no network, light and dark.
public struct HTMLReport {
  /// At most so many charts are drawn. Further cryptos are only named.
  private static let mostCharts = 60

  let state: SupervisionReport
  private let verdicts: [VerdictCount]
  private let runs: [RunReading]
  private let days: [String]
  private let program: String

  /// A report.
  /// - Parameters:
  ///   - state: The global state with its conditions and signals.
  ///   - verdicts: Counts of verdicts by crypto and day, for the days of the charts.
  ///   - runs: The latest runs, youngest first.
  ///   - days: How many days the charts show. The last of them is the day of the state.
  ///   - program: Name and version of the program.
  public init(
    state: SupervisionReport, verdicts: [VerdictCount], runs: [RunReading], days: Int, program: String
  ) {
    self.state = state
    self.verdicts = verdicts
    self.runs = runs
    self.program = program
    let day: Int64 = 86_400_000_000
    self.days = (0..<max(1, days)).reversed().map { back in
      String(LogTime(microseconds: state.at.microseconds - Int64(back) * day).description.prefix(10))
    }
  }

  /// The page, as UTF-8.
  public var bytes: [UInt8] {
    var html = HTMLText()
    html.markup(Self.head)
    appendState(to: &html)
    appendSignals(to: &html)
    appendVerdicts(to: &html)
    appendRuns(to: &html)
    html.markup("<footer>")
    html.escaped(
      "\(program), taxonomy \(Taxonomy.current.version). As of \(Self.shown(state.at)); times are UTC.")
    html.markup("</footer>\n</main>\n</body>\n</html>\n")
    return Array(html.text.utf8)
  }

  private func appendState(to html: inout HTMLText) {
    html.markup("<header class=\"\(ReportColors.className(of: state.state.rawValue))\">")
    html.element("h1", state.state.rawValue)
    html.element("p", "global state since \(Self.shown(state.since)), as of \(Self.shown(state.at))")
    html.markup("</header>\n<section><h2>Why</h2>")
    if state.reasons.isEmpty { html.element("p", "Every condition is clear.") }
    html.markup("<ul class=\"reasons\">")
    for condition in state.conditions where condition.status != "clear" {
      let word = condition.status == "triggered" ? condition.contributes : "unknown"
      html.markup("<li><span class=\"mark \(ReportColors.className(of: word))\">")
      html.escaped(word)
      html.markup("</span> <b>")
      html.escaped(condition.condition)
      html.markup("</b> ")
      html.escaped(condition.evidence)
      html.markup("</li>\n")
    }
    html.markup("</ul></section>\n")
  }

  private func appendVerdicts(to html: inout HTMLText) {
    html.markup("<section><h2>Primary diagnoses over \(days.count) days, per crypto</h2>\n")
    let cryptos = Dictionary(grouping: verdicts, by: \.crypto)
    if cryptos.isEmpty { html.element("p", "No records in these days.") }
    let peak =
      Dictionary(grouping: verdicts) { [$0.crypto, $0.day] }.values
      .map { $0.map(\.count).reduce(0, +) }.max() ?? 1
    let names = cryptos.keys.sorted()
    html.markup("<div class=\"charts\">\n")
    for name in names.prefix(Self.mostCharts) {
      VerdictChart(crypto: name, days: days, counts: cryptos[name] ?? [], peak: peak).append(to: &html)
    }
    html.markup("</div>\n")
    if names.count > Self.mostCharts {
      html.element("p", "Not drawn: \(names.dropFirst(Self.mostCharts).joined(separator: ", ")).")
    }
    if !cryptos.isEmpty { appendLegend(to: &html) }
    html.markup("</section>\n")
  }

  /// A legend of the codes that occur, in the order of the taxonomy, each with its meaning.
  private func appendLegend(to html: inout HTMLText) {
    let used = Set(verdicts.map(\.code))
    html.markup("<ul class=\"legend\">")
    for rule in Taxonomy.current.rules where used.contains(rule.code.rawValue) {
      html.markup("<li><i style=\"background:\(ReportColors.color(of: rule.code))\"></i><b>")
      html.escaped(rule.code.rawValue)
      html.markup("</b> ")
      html.escaped(rule.meaning)
      html.markup("</li>")
    }
    if used.contains(nil) {
      html.markup(
        "<li><i style=\"background:\(ReportColors.color(ofCodeNamed: nil))\"></i>nothing found</li>")
    }
    html.markup("</ul>")
  }

  private func appendRuns(to html: inout HTMLText) {
    html.markup("<section><h2>Latest runs</h2>\n<div class=\"wide\"><table><thead><tr>")
    for title in [
      "Started", "DAG", "Run", "State", "Records", "Candidates", "Passed", "Diagnosis", "Severity",
    ] {
      html.element("th", title)
    }
    html.markup("</tr></thead><tbody>\n")
    for run in runs {
      html.markup("<tr>")
      html.element(
        "td", run.startedAt.map { String($0.description.prefix(16)).replacing("T", with: " ") } ?? "–")
      html.element("td", run.dagID)
      html.element("td", run.runID)
      html.markup("<td>")
      html.element("span", class: "mark \(ReportColors.className(of: run.state))", run.state)
      html.markup("</td>")
      for number in [run.records, run.candidates, run.passed] {
        html.element("td", class: "number", number.map { String($0) } ?? "–")
      }
      html.markup("<td><i style=\"background:\(ReportColors.color(ofCodeNamed: run.primaryCode))\"></i>")
      html.escaped(run.primaryCode ?? "nothing found")
      html.markup("</td>")
      html.element("td", run.severity ?? "–")
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>")
    if runs.isEmpty { html.element("p", "No runs.") }
    html.markup("</section>\n")
  }
}

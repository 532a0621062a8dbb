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
  private let useful: [UsefulStrategy]
  let steps: [CryptoStep]?
  private let links: ReportLinks
  private let days: [String]
  private let program: String

  /// A report.
  /// - Parameters:
  ///   - state: The global state with its conditions and signals.
  ///   - verdicts: Counts of verdicts by crypto and day, for the days of the charts.
  ///   - runs: The latest runs, youngest first.
  ///   - useful: The useful strategies of the last 24 hours, best first.
  ///   - steps: What to do now for each crypto; nil where the page is of another time.
  ///   - links: Where the tools are.
  ///   - days: How many days the charts show. The last of them is the day of the state.
  ///   - program: Name and version of the program.
  public init(
    state: SupervisionReport, verdicts: [VerdictCount], runs: [RunReading], useful: [UsefulStrategy],
    steps: [CryptoStep]?, links: ReportLinks, days: Int, program: String
  ) {
    self.state = state
    self.verdicts = verdicts
    self.runs = runs
    self.useful = useful
    self.steps = steps
    self.links = links
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
    appendSteps(to: &html)
    appendSignals(to: &html)
    appendUseful(to: &html)
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
    let noted = state.since == state.at ? "not noted before" : "first noted \(Self.shown(state.since))"
    html.element("p", "global state as of \(Self.shown(state.at)), \(noted)")
    appendTools(to: &html)
    html.markup("</header>\n<section><h2>Why</h2>")
    if state.reasons.isEmpty { html.element("p", "Every condition is clear.") }
    html.markup("<ul class=\"reasons\">")
    for condition in Self.worstFirst(state.conditions) {
      let word = condition.status == "triggered" ? condition.contributes : "unknown"
      html.markup("<li><span class=\"mark \(ReportColors.className(of: word))\">")
      html.escaped(word)
      html.markup("</span> <b>")
      html.escaped(condition.condition)
      html.markup("</b> ")
      html.escaped(condition.toldEvidence)
      html.markup("</li>\n")
    }
    html.markup("</ul></section>\n")
  }

  /// What is triggered, then what is unknown, each in the order of the conditions.
  private static func worstFirst(_ conditions: [ConditionReading]) -> [ConditionReading] {
    conditions.filter { $0.status == "triggered" }
      + conditions.filter { $0.status != "triggered" && $0.status != "clear" }
  }

  private func appendTools(to html: inout HTMLText) {
    guard !links.tools.isEmpty else { return }
    html.markup("<p class=\"tools\">")
    for tool in links.tools {
      html.link(tool.name, to: tool.url)
      html.markup(" ")
    }
    html.markup("</p>")
  }

  private func appendUseful(to html: inout HTMLText) {
    html.markup("<section><h2>Useful strategies of the last 24 hours</h2>\n")
    if useful.isEmpty {
      html.element("p", "None.")
    } else {
      html.markup("<div class=\"wide\"><table><thead><tr>")
      for title in ["Crypto", "Horizon", "SL", "TP", "F1 gain", "Sortino", "Diagnosis", "Run"] {
        html.head(title, isOfNumbers: ["SL", "TP", "F1 gain", "Sortino"].contains(title))
      }
      html.markup("</tr></thead><tbody>\n")
      for strategy in useful {
        html.markup("<tr>")
        html.element("td", class: "name", strategy.crypto ?? Self.withoutCrypto)
        html.element("td", strategy.horizon ?? "–")
        for number in [strategy.stopLoss, strategy.takeProfit] {
          html.element("td", class: "number", number ?? "–")
        }
        html.element("td", class: "number", strategy.gain.map { ReadableNumber.text($0, unit: "pts") } ?? "–")
        html.element("td", class: "number", strategy.sortino.map { ReadableNumber.text($0, unit: "") } ?? "–")
        appendDiagnosis(strategy.primaryCode ?? ReportColors.allClear, to: &html)
        html.markup("<td class=\"run\">")
        html.link(strategy.runID, to: links.run(strategy.dagID, strategy.runID))
        html.markup("</td></tr>\n")
      }
      html.markup("</tbody></table></div>\n")
    }
    html.markup("</section>\n")
  }

  private func appendDiagnosis(_ name: String, to html: inout HTMLText) {
    html.markup("<td class=\"name\"><i style=\"background:\(ReportColors.color(ofDiagnosis: name))\"></i>")
    html.escaped(name)
    html.markup("</td>")
  }

  /// What stands for the crypto of a record that names none.
  static let withoutCrypto = "(no crypto)"

  private func appendVerdicts(to html: inout HTMLText) {
    html.markup("<section><h2>Primary diagnoses over \(days.count) days, per crypto</h2>\n")
    let cryptos = Dictionary(grouping: verdicts, by: \.crypto)
    if cryptos.isEmpty { html.element("p", "No records in these days.") }
    let peak =
      Dictionary(grouping: verdicts) { [$0.crypto ?? Self.withoutCrypto, $0.day] }.values
      .map { $0.map(\.count).reduce(0, +) }.max() ?? 1
    // Records without a crypto come last.
    let names = cryptos.keys.sorted { ($0 == nil ? 1 : 0, $0 ?? "") < ($1 == nil ? 1 : 0, $1 ?? "") }
    html.markup("<div class=\"charts\">\n")
    for name in names.prefix(Self.mostCharts) {
      VerdictChart(crypto: name ?? Self.withoutCrypto, days: days, counts: cryptos[name] ?? [], peak: peak)
        .append(to: &html)
    }
    html.markup("</div>\n")
    if names.count > Self.mostCharts {
      html.element(
        "p",
        "Not drawn: \(names.dropFirst(Self.mostCharts).map { $0 ?? Self.withoutCrypto }.joined(separator: ", "))."
      )
    }
    if !cryptos.isEmpty { appendLegend(to: &html) }
    html.markup("</section>\n")
  }

  /// A legend of the codes that occur, in the order of the taxonomy, each with its meaning and what to do.
  private func appendLegend(to html: inout HTMLText) {
    let used = Set(verdicts.map(\.diagnosis) + runs.map(\.diagnosis))
    html.markup("<ul class=\"legend\">")
    for rule in Taxonomy.current.rules where used.contains(rule.code.rawValue) {
      html.markup("<li><i style=\"background:\(rule.color)\"></i><b>")
      html.escaped(rule.code.rawValue)
      html.markup("</b> ")
      html.escaped(rule.meaning)
      html.markup(" <span>Next: ")
      html.escaped(rule.nextStep)
      html.markup("</span></li>")
    }
    for (name, meaning) in [
      (
        ReportColors.unclassified,
        "No rule could be decided, for lack of readable fields. Next: corrparse lint says what is wrong with the blocks."
      ), (ReportColors.allClear, "Every rule was evaluated and none triggered."),
    ] where used.contains(name) {
      html.markup("<li><i style=\"background:\(ReportColors.color(ofDiagnosis: name))\"></i><b>")
      html.escaped(name)
      html.markup("</b> ")
      html.escaped(meaning)
      html.markup("</li>")
    }
    html.markup("</ul>")
  }

  private func appendRuns(to html: inout HTMLText) {
    html.markup("<section><h2>Latest runs</h2>\n<div class=\"wide\"><table><thead><tr>")
    for title in [
      "Started", "DAG", "Run", "State", "Records", "Candidates", "Passed", "Diagnosis", "Severity",
    ] {
      html.head(title, isOfNumbers: ["Records", "Candidates", "Passed"].contains(title))
    }
    html.markup("</tr></thead><tbody>\n")
    for run in runs {
      html.markup("<tr>")
      html.element(
        "td", class: "name",
        run.startedAt.map { String($0.description.prefix(16)).replacing("T", with: " ") } ?? "–")
      html.markup("<td>")
      html.link(run.dagID, to: links.dag(run.dagID))
      html.markup("</td><td class=\"run\">")
      html.link(run.runID, to: links.run(run.dagID, run.runID))
      html.markup("</td><td>")
      html.element("span", class: "mark \(ReportColors.className(of: run.state))", run.state)
      html.markup("</td>")
      for number in [run.records, run.candidates, run.passed] {
        html.element("td", class: "number", number.map { String($0) } ?? "–")
      }
      appendDiagnosis(run.diagnosis, to: &html)
      html.element("td", run.severity ?? "–")
      html.markup("</tr>\n")
    }
    html.markup("</tbody></table></div>")
    if runs.isEmpty { html.element("p", "No runs.") }
    html.markup("</section>\n")
  }
}

extension RunReading {
  /// What it is shown as: its primary diagnosis, or why there is none.
  fileprivate var diagnosis: String {
    primaryCode
      ?? (records == 0 ? "no records" : isUnclassified ? ReportColors.unclassified : ReportColors.allClear)
  }
}

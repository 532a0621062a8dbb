import TestSupport

/// A task attempt, the path of its log, and logs whose lines name it.
struct NamedAttempt {
  /// How lines name the attempt that writes them.
  enum Form: CaseIterable {
    /// Airflow 2's text: messages of Airflow's own.
    case text
    /// Airflow 3's JSON lines: members of the line.
    case json
  }

  var dag = "launch__discovery"
  var run: String
  var task = "test_step"
  var mapIndex: Int?
  var attempt = 1

  /// Where Airflow writes its log.
  var path: String {
    let index = mapIndex.map { "/map_index=\($0)" } ?? ""
    return "dag_id=\(dag)/run_id=\(run)/task_id=\(task)\(index)/attempt=\(attempt).log"
  }

  /// The columns of a view, blanks between them.
  var text: String { "\(dag) \(run) \(task)\(mapIndex.map { " \($0)" } ?? "") \(attempt)" }

  /// A finished log with so many blocks, each line of which that names somebody names this attempt.
  func log(_ form: Form, blocks: Int) -> String {
    var lines = [form == .text ? TaskLog.line : jsonLine("loading candles", second: 0, isNamed: false)]
    lines.append(telling(form, second: 1))
    for number in 1...blocks { lines.append(block(form, second: number + 1, isNamed: true)) }
    if form == .text { lines.append(TaskLog.success.replacing("launch__discovery", with: dag)) }
    return lines.joined()
  }

  /// A line by which a log tells whose it is.
  func telling(_ form: Form, second: Int) -> String {
    guard form == .text else { return jsonLine("starting", second: second, isNamed: true) }
    let index = mapIndex.map { ", '--map-index', '\($0)'" } ?? ""
    return Self.textLine(
      "standard_task_runner.py:63",
      "Running: ['airflow', 'tasks', 'run', '\(dag)', '\(task)', '\(run)', '--job-id', '7'\(index)]", second)
      + Self.textLine("taskinstance.py:1308", "Starting attempt \(attempt) of 3", second)
  }

  /// A block; Airflow 3's lines may name the attempt.
  func block(_ form: Form, second: Int, isNamed: Bool) -> String {
    let body = ["crypto=SOLUSDC horizon=H4", "f1_buy=0.6 baseline_f1_buy=0.5 n_trades=\(second)"]
    switch form {
    case .text: return TaskLog.block(body[0], body[1], second: second)
    case .json:
      let event = (["=== CORRELATION DATA ==="] + body + ["=== END CORRELATION DATA ==="]).joined(
        separator: #"\n"#)
      return jsonLine(event, second: second, isNamed: isNamed)
    }
  }

  private func jsonLine(_ event: String, second: Int, isNamed: Bool) -> String {
    let names =
      #","dag_id":"\#(dag)","run_id":"\#(run)","task_id":"\#(task)","try_number":\#(attempt),"map_index":\#(mapIndex ?? -1)"#
    return #"{"timestamp":"\#(Self.time(second))Z","level":"info","event":"\#(event)","logger":"root""#
      + (isNamed ? names : "") + "}\n"
  }

  private static func textLine(_ place: String, _ message: String, _ second: Int) -> String {
    "[\(time(second)).000+0000] {\(place)} INFO - \(message)\n"
  }

  private static func time(_ second: Int) -> String {
    "2026-03-28T02:\(10 + second / 60):\(second % 60 < 10 ? "0" : "")\(second % 60)"
  }
}

/// A log of random form at a random path, which names one attempt, another one, or none; so do its lines.
struct RandomLog {
  let path: String
  /// The attempt that the path names.
  let pathAttempt: NamedAttempt?
  let text: String

  init(number: Int, _ random: inout SeededGenerator) {
    // A DAG of its own, so that two logs are never copies of one.
    let own = NamedAttempt(dag: "d\(number)", run: "manual__2026-03-27T02:00:00+00:00")
    func other(_ random: inout SeededGenerator) -> NamedAttempt {
      var other = own
      switch Int.random(in: 0..<5, using: &random) {
      case 0: other.run = "scheduled__2026-03-26T00:00:00+00:00"
      case 1: other.task = "group.test_step"
      case 2: other.mapIndex = 3
      case 3: other.attempt = 2
      default: break
      }
      return other
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0, 1:
      let named = other(&random)
      (path, pathAttempt) = (named.path, named)
    case 2:
      var named = own
      named.run = "2026-03-27T02:00:00+00:00"
      (path, pathAttempt) = ("\(own.dag)/\(own.task)/\(named.run)/1.log", named)
    default: (path, pathAttempt) = ("loose/\(number).log", nil)
    }
    let speakers = (0..<Int.random(in: 1...2, using: &random)).map { _ in other(&random) }
    let forms: [NamedAttempt.Form] =
      Bool.random(using: &random) ? [.text] : Bool.random(using: &random) ? [.json] : [.text, .json]
    var parts: [String] = []
    for second in 1...Int.random(in: 2...8, using: &random) {
      let form = forms[Int.random(in: 0..<forms.count, using: &random)]
      let speaker = speakers[Int.random(in: 0..<speakers.count, using: &random)]
      switch Int.random(in: 0..<5, using: &random) {
      case 0: parts.append(speaker.telling(form, second: second))
      case 1: parts.append(TaskLog.line)
      default: parts.append(speaker.block(form, second: second, isNamed: Bool.random(using: &random)))
      }
    }
    text = parts.joined() + own.block(forms[0], second: 59, isNamed: false) + TaskLog.line
  }
}

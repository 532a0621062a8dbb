import TestSupport
import Testing

/// Logs on which the second reading of the pages (`Tests/Oracle`) and this one differed, with what the pages say of them.
@Suite struct SecondReadingTests {
  private static func text(_ lines: String...) -> [String] { lines.map { Log.text($0) } }
  private static func print(_ lines: String...) -> [String] { lines.map { Log.print($0) } }
  private static func json(_ lines: String...) -> [String] { lines.map { Log.json($0) } }
  private static func stamped(_ lines: String...) -> [String] { lines.map { WrapperTests.stamped($0) } }
  private static let header = Log.header
  private static let long = String(repeating: "x", count: 70_000)

  /// 2-log-envelopes, Envelopes: airflow3-console and timestamps.
  static let levels = [
    FoundLog(
      "a section behind a time is no level of a console",
      stamped(header, "[execution]", "crypto=SOLUSDC", "f1_buy=0.55", Log.end), gives: FoundLog.oneBlock),
    FoundLog(
      "nor is a level that is a bullet",
      stamped(header, "[warning] crypto=SOLUSDC", "[info] f1_buy=0.55", Log.end),
      gives: FoundLog.oneBlock),
    FoundLog(
      "a padded level is a console's", stamped("[warning  ] \(header)   [a]", "[warning  ] sl=1   [a]"),
      gives: ["1: sl=1 [] implicit:end_of_input"]),
    FoundLog(
      "so is any of structlog's levels behind a time with a blank",
      [header, "sl=1"].map { "2026-03-28 02:14:07.1+00:00 [info] \($0)   [a]" },
      gives: ["1: sl=1 [] implicit:end_of_input"]),
  ]

  /// 1-correlation-data, Cut values; 2-log-envelopes, Joined pairs.
  static let tokens = [
    FoundLog(
      "what stands behind a group marker is no rest of a number",
      text(header, "theta=0.4", "::group::871", Log.end),
      gives: ["1: theta=0.4 [interrupted] explicit"]),
    FoundLog(
      "nor of gates", text(header, "gates=f1:pass,", "::group::f2:fail", Log.end),
      gives: ["1: gates=f1:pass [interrupted] explicit"]),
    FoundLog(
      "nor the beginning of a key", text(header, "sl=1", "::group::screening_", "f1_buy=0.61", Log.end),
      gives: ["1: sl=1 f1_buy=0.61 [interrupted] explicit"]),
    FoundLog(
      "nor the value of a pair that a flush cut", print(header, "crypto=", "::group::SOL", Log.end),
      gives: ["1:  [missing_value crypto, interrupted] explicit"]),
    FoundLog(
      "a token of any length cuts a text", text(header, "phase=screening", long, "sl=1", Log.end),
      gives: ["1: sl=1 [cut_value phase, interrupted] explicit"]),
    FoundLog(
      "and a number, of which it may be the rest",
      text(header, "theta=0.4", String(repeating: "9", count: 70_000), Log.end),
      gives: ["1:  [cut_value theta, interrupted] explicit"]),
    FoundLog(
      "behind a joined pair the pairs of a foreign line are not the block's",
      print(header, "tp=", "best_", "Evaluating n_folds=5 phase=screening", Log.end),
      gives: ["1:  [rejoined_pair tp, cut_value tp, interrupted] explicit"]),
    FoundLog(
      "unless its word is the rest of the number", print(header, "tp=", "0.8", "71 n_folds=5", Log.end),
      gives: ["1: n_folds=5 [rejoined_pair tp, cut_value tp, interrupted] explicit"]),
  ]

  /// 1-correlation-data, Objects and Claimed blocks.
  static let objects = [
    FoundLog(
      "an array of several objects before the marker is said",
      text(header, "x y", #"[{"sl": 1}, {"sl": 2}]"#, Log.end),
      gives: ["1:  [interrupted, malformed_pair] explicit"]),
    FoundLog(
      "over several lines too", print(header, "x y", #"[{"sl": 1},"#, #"{"sl": 2}]"#, Log.end),
      gives: ["1:  [interrupted, malformed_pair] explicit"]),
    FoundLog(
      "an object that closes and proves none is said",
      print(header, "tp=2", "{'sl': 1,", "'x': tensor(0.5)}", "x y"),
      gives: ["1: tp=2 [incomplete_block] implicit:other_line"]),
    FoundLog(
      "a line over 64 KiB that begins with a key does not hide the marker behind it",
      text(header, "sl=1", "x y", "theta=\(long)", Log.end),
      gives: ["1: sl=1 [interrupted, line_too_long theta] explicit"]),
  ]

  /// 2-log-envelopes, Outcome and Records written twice; 1-correlation-data, Unread headers.
  static let others = [
    FoundLog(
      "a failure line ends a block whose header may be a copy",
      (0..<2).flatMap { _ in
        [
          WrapperTests.pasted(header),
          WrapperTests.pasted("Marking task as FAILED. dag_id=d, task_id=t").replacing(
            "launch_discovery.py", with: "taskinstance.py"),
        ]
      },
      gives: (1...2).map { "\($0):  [empty_block, incomplete_block] implicit:failure" })
  ]

  @Test(arguments: levels + tokens + objects + others)
  func `a log says what its pages say`(log: FoundLog) {
    #expect(scan(log.lines).summaries == log.gives)
  }

  /// 1-correlation-data, Cut lines: whole, the line might have resumed the block.
  @Test func `a key on a cut line behind a warning is said`() {
    let lines = Self.text(Self.header, "sl=1") + [Log.text("x y", level: "WARNING"), Log.text("theta=0.5")]
    #expect(
      scan(cut: lines).summaries == ["1: sl=1 [incomplete_block theta] implicit:end_of_input"])
  }
}

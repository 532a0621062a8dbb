import TestSupport
import Testing

/// Lines that a group marker begins, and lines that progress bars drew again (2-log-envelopes, Group markers and redrawn lines).
@Suite struct RedrawnLineTests {
  static let bar = "\r  0%|          | 0/3 [00:00<?, ?it/s]\r                              \r"

  static let logs = [
    FoundLog(
      "a header that a group marker begins",
      [
        Log.print("::group::\(Log.header)", ms: 1), Log.print("crypto=SOLUSDC", ms: 2),
        Log.print("f1_buy=0.55", ms: 3),
      ]
        + [Log.print(Log.end, ms: 4)],
      gives: FoundLog.oneBlock),
    FoundLog(
      "the same in Airflow 3",
      [Log.json("::group:: \(Log.header)")] + FoundLog.block.dropFirst().map { Log.json($0) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "a group that ends within a block",
      [Log.print(Log.header, ms: 1), Log.print("crypto=SOLUSDC", ms: 2), Log.print("::endgroup::", ms: 3)]
        + [Log.print("f1_buy=0.55", ms: 4), Log.print(Log.end, ms: 5)],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a header behind a progress bar",
      [
        Log.print(bar + Log.header, ms: 1), Log.print("crypto=SOLUSDC", ms: 2),
        Log.print("f1_buy=0.55", ms: 3),
      ]
        + [Log.print(Log.end, ms: 4)],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a header behind a progress bar in bare text", [bar + Log.header] + FoundLog.block.dropFirst(),
      gives: FoundLog.oneBlock),
    FoundLog(
      "a header behind a progress bar in an event",
      [Log.json(#"\r  0%|   | 0/3\r     \r"# + Log.header)] + FoundLog.block.dropFirst().map { Log.json($0) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "a pair behind a progress bar", [Log.header, "crypto=SOLUSDC", "\(bar)f1_buy=0.55", Log.end],
      gives: FoundLog.oneBlock),
    FoundLog(
      "an end marker behind a progress bar", [Log.header, "crypto=SOLUSDC", "f1_buy=0.55", bar + Log.end],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a word behind a progress bar opens no block, and the line stays whole",
      ["\(bar)=== x", "prose\rprose: \(Log.header)"], gives: ["unread_header at 2"]),
  ]

  @Test(arguments: logs) func `a line counts by what a reader sees of it`(log: FoundLog) {
    #expect(scan(log.lines).summaries == log.gives)
  }
}

import CorrelationGrammar
import TestSupport
import Testing

/// Records that two handlers wrote (2-log-envelopes, Records written twice).
@Suite struct WrittenTwiceTests {
  /// The lines of a block, each a record of its own with its own millisecond.
  static func records(_ lines: [String] = FoundLog.block, times: Int) -> [String] {
    lines.enumerated().flatMap { Array(repeating: Log.text($0.element, ms: $0.offset + 1), count: times) }
  }

  static let logs = [
    FoundLog("every line twice", records(times: 2), gives: FoundLog.oneBlock),
    FoundLog("every line three times", records(times: 3), gives: FoundLog.oneBlock),
    FoundLog(
      "every line twice in one millisecond", FoundLog.block.flatMap { [Log.text($0), Log.text($0)] },
      gives: FoundLog.oneBlock),
    FoundLog(
      "every line twice in Airflow 3", FoundLog.block.flatMap { [Log.json($0), Log.json($0)] },
      gives: FoundLog.oneBlock),
    FoundLog(
      "two blocks with every line twice",
      records(times: 2)
        + records([Log.header, "crypto=BTCUSDC", Log.end].map { $0 }, times: 2).map {
          $0.replacing("02:14:07", with: "02:15:07")
        },
      gives: FoundLog.oneBlock + ["2: crypto=BTCUSDC [] explicit"]),
    FoundLog(
      "every line of a block of several lines twice, where the record is a replay",
      Array(repeating: [Log.text(Log.header)] + FoundLog.block.dropFirst(), count: 2).flatMap(\.self),
      gives: FoundLog.oneBlock),
    FoundLog(
      "two headers in one millisecond whose next record comes once",
      [
        Log.text(Log.header), Log.text(Log.header), Log.text("crypto=SOLUSDC", ms: 124),
        Log.text(Log.end, ms: 125),
      ],
      gives: ["1:  [empty_block, interleaved] implicit:new_header", "2:  [interleaved] explicit"]),
    FoundLog(
      "the same header at two times",
      [
        Log.text(Log.header, ms: 1), Log.text("crypto=SOLUSDC", ms: 2), Log.text(Log.header, ms: 3),
        Log.text("crypto=SOLUSDC", ms: 4), Log.text(Log.end, ms: 5),
      ],
      gives: ["1: crypto=SOLUSDC [] implicit:new_header", "2: crypto=SOLUSDC [] explicit"]),
    FoundLog(
      "a header that may be a copy, and behind it one of another source",
      [
        Log.text(Log.header), Log.text(Log.header), Log.print(Log.header), Log.print("crypto=BTCUSDC"),
        Log.print(Log.end), Log.text("crypto=SOLUSDC", ms: 124), Log.text(Log.end, ms: 125),
      ],
      gives: [
        "1:  [empty_block, interleaved] implicit:new_header", "2:  [interleaved] explicit",
        "3: crypto=BTCUSDC [] explicit",
      ]),
    FoundLog(
      "a header that proves a copy, and behind it one of another source",
      [
        Log.text(Log.header), Log.text(Log.header), Log.print(Log.header), Log.print("crypto=BTCUSDC"),
        Log.print(Log.end),
      ] + records(["crypto=SOLUSDC", "f1_buy=0.55", Log.end], times: 2),
      gives: FoundLog.oneBlock + ["2: crypto=BTCUSDC [] explicit"]),
    FoundLog(
      "a log that ends with a header that was written twice", [Log.text(Log.header), Log.text(Log.header)],
      gives: [
        "1:  [empty_block, interleaved] implicit:new_header",
        "2:  [empty_block, interleaved] implicit:end_of_input",
      ]),
  ]

  @Test(arguments: logs) func `a record counts once, however many handlers wrote it`(log: FoundLog) {
    #expect(scan(log.lines).summaries.filter { !$0.contains("replay") } == log.gives)
  }

  private static let missed = "### CORRELATION DATA ###"

  @Test(arguments: [
    ([missed, "sl=1", Log.end], ["unrecognised_header": 0, "orphan_end": 2]),
    (FoundLog.block + ["epoch 1 of 20", Log.end, "epoch 2 of 20"], ["orphan_end": FoundLog.block.count + 1]),
    (FoundLog.block + [missed], ["unrecognised_header": FoundLog.block.count]),
    ([Log.header, "sl=1", missed, "sl=2", Log.end], ["unrecognised_header": 2, "orphan_end": 4]),
  ])
  func `what stands outside a block is told once, however many handlers wrote it`(
    lines: [String], told: [String: Int]
  ) {
    for times in 1...3 {
      let issues = scan(Self.records(lines, times: times)).sourceIssues
      let found = issues.map { "\($0.kind.rawValue) \($0.line)" }
      #expect(found.sorted() == told.map { "\($0) \($1 * times + 1)" }.sorted())
    }
  }

  @Test func `two end markers of one millisecond with a line between are two`() {
    let lines = [Log.text(Log.end), Log.text("epoch 1 of 20"), Log.text(Log.end)]
    #expect(scan(lines).sourceIssues.count { $0.kind == .orphanEnd } == 2)
  }

  @Test func `records behind a header that may be a copy do not wait for ever`() {
    let others = (1...300).flatMap { number in
      [Log.header, "fold=\(number)", Log.end].map { Log.print($0, ms: number) }
    }
    let lines = [Log.text(Log.header), Log.text(Log.header)] + others
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    var scanner = LogScanner()
    var blocks: [Int] = []
    scanner.consume(bytes.span) { event in
      if case .record(let record) = event { blocks.append(record.block) }
    }
    #expect(blocks == Array(3...302))
  }
}

import CorrelationGrammar
import LogModel
import Testing

/// What is remembered of a log has bounds, and what a bound drops is named (6-bars, Limits).
@Suite struct BoundTests {
  private static func limits(_ change: (inout ScanLimits) -> Void) -> ScanLimits {
    var limits = ScanLimits()
    change(&limits)
    return limits
  }

  /// A block in three records of a source.
  private static func block(_ pairs: String..., file: String) -> [String] {
    [Log.text(Log.header, file: file)] + pairs.map { Log.text($0, file: file) } + [
      Log.text(Log.end, file: file)
    ]
  }

  // MARK: Replays

  /// With room for four blocks the older two are forgotten when the fourth has come. The first one is then new once more, and the third
  /// still known.
  @Test func forgottenReplaysAreSaidOnce() {
    var lines: [String] = []
    for number in [1, 2, 3, 4, 1, 3, 2] { lines += Log.block("n_trades=\(number)", ms: number) }
    let scanned = scan(lines, limits: Self.limits { $0.rememberedBlocks = 4 })
    #expect(
      scanned.summaries == [
        "1: n_trades=1 [] explicit", "2: n_trades=2 [] explicit", "3: n_trades=3 [] explicit",
        "4: n_trades=4 [] explicit", "5: n_trades=1 [] explicit", "7: n_trades=2 [] explicit",
        "replays_unchecked at 10",
      ])
    #expect(scanned.replayCount == 1)
    #expect(scan(lines).summaries.count == 4)
  }

  // MARK: Streams

  @Test func aReplayIsKnownInAStreamThatWasForgotten() {
    let lines = ["a.py", "b.py", "c.py", "d.py", "a.py"].flatMap { Self.block("sl=1", file: $0) }
    #expect(scan(lines, limits: Self.limits { $0.streams = 2 }).replayCount == 1)
  }

  /// Nobody knows whether a new stream is the one with two writers that was forgotten.
  @Test func newStreamsAreDoubtedWhereOneWithTwoWritersWasForgotten() {
    let lines =
      Self.block("sl=1", "sl=2", file: "a.py") + Self.block("sl=3", file: "b.py")
      + Self.block("sl=4", file: "c.py") + Self.block("sl=5", file: "d.py")
    #expect(
      scan(lines, limits: Self.limits { $0.streams = 2 }).summaries == [
        "1:  [interleaved] explicit", "2: sl=3 [] explicit", "3:  [interleaved] explicit",
        "4:  [interleaved] explicit",
      ])
    #expect(scan(lines).summaries.last == "4: sl=5 [] explicit")
  }

  @Test func theOldestBlockEndsWhereOpenBlocksTakeTooMuchMemory() {
    let first = [Log.text(Log.header, file: "a.py"), Log.text("a=1 b=1 c=1 d=1 e=1 f=1", file: "a.py")]
    let lines = first + Self.block("g=1 h=1 i=1", file: "b.py") + [Log.text("j=1", file: "a.py")]
    #expect(
      scan(lines, limits: Self.limits { $0.openBytes = 2500 }).summaries == [
        "1: +a=1 +b=1 +c=1 +d=1 +e=1 +f=1 [] implicit:limit", "2: +g=1 +h=1 +i=1 [] explicit",
      ])
    #expect(scan(lines).summaries.first?.contains("+j=1") == true)
  }

  // MARK: Headers

  @Test func manyHeadersInOneLineComeInTheirOrder() {
    let event = Array(repeating: Log.header, count: 3000).joined(separator: #"\n"#)
    let scanned = scan([Log.json(event)])
    #expect(scanned.records.map(\.block) == Array(1...3000))
    #expect(scanned.records.allSatisfy { $0.issueTexts == ["empty_block"] })
  }

  /// Each header and each line is written twice, and counts once. Places of headers that do not count are forgotten on the way.
  @Test func headersWrittenTwiceKeepTheirNumbers() {
    let count = 9000
    let lines = (0..<count).flatMap { number in
      let (minutes, seconds, rest) = (10 + number / 600 % 50, 10 + number / 10 % 50, 100 + number)
      let time = "2026-03-28T\(10 + number / 3000):\(minutes):\(seconds).\(rest)"
      return [Log.header, Log.header, "n_trades=\(number)", "n_trades=\(number)"]
        .map { "[\(time)+0000] {a.py:1} INFO - \($0)" }
    }
    let scanned = scan(lines)
    #expect(scanned.blockCount == count)
    #expect(scanned.records.map(\.block) == Array(1...count))
    #expect(scanned.records.map(\.pairTexts) == (0..<count).map { ["n_trades=\($0)"] })
  }

  // MARK: Issues

  /// Two thousand issues of one line are handed on before its end, and are known where the words of a header are looked for.
  @Test func manyIssuesOfOneLineLeaveNoUnreadHeader() {
    let near = Array(repeating: "=== Correlation Data", count: 2000).joined(separator: #"\n"#)
    let scanned = scan([Log.json(near + #"\nlooking for CORRELATION DATA"#)])
    #expect(scanned.sourceIssues.map(\.kind) == Array(repeating: .unrecognisedHeader, count: 2000))
  }

  @Test func issuesBeyondTheLimitAreCountedByKind() {
    var issues = SourceIssues(limit: 3)
    for line in 1...5 { issues.append(GrammarIssue(kind: .orphanEnd, line: line, offset: 0)) }
    issues.append(GrammarIssue(kind: .unrecognisedHeader, line: 6, offset: 0))
    issues.append(GrammarIssue(kind: .unreadHeader, line: 7, offset: 0, places: 40))
    #expect(issues.list.map(\.line) == [1, 2, 3, 4, 6, 7])
    #expect(issues.list.map(\.places) == [nil, nil, nil, 2, nil, 40])
    #expect(issues.list.reduce(0) { $0 + $1.count } == 7)
  }

  // MARK: Names

  /// Names of a kilobyte that differ at their ends name two streams.
  @Test func longNamesAreToldApart() {
    let name = String(repeating: "x", count: 1000)
    let lines =
      ["a", "b"].map { Log.json(Log.header, logger: name + $0) }
      + ["b", "a"].map { Log.json("group=\($0)", logger: name + $0) }
    #expect(
      scan(lines).summaries == ["1: group=a [] implicit:end_of_input", "2: group=b [] implicit:end_of_input"])
  }

  /// A text log's lines are passed over by the names of their sources.
  @Test func linesOfASourceWithALongNameAreRead() {
    let file = String(repeating: "x", count: 1000) + ".py"
    let lines =
      [Log.text(Log.header, file: file)] + Array(repeating: Log.text("note", file: "b.py"), count: 20)
    #expect(
      scan(lines + [Log.text("sl=1", file: file), Log.text(Log.end, file: file)]).summaries == [
        "1: sl=1 [] explicit"
      ])
  }
}

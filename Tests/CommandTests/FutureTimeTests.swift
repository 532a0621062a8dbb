import Ingest
import LogModel
import TestSupport
import Testing

/// Records of the future are told, and stay as they are (1-correlation-data, Times of the future).
@Suite struct FutureTimeTests {
  private static let day: Int64 = 86_400_000_000
  private static let clock = LogTime(microseconds: 1_774_699_200_000_000)

  private static func block(_ year: Int, _ trades: Int) -> String {
    "[\(year)-03-28T02:14:0\(trades).000+0000] {a.py:88} INFO - === CORRELATION DATA ===\ncrypto=SOLUSDC n_trades=\(trades)\n"
      + "=== END CORRELATION DATA ===\n"
  }

  /// The second and the third block are of the future.
  private static let log = block(2020, 1) + block(2990, 2) + block(2991, 3)

  private static func record(_ block: Int) -> CorrelationRecord {
    CorrelationRecord(block: block, line: 10 * block, offset: 100 * block, end: .explicit)
  }

  /// A day is allowed, to the last microsecond.
  @Test(arguments: [(0, false), (day, false), (day + 1, true)])
  func `a time is of the future when it is more than a day ahead`(ahead: Int64, isFuture: Bool) {
    var times = FutureTimes(clock: { Self.clock })
    times.note(Self.record(1), nil)
    times.note(Self.record(2), LogTime(microseconds: Self.clock.microseconds + ahead))
    #expect((times.issue != nil) == isFuture)
  }

  @Test func `the issue stands at the first such record and counts them`() {
    var times = FutureTimes(clock: { Self.clock })
    times.note(Self.record(1), Self.clock)
    for block in 2...4 {
      times.note(Self.record(block), LogTime(microseconds: Self.clock.microseconds + Int64(block) * Self.day))
    }
    #expect(
      times.issue
        == GrammarIssue(
          kind: .futureTime, line: 20, offset: 200, raw: "2026-03-30T12:00:00Z", block: 2, places: 3))
  }

  /// `tail -f` of a log can go on for days.
  @Test func `the clock is the one at the moment of reading`() {
    let clock = Clock(Self.clock)
    var times = FutureTimes(clock: { clock.next() })
    for _ in 0..<5 { times.note(Self.record(1), LogTime(microseconds: clock.last.microseconds + Self.day)) }
    #expect(times.issue == nil)
  }

  @Test(arguments: ["ndjson", "table", "csv", "markdown"])
  func `parse tells of records of the future and prints them`(format: String) throws {
    let files = try Workspace()
    try files.write(Self.log, to: "a.log")
    let outcome = try Program.run("--format", format, "a.log", in: files.path)
    #expect(outcome.status == 0)
    #expect(
      outcome.errorText.contains(
        "a.log:4: a record of the future, 2990-03-28T02:14:02Z, and 1 more such record; "))
    #expect(outcome.text.split(separator: "\n").count { $0.contains("SOLUSDC") } == 3)
    if format == "ndjson" {
      let issue =
        #"{"kind":"future_time","line":4,"offset":\#(Self.block(2020, 1).utf8.count),"raw":"2990-03-28T02:14:02Z","block":2,"places":2}"#
      #expect(outcome.lines.last == #"{"source":"a.log","status":"complete","issues":[\#(issue)]}"#)
    }
  }

  @Test func `ingest stores the issue and the signals say what they pass over`() throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    try files.write(Self.log + TaskLog.success, to: TaskLog.path(), modified: 1_774_699_200)
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("source issues: future_time 1"))
    #expect(
      outcome.errorText.contains(":4: a record of the future, 2990-03-28T02:14:02Z, and 1 more such record; ")
    )
    #expect(
      try database.column(
        "SELECT concat_ws(' ', kind, line, raw, places) FROM diagnostics.issue_v1 WHERE kind = 'future_time'")
        == ["future_time 4 2990-03-28T02:14:02Z 2"])
    #expect(
      try database.column("SELECT count(*) FROM diagnostics.verdict_v1 WHERE observed_at > '2990-01-01'") == [
        "2"
      ])
    let state = try database.run("state", "--format", "json")
    #expect(state.text.contains("; records of the future are passed over, the last of 2991-03-28T02:14:03Z"))
  }

  /// What a log gives there is not to depend on the day.
  @Test func `corpus and lint do not look at the clock`() throws {
    let files = try Workspace()
    try files.write(Self.log, to: "case/input.log")
    #expect(try Program.run("corpus", "update", files.path).status == 0)
    #expect(!String(decoding: try files.read("case/expected.ndjson"), as: UTF8.self).contains("future"))
    #expect(try !Program.run("lint", files("case/input.log")).text.contains("future"))
  }

  /// Nothing is known of the time of such a record; a garbled clock of the file system gives no time either.
  @Test func `years that no calendar of the program has are no times`() throws {
    let files = try Workspace()
    for (name, time) in [("zero", "0000-01-01T00:00:00.000+0000"), ("late", "9999-12-31T23:59:59.000-0100")] {
      try files.write(
        "[\(time)] {a.py:88} INFO - === CORRELATION DATA ===\ncrypto=SOLUSDC\n=== END CORRELATION DATA ===\n",
        to: "\(name).log", modified: 1_774_699_200)
      let outcome = try Program.run("--format", "ndjson", "\(name).log", in: files.path)
      #expect(outcome.lines.count == 1)
      #expect(outcome.text.contains(#""observed_at":"2026-03-28T12:00:00Z""#))
    }
    // 300,000,000,000 s after the epoch are in the year 11476.
    let garbled = LogTime(microseconds: 300_000_000_000_000_000)
    #expect(ObservedTime(header: nil, identity: nil, modified: garbled) == nil)
  }
}

/// A clock that goes on by a day each time somebody looks at it.
private final class Clock: @unchecked Sendable {
  private(set) var last: LogTime

  init(_ start: LogTime) { last = start }

  func next() -> LogTime {
    last = LogTime(microseconds: last.microseconds + 86_400_000_000)
    return last
  }
}

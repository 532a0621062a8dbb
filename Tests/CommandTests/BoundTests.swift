import TestSupport
import Testing

/// What a bound drops is counted, and the counts are shown (6-bars, Limits).
@Suite struct BoundTests {
  private static let end = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - === END CORRELATION DATA ===\n"
  private static let line = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - a line\n"
  private static let orphans = String(repeating: line + end, count: 1500)

  /// A thousand issues and one that stands for the other 500, at the place of the first of them. End markers hold the words of a header, so the log
  /// has an `unread_header` as well.
  @Test func issuesOfASourceBeyondAThousandAreOneOfTheirKind() throws {
    let outcome = try Program.run("--format", "ndjson", input: Array(Self.orphans.utf8))
    let parts = (outcome.lines.first ?? "").components(of: #"{"kind":"orphan_end","#)
    #expect(parts.count == 1001)
    #expect(parts.last?.hasPrefix(#""line":2002,"#) == true)
    #expect(parts.last?.contains(#""places":500},{"kind":"unread_header""#) == true)
    #expect(parts.dropLast().allSatisfy { !$0.contains("places") })
  }

  @Test func theLedgerAndTheMetricsCountThemAll() throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    try files.write(Self.orphans, to: "logs/a.log")
    let outcome = try database.run(
      "ingest", "--metrics-file", files("metrics.prom"), "logs", in: files.path)
    #expect(outcome.status == 0)
    #expect(try database.column("SELECT issues FROM diagnostics.ingestion_v1") == ["1501"])
    #expect(try database.column("SELECT count(*) FROM diagnostics.issue_v1") == ["1002"])
    let counted =
      "SELECT concat_ws(' ', kind, line, places) FROM diagnostics.issue_v1 WHERE places IS NOT NULL ORDER BY 1"
    #expect(try database.column(counted) == ["orphan_end 2002 500", "unread_header 2 1500"])
    let metrics = try String(decoding: files.read("metrics.prom"), as: UTF8.self)
    #expect(metrics.contains(#"corrparse_last_run_source_issues{command="ingest",kind="orphan_end"} 1500"#))
  }

  /// Of many names most reach the program around the parser of arguments.
  @Test func manyPathsAreReadInTheirOrder() throws {
    let files = try Workspace()
    let names = (0..<300).map { "\($0).log" }
    for (number, name) in names.enumerated() {
      try files.write(TaskLog.block("n_trades=\(number)"), to: name)
    }
    let arguments = ["parse", "--format", "csv"] + names[..<150] + ["--verbose"] + names[150...] + ["-"]
    let outcome = try Program.finish(
      Program.start(arguments, in: files.path), input: Array(TaskLog.block("n_trades=300").utf8))
    #expect(outcome.lines.dropFirst().map { $0.prefix { $0 != "," } } == (names + ["-"]).map { $0[...] })
  }

  @Test func tooManyNamesAreNamedByTheFirstThatIsTooMany() throws {
    let outcome = try Program.finish(Program.start(["state"] + (1...300).map { "name\($0)" }))
    #expect(outcome.status == 64)
    #expect(outcome.errorText.contains("'name1'"))
    #expect(outcome.errorText.contains("name3"))
    #expect(!outcome.errorText.contains("\u{F8FF}"))
  }
}

extension String {
  fileprivate func components(of separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: true)
      .filter { $0.hasPrefix(#""line""#) }
      .map { $0.last == "," ? $0.dropLast() : $0 }
  }
}

import DiagnosticWriter
import LogModel
import RecordFormats
import TestSupport
import Testing

/// Logs are sorted by what the database sorts by, and by every field (5-command-line, Questions).
@Suite struct SortKeyTests {
  /// A field that is new was in the CSV and in the keys of `verdicts`, and `parse --sort` refused it.
  @Test func `logs are sorted by every value that is known of a record`() {
    // Which attempt is the latest, and a crypto's group of the universe, the database alone knows.
    let stored = Set(StoredList.verdicts.sortKeys).subtracting(["latest_attempt", "crypto_group"])
    #expect(stored.subtracting(VerdictColumns.sortKeys) == [])
    #expect(VerdictColumns.sortKeys.count == Set(VerdictColumns.sortKeys).count)
    for key in FieldKey.allCases {
      #expect(
        SortOrder.key(key.name, among: VerdictColumns.sortKeys, VerdictColumns.all) != nil, "\(key.name)")
    }
  }

  /// 10 came before 9 where counts were compared as texts.
  @Test(arguments: [
    ("oom_kills", ["10", "9", "100"], ["9", "10", "100"]),
    ("pvc_pct", ["70.5%", "8%", "61%"], ["8", "61", "70.5"]),
    ("group", ["majors", "alts", "memes"], ["alts", "majors", "memes"]),
    ("complete", ["true", "false", "true"], ["false", "true", "true"]),
    ("block", ["1", "2", "3"], ["1", "2", "3"]),
  ])
  func `fields are sorted by their values`(key: String, values: [String], sorted: [String]) throws {
    let own = key == "block" ? "n_trades" : key
    // Each block has a time of its own, so that none is a replay.
    let log = zip(values, 1...).map { TaskLog.block("\(own)=\($0)", second: $1) }.joined()
    let outcome = try Program.run(
      "parse", "--format", "csv", "--sort", key, "-", input: Array(log.utf8))
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let lines = outcome.lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(lines.first?.firstIndex(of: own[...]))
    #expect(lines.dropFirst().map { $0[column] } == sorted.map { $0[...] })
  }
}

import TestSupport
import Testing

/// The words of an ingest's summary agree with each other (5-command-line, Summary of a run).
@Suite struct IngestWordsTests {
  /// One record with a code, one without fields, and an end marker of no block.
  private static let log =
    TaskLog.line + TaskLog.block("crypto=SOLUSDC f1_buy=0.53 baseline_f1_buy=0.50 sortino=1")
    + TaskLog.block("note=1", second: 8)
    + "[2026-03-28T02:14:09.000+0000] {x.py:1} INFO - === END CORRELATION DATA ===\n"
    + TaskLog.success

  /// What is said between the equation and the size.
  private static func words(_ outcome: Outcome) -> String {
    let end = outcome.summary.split(separator: " rejected; ", maxSplits: 1).last ?? ""
    return end.split(separator: "; ").dropLast().joined(separator: "; ")
  }

  /// `0 stored + 85 unchanged` came with the verdicts of a copy, and with none of a copy that was packed.
  @Test func `a log that is read again, copied or packed has the verdicts that it had`() throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    for root in ["logs/", "copy/"] {
      try files.write(Self.log, to: root + TaskLog.path(), modified: 1_774_664_100)
    }
    try files.write(Gzip.member(Self.log), to: "packed/" + TaskLog.path() + ".gz", modified: 1_774_664_100)
    let first = try database.run("ingest", "logs", in: files.path)
    #expect(
      Self.words(first)
        == "ML_MARGINAL 1, unclassified 1; source issues: orphan_end 1; 1 record without fields")
    for arguments in [["--force", "logs"], ["copy"], ["packed"]] {
      let again = try Program.finish(database.start(["ingest"] + arguments, in: files.path))
      #expect(again.summary.contains("2 blocks = 0 stored + 2 unchanged + "), "\(again.summary)")
      #expect(Self.words(again) == Self.words(first), "\(arguments) \(again.summary)")
    }
    let unread = try database.run("ingest", "logs", in: files.path)
    #expect(unread.summary.contains("1 unchanged, 0 failed; 0 blocks = "))
    #expect(Self.words(unread) == "no verdicts; no source issues")
  }

  /// Two places of one log in one run: as many verdicts as the equation has stored and unchanged.
  @Test func `a log that lies in two places counts as its blocks do, in whichever order it is read`() throws {
    for order in [["logs", "packed"], ["packed", "logs"]] {
      let database = try CommandDatabase()
      let files = try Workspace()
      try files.write(Self.log, to: "logs/" + TaskLog.path(), modified: 1_774_664_100)
      try files.write(Gzip.member(Self.log), to: "packed/" + TaskLog.path() + ".gz", modified: 1_774_664_100)
      let both = try Program.finish(database.start(["ingest", "--jobs", "1"] + order, in: files.path))
      #expect(both.summary.contains("4 blocks = 2 stored + 2 unchanged + "), "\(both.summary)")
      #expect(
        Self.words(both)
          == "ML_MARGINAL 2, unclassified 2; source issues: orphan_end 2; 2 records without fields",
        "\(both.summary)")
    }
  }
}

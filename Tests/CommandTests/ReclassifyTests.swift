import TestSupport
import Testing

/// `reclassify`: verdicts from stored rows equal those from the logs.
@Suite struct ReclassifyTests {
  private static let verdicts = """
    SELECT concat_ws(' ', s.name, to_jsonb(v) - '{source_id,updated_at}'::text[])
    FROM corrparse.verdict AS v JOIN corrparse.source AS s USING (source_id) ORDER BY s.name, v.block
    """

  /// The whole corpus, damaged logs included: to the last digit, findings, not_evaluated and explanation.
  @Test func storedRowsGiveTheVerdictsOfTheLogs() throws {
    let database = try CommandDatabase()
    #expect(try database.run("ingest", Corpus.folder).status == Status.damagedInput)
    let fromLogs = try database.column(Self.verdicts)
    #expect(fromLogs.count > 300)
    let before = try database.physicalState()
    let idle = try database.run("reclassify")
    #expect(idle.status == 0)
    #expect(
      idle.errorText.contains(
        "\(fromLogs.count) records = 0 newly judged + 0 changed + \(fromLogs.count) unchanged"))
    #expect(try database.physicalState() == before)

    try database.execute("DELETE FROM corrparse.verdict")
    let again = try database.run("reclassify", "--taxonomy", "1")
    #expect(again.errorText.contains("= \(fromLogs.count) newly judged + 0 changed + 0 unchanged"))
    #expect(try database.column(Self.verdicts) == fromLogs)
  }

  @Test func changedVerdictIsPutRightAndNoOtherTouched() throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    try files.write(TaskLog.finished(blocks: 3), to: TaskLog.path())
    #expect(try database.run("ingest", files.path).status == 0)
    let right = try database.column(Self.verdicts)
    let others = "SELECT concat(xmin, ctid) FROM corrparse.verdict WHERE block <> 2 ORDER BY block"
    let untouched = try database.column(others)
    try database.execute("UPDATE corrparse.verdict SET explanation = 'x' WHERE block = 2")
    #expect(
      try database.run("reclassify").errorText.contains("3 records = 0 newly judged + 1 changed + 2 unch"))
    #expect(try database.column(Self.verdicts) == right)
    #expect(try database.column(others) == untouched)
  }

  @Test func unknownVersionIsAUsageError() throws {
    let outcome = try Program.run("reclassify", "--taxonomy", "99")
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("there is no taxonomy version 99; this program knows 1"))
  }

  @Test func schemaBehindIsRefused() throws {
    let database = try CommandDatabase(isMigrated: false)
    for arguments in [["reclassify"], ["universe", "list"], ["prune", "--before", "365d"]] {
      let outcome = try Program.finish(database.start(arguments))
      #expect(outcome.status == Status.configuration)
      #expect(outcome.errorText.contains("corrparse migrate up"))
    }
  }
}

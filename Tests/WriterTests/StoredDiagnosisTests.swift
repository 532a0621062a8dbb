import Diagnosis
import Dispatch
import LogModel
import Testing

@testable import DiagnosticWriter

/// Stored run diagnoses are what would be computed, whatever wrote in whatever order (v0007_stored_diagnosis.sql).
@Suite struct StoredDiagnosisTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  /// Rows of the view that are not what its runs come to when computed, and the other way round.
  private static let differences: SQLText = """
    WITH computed AS (
      SELECT d.* FROM (SELECT DISTINCT o.dag_id, o.run_id FROM corrparse.task_outcome AS o) AS k
      CROSS JOIN LATERAL corrparse.diagnose_run(k.dag_id, k.run_id) AS d
    )
    (SELECT to_jsonb(k) FROM corrparse.known_run_diagnosis AS k EXCEPT SELECT to_jsonb(c) - 'scope' FROM computed AS c)
    UNION ALL
    (SELECT to_jsonb(c) - 'scope' FROM computed AS c EXCEPT SELECT to_jsonb(k) FROM corrparse.known_run_diagnosis AS k)
    """

  private static let rows: SQLText = "SELECT to_jsonb(k) FROM corrparse.known_run_diagnosis AS k ORDER BY 1"
  private static let listed: SQLText = "SELECT DISTINCT run_id FROM corrparse.run_change ORDER BY 1"
  private static let physical: SQLText =
    "SELECT concat_ws(' ', xmin, ctid, t) FROM corrparse.run_diagnosis AS t ORDER BY 1"

  private func expectExact(_ comment: Comment? = nil) throws {
    #expect(try connection.column(Self.differences) == [], comment)
  }

  /// Logs in random order, refreshed now and then: the view is the twin after the last one, before and after it is refreshed.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func anyOrderOfArrivalIsTheTwin(seed: UInt64) throws {
    var random = SplitMix(state: seed &+ 100)
    let logs = (0..<8).flatMap { RunDiagnosisTwinTests.run("run\($0)", &random) }
    for log in logs.shuffled(using: &random) {
      try log.store(connection)
      if Int.random(in: 0..<4, using: &random) == 0 { try RunDiagnoses(connection, batchSize: 2).refresh() }
    }
    let expected = RunDiagnosisTwin(logs: logs).rows()
    #expect(try connection.column(RunDiagnosisTwinTests.query) == expected)
    try expectExact()
    try RunDiagnoses(connection, batchSize: 3).refresh()
    #expect(try connection.column(Self.listed) == [])
    #expect(
      try connection.value("SELECT count(*) FROM corrparse.run_diagnosis") == String(expected.count))
    #expect(try connection.column(RunDiagnosisTwinTests.query) == expected)
    try expectExact()
  }

  /// Six jobs store the logs of the same runs while two others refresh.
  @Test func jobsAtOnceConverge() throws {
    var random = SplitMix(state: 77)
    let logs = (0..<6).flatMap { RunDiagnosisTwinTests.run("run\($0)", &random) }
    let (database, outcomes) = (database, Outcomes<Int>())
    DispatchQueue.concurrentPerform(iterations: 8) { job in
      outcomes.add {
        let own = try database.connect()
        for (index, log) in logs.enumerated() {
          if job < 6, index % 6 == job { try log.store(own) }
          if job >= 6 { try RunDiagnoses(own, batchSize: 2).refresh() }
        }
        return job
      }
    }
    #expect(try outcomes.values().count == 8)
    try expectExact("before the last refresh")
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(Self.listed) == [])
    try expectExact("after it")
    #expect(try connection.column(RunDiagnosisTwinTests.query) == RunDiagnosisTwin(logs: logs).rows())
  }

  private static let twoRuns = [
    RunLog(run: "a", attempt: 1, records: [.strategy(gain: 20), .strategy(gain: 0)]),
    RunLog(run: "a", task: "summary", records: [.summary(passed: 3, of: 5)]),
    RunLog(run: "b", records: [.strategy(gain: 7)]),
  ]

  private func storeTwoRuns() throws {
    for log in Self.twoRuns { try log.store(connection) }
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(Self.listed) == [])
  }

  /// Whatever changes a row that a diagnosis of run a comes from, and what of the view changes with it.
  @Test(arguments: [
    "UPDATE corrparse.record SET sortino = -1 WHERE run_id = 'a' AND block = 1",
    "UPDATE corrparse.record SET n_passed = 0 WHERE run_id = 'a' AND n_passed = 3",
    "UPDATE corrparse.verdict SET primary_code = 'ML_MARGINAL' WHERE primary_code = 'ML_SOLID'",
    "DELETE FROM corrparse.verdict WHERE primary_code = 'ML_SOLID'",
    "DELETE FROM corrparse.record WHERE run_id = 'a' AND block = 2",
    "UPDATE corrparse.task_outcome SET state = 'failed' WHERE run_id = 'a'",
    "DELETE FROM corrparse.source WHERE run_id = 'a' AND task_id = 'summary'",
    "DELETE FROM corrparse.source WHERE run_id = 'a'",
    """
    INSERT INTO corrparse.issue (source_id, block, ordinal, kind)
    SELECT source_id, block, 1, 'interleaved' FROM corrparse.record WHERE n_passed = 3
    """,
    """
    INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated)
    SELECT source_id, dag_id, run_id, task_id, map_index, 2, 'success', true FROM corrparse.task_outcome
    WHERE task_id = 'test_step' AND run_id = 'a'
    """,
  ])
  func everyChangeIsListed(change: String) throws {
    try storeTwoRuns()
    let before = try connection.column(Self.rows)
    try connection.run(SQLText(stringLiteral: change))
    #expect(try connection.column(Self.listed) == ["a"])
    try expectExact("while it is listed")
    #expect(try connection.column(Self.rows) != before)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(Self.listed) == [])
    try expectExact("once it is stored")
  }

  @Test func recordThatMovesToAnotherRunChangesBoth() throws {
    try storeTwoRuns()
    try connection.run("UPDATE corrparse.record SET run_id = 'b' WHERE run_id = 'a' AND block = 2")
    #expect(try connection.column(Self.listed) == ["a", "b"])
  }

  /// The stored rows of these changes would be wrong at once; nobody may see them.
  @Test(arguments: [
    "UPDATE corrparse.current_taxonomy SET taxonomy_version = 2",
    "UPDATE corrparse.taxonomy SET severity = 'P0' WHERE code = 'ML_SOLID'",
  ])
  func taxonomyChangesEveryRun(change: String) throws {
    try storeTwoRuns()
    try connection.run(SQLText(stringLiteral: change))
    #expect(try connection.column(Self.listed) == ["a", "b"])
    try expectExact()
  }

  /// Else a run stored meanwhile could be computed under the old taxonomy and taken off the list.
  @Test func nobodyComputesWhileTheTaxonomyChanges() throws {
    try storeTwoRuns()
    try connection.run("BEGIN; UPDATE corrparse.current_taxonomy SET taxonomy_version = 2")
    let other = try database.connect("options='-c lock_timeout=100ms'")
    try RunLog(run: "c", records: [.strategy(gain: 7)]).store(other)
    let error = #expect(throws: DatabaseError.self) {
      try other.run("SELECT corrparse.refresh_run_diagnoses(10)")
    }
    #expect(error?.isRetryable == true)
    try connection.run("COMMIT")
    try expectExact()
    #expect(try RunDiagnoses(other).refresh() == 3)
    try expectExact()
  }

  /// What is committed while a run is being computed stays on the list.
  @Test func changeDuringARefreshIsNotLost() throws {
    try storeTwoRuns()
    try connection.run("UPDATE corrparse.record SET sortino = -1 WHERE run_id = 'a' AND block = 1")
    let other = try database.connect()
    try other.run("BEGIN; UPDATE corrparse.record SET sortino = -2 WHERE run_id = 'b'")
    try RunDiagnoses(connection).refresh()
    try other.run("COMMIT")
    #expect(try connection.column(Self.listed) == ["b"])
    try expectExact()
  }

  @Test func readingAnUnchangedLogListsNothing() throws {
    try storeTwoRuns()
    let stored = try connection.column(Self.physical)
    for log in Self.twoRuns { try log.store(connection) }
    #expect(try connection.column(Self.listed) == [])
    #expect(try RunDiagnoses(connection).refresh() == 0)
    #expect(try connection.column(Self.physical) == stored)
  }

  @Test func writerMayRefresh() throws {
    try connection.run("SET ROLE corrparse_writer")
    try RunLog(records: [.strategy(gain: 7)]).store(connection)
    #expect(try RunDiagnoses(connection).refresh() == 1)
    try expectExact()
  }

  /// By Sortino, then by delta; one without trades has no Sortino; earlier attempts do not count.
  @Test func bestStrategyIsThatOfTheLatestAttempt() throws {
    try RunLog(attempt: 1, records: [.strategy(gain: 30, sortino: 9)]).store(connection)
    try RunLog(
      attempt: 2,
      records: [
        .strategy(gain: 8, sortino: 2), .strategy(gain: 9, sortino: 2), .strategy(gain: 4, sortino: 1),
        .strategy(gain: 40, sortino: 5, also: [.nTrades: .integer(0)]),
        .strategy("BTCUSDC", gain: 0, sortino: nil), .strategy(nil, gain: 50, sortino: 8),
      ]
    ).store(connection)
    let best: SQLText = """
      SELECT concat_ws(' ', crypto, try_number, trim_scale(delta), sortino, primary_code)
      FROM diagnostics.best_strategy_v1 ORDER BY crypto
      """
    let expected = ["BTCUSDC 2 0 ML_USELESS", "SOLUSDC 2 0.09 2 ML_EXPLOITABLE"]
    #expect(try connection.column(best) == expected)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(best) == expected)
  }

  /// Useful is verdict_v1's, counted per crypto and for the whole run.
  @Test func usefulStrategiesAreCounted() throws {
    try RunLog(
      records: [
        .strategy(gain: 20), .strategy(gain: 20, gates: [false]),
        .strategy("BTCUSDC", gain: 7, gates: [true]),
        .strategy("BTCUSDC", gain: 3), .strategy(gain: 20, sortino: -1), .strategy(nil, gain: 20),
      ]
    ).store(connection)
    try RunDiagnoses(connection).refresh()
    #expect(
      try connection.column(
        """
        SELECT concat_ws(' ', coalesce(crypto, '*'), useful)
        FROM diagnostics.run_diagnosis_v1 ORDER BY crypto NULLS FIRST
        """) == ["* 3", "BTCUSDC 1", "SOLUSDC 1"])
    #expect(try connection.value("SELECT count(*) FROM diagnostics.verdict_v1 WHERE useful") == "3")
  }
}

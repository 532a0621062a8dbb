import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// The latest runs of a DAG and of a crypto, where many runs began at the same time.
@Suite struct LatestRunTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  /// What the function has to find, said without an index, a limit on the search or an order of reading.
  private static let finished: SQLText = """
    SELECT concat_ws(' ', k.run_id, to_char(r.started_at, 'DD HH24:MI'))
    FROM (SELECT DISTINCT o.run_id FROM corrparse.task_outcome AS o WHERE o.dag_id = $2 AND o.started_at <= $1::timestamptz) AS k
    CROSS JOIN LATERAL corrparse.run_at($1::timestamptz, $2, k.run_id) AS r
    WHERE r.state IN ('success', 'failed')
    ORDER BY r.started_at DESC, k.run_id COLLATE "C" DESC
    LIMIT $3::bigint
    """

  private static let ofCrypto: SQLText = """
    SELECT concat_ws(' ', k.dag_id, k.run_id, to_char(o.started_at, 'DD HH24:MI'))
    FROM (
      SELECT DISTINCT r.dag_id, r.run_id FROM corrparse.record AS r JOIN corrparse.test_dag AS t USING (dag_id)
      WHERE r.crypto = $2 AND r.observed_at <= $1::timestamptz
        AND NOT EXISTS (
          SELECT FROM corrparse.task_outcome AS later
          WHERE (later.dag_id, later.run_id, later.task_id, later.map_index) = (r.dag_id, r.run_id, r.task_id, r.map_index)
            AND later.try_number > r.try_number AND later.started_at <= $1::timestamptz)
    ) AS k
    CROSS JOIN LATERAL (
      SELECT min(o.started_at) AS started_at FROM corrparse.task_outcome AS o
      WHERE o.dag_id = k.dag_id AND o.run_id = k.run_id AND o.started_at <= $1::timestamptz
    ) AS o
    WHERE o.started_at IS NOT NULL
    ORDER BY o.started_at DESC, k.run_id COLLATE "C" DESC, k.dag_id COLLATE "C" DESC
    LIMIT $3::bigint
    """

  /// Ninety runs of three DAGs and another one begin at few instants; some are tried again, some are not finished, and some
  /// records have the time of the run's name, before or after the run.
  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func sameStarts(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var logs: [RunLog] = []
    for dag in World.testDAGs + ["other"] {
      for index in 0..<(dag == "other" ? 5 : 30) {
        let start = World.noon - .minutes(random.pick(0, 0, 60, 60, 60, 61, 1500, 9000))
        for attempt in 1...random.pick(1, 1, 2, 3) {
          let begin = start + .minutes(Int64(attempt - 1) * random.pick(30, 60))
          logs.append(
            RunLog(
              dag: dag, run: "run\(index)", attempt: attempt,
              state: random.pick(.success, .success, .failed, .failed, .unknown, .upForRetry), start: begin,
              end: begin + .minutes(20),
              records: [
                .strategy(random.pick("BTCUSDC", "ETHUSDC"), gain: 20), .strategy("ADAUSDC", gain: 20),
              ],
              observed: begin + .minutes(random.pick(0, 5, -100, 300))))
        }
      }
    }
    try World(logs: logs.shuffled(using: &random)).store(connection)
    for at in [World.noon, World.noon - .minutes(60), World.noon - .days(1), World.noon + .days(1)] {
      for wanted in ["1", "3", "10", "1000"] {
        for dag in World.testDAGs {
          #expect(
            try connection.column(
              """
              SELECT concat_ws(' ', run_id, to_char(started_at, 'DD HH24:MI'))
              FROM corrparse.finished_run_at($1::timestamptz, $2, $3::bigint)
              """, [at.sqlText, dag, wanted]) == connection.column(Self.finished, [at.sqlText, dag, wanted]),
            "\(dag) at \(at), \(wanted) runs")
        }
        for crypto in ["BTCUSDC", "ADAUSDC", "XRPUSDC"] {
          #expect(
            try connection.column(
              """
              SELECT concat_ws(' ', dag_id, run_id, to_char(started_at, 'DD HH24:MI'))
              FROM corrparse.crypto_run_at($1::timestamptz, $2, $3::bigint)
              """, [at.sqlText, crypto, wanted])
              == connection.column(Self.ofCrypto, [at.sqlText, crypto, wanted]),
            "\(crypto) at \(at), \(wanted) runs")
        }
      }
    }
    let late = World.noon + .days(1)
    // Comparing would prove little if nothing were found.
    #expect(try connection.column(Self.finished, [late.sqlText, World.testDAGs[0], "10"]).count == 10)
    #expect(try connection.column(Self.ofCrypto, [late.sqlText, "ADAUSDC", "10"]).count == 10)
  }

  /// Runs of one start, of which all have to be looked at, cost as much as there are of them: with twice as many, twice
  /// the rows are read.
  @Test func costIsThatOfTheRuns() throws {
    var reads: [Int64] = []
    for runs in [0..<100, 100..<200] {
      let logs = runs.map {
        RunLog.run(
          "run\($0)", start: World.noon - .hours(2), for: .hours(1), records: [.strategy("BTCUSDC", gain: 20)]
        )
      }
      try World(logs: logs).store(connection)
      // Tables of a few pages would be scanned.
      try connection.run("ANALYZE; SET enable_seqscan = off; BEGIN")
      let before = try read()
      #expect(
        try connection.value(
          """
          SELECT (SELECT count(*) FROM corrparse.finished_run_at($1::timestamptz, 'launch__discovery', 3))
            + (SELECT count(*) FROM corrparse.crypto_run_at($1::timestamptz, 'BTCUSDC', 3))
          """, [World.noon.sqlText]) == "6")
      reads.append(try read() - before)
      try connection.run("COMMIT")
    }
    #expect(reads[0] >= 200)
    #expect(reads[1] < 3 * reads[0], "\(reads)")
  }

  /// Rows that this transaction has read so far, by scanning or by an index.
  private func read() throws -> Int64 {
    let rows = try connection.query(
      "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables WHERE relname IN ('record', 'task_outcome')"
    )
    return rows.integer(0, 0) ?? 0
  }
}

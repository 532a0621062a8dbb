public import LogModel

/// Retention: removes what is older than an instant, run by run and never a part of one.
///
/// A source is old when everything in it happened before the instant: its records and its attempts' starts and ends; where
/// it has neither, its log's modification, or where that is unknown its ingestion. It goes with all its rows, ledger
/// included, when every other source of its DAG runs is old too.
///
/// What the present is judged by stays, however old (`docs/specification/3-classification.md`, last lines): see ``judged``. Observations
/// of infra and model registries and the state's history go by their time, but for the newest observation and those of the hour that counts, and the
/// last state before the instant and when it began. Reference tables, universe and migrations stay.
public struct Pruner {
  private let connection: Connection
  private let batchSize: Int

  /// How many days of history are never removed: the 30 of the latency, and a week in which the last run may have come to its end.
  public static let leastDays: Int64 = 38

  /// How many rows of each kind.
  public struct Summary: Sendable, Hashable {
    /// Sources, each one part of one task attempt.
    public var sources = 0
    /// Rows of the ledger.
    public var logs = 0
    /// Records.
    public var records = 0
    /// Verdicts of all taxonomy versions.
    public var verdicts = 0
    /// Issues of records and of sources.
    public var issues = 0
    /// Outcomes of task attempts.
    public var outcomes = 0
    /// Infra observations from outside the logs.
    public var observations = 0
    /// Rows of the global state's history.
    public var states = 0
    /// Observations of model registries.
    public var registries = 0
    /// Sources that are older and stay, because the present is judged by them or their run goes on.
    public var kept = 0

    /// Whether there is nothing.
    public var isEmpty: Bool { sources == 0 && observations == 0 && states == 0 && registries == 0 }
  }

  /// Over an open connection, which must not be used otherwise meanwhile.
  public init(_ connection: Connection) {
    self.init(connection, batchSize: 500)
  }

  /// With another bound on the sources of one transaction.
  init(_ connection: Connection, batchSize: Int) {
    self.connection = connection
    self.batchSize = batchSize
  }

  /// What ``run(before:)`` would remove.
  public func plan(before time: LogTime) throws(DatabaseError) -> Summary {
    try inTransaction { () throws(DatabaseError) in
      let old = try old(before: time)
      var summary = try summary(of: old.removable)
      summary.kept = old.kept
      try surround(&summary, Self.oldSurroundings, time)
      return summary
    }
  }

  /// Removes it, some hundred sources in a transaction, oldest source first.
  ///
  /// A source that a log is being stored into meanwhile is looked at again and stays unless it is still old.
  /// - Returns: What was removed.
  /// - Throws: What stopped it. What was committed is gone; the rest goes when it is run again.
  public func run(before time: LogTime) throws(DatabaseError) -> Summary {
    var total = Summary()
    var rest = try inTransaction { () throws(DatabaseError) in
      let old = try old(before: time)
      total.kept = old.kept
      return old.removable[...]
    }
    while !rest.isEmpty {
      let batch = Array(rest.prefix(batchSize))
      rest = rest.dropFirst(batchSize)
      try inTransaction { () throws(DatabaseError) in
        try connection.query(Self.lock, [Self.json(batch)])
        let stillOld = try integers(
          connection.query(Self.stillOld, [Self.json(batch), time.sqlText]))
        total.add(try summary(of: stillOld))
        try connection.query(Self.deletion, [Self.json(stillOld)])
      }
    }
    try inTransaction { () throws(DatabaseError) in try surround(&total, Self.surroundingsDeletion, time) }
    try RunDiagnoses(connection).refresh()
    return total
  }

  private func inTransaction<Value>(
    _ body: () throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    do throws(DatabaseError) {
      try connection.run(Self.begin)
      let value = try body()
      try connection.commit()
      return value
    } catch {
      try? connection.rollback()
      throw error
    }
  }

  /// What is not of a run: observations and states.
  private func surround(
    _ summary: inout Summary, _ statement: SQLText, _ time: LogTime
  ) throws(DatabaseError) {
    let row = try connection.query(statement, [time.sqlText])
    summary.observations = Int(row.integer(0, 0) ?? 0)
    summary.states = Int(row.integer(0, 1) ?? 0)
    summary.registries = Int(row.integer(0, 2) ?? 0)
  }

  /// The sources older than an instant: which go, oldest first, and how many stay.
  private func old(before time: LogTime) throws(DatabaseError) -> (removable: [Int64], kept: Int) {
    let rows = try connection.query(Self.oldSources, [time.sqlText])
    let removable = (0..<rows.rowCount).compactMap { rows.boolean($0, 1) == true ? rows.integer($0, 0) : nil }
    return (removable, rows.rowCount - removable.count)
  }

  private func integers(_ rows: QueryResult) -> [Int64] {
    (0..<rows.rowCount).compactMap { rows.integer($0, 0) }
  }

  private func summary(of sources: [Int64]) throws(DatabaseError) -> Summary {
    let row = try connection.query(Self.counts, [Self.json(sources)])
    let counts = (0..<5).map { Int(row.integer(0, $0) ?? 0) }
    return Summary(
      sources: sources.count, logs: counts[0], records: counts[1], verdicts: counts[2], issues: counts[3],
      outcomes: counts[4])
  }

  private static func json(_ numbers: [Int64]) -> String {
    "[" + numbers.map { String($0) }.joined(separator: ",") + "]"
  }
}

extension Pruner.Summary {
  fileprivate mutating func add(_ other: Self) {
    sources += other.sources
    logs += other.logs
    records += other.records
    verdicts += other.verdicts
    issues += other.issues
    outcomes += other.outcomes
  }
}

extension Pruner {
  /// When the last thing of source `s` happened. The offset has the records found by their source. Without it the planner takes the
  /// records of all sources by their times, the last first, until one is of the source at hand: for an old source, most of the table.
  private static let lastEvent: SQLText = """
    coalesce(
      greatest(
        (
          SELECT max(r.observed_at)
          FROM (SELECT own.observed_at FROM corrparse.record AS own WHERE own.source_id = s.source_id OFFSET 0) AS r
        ),
        (
          SELECT max(greatest(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.source_id = s.source_id
        )),
      (
        SELECT max(coalesce(l.modified_at, l.ingested_at)) FROM corrparse.log AS l WHERE l.source_id = s.source_id
      ))
    """

  /// The sources, `judged`, that signals and state of the present come from:
  /// - the first record of each crypto, and its last useful strategy;
  /// - the last three runs of each crypto and of each test DAG, and its last three finished ones. The last three of all test DAGs
  ///   together are among them;
  /// - the last run of each other DAG, without which its signals would no longer be listed.
  private static let judged: SQLText = """
    crypto AS MATERIALIZED (
      SELECT c.crypto, c.first_record_at, c.last_useful_at FROM corrparse.crypto_at(now()) AS c
    ),
    dag AS (
      SELECT o.dag_id FROM corrparse.task_outcome AS o GROUP BY o.dag_id
    ),
    wanted AS (
      SELECT greatest(3, corrparse.setting('recurrent_runs')::bigint) AS runs
    ),
    judged_run AS (
      SELECT r.dag_id, r.run_id
      FROM wanted AS w CROSS JOIN crypto AS c CROSS JOIN LATERAL corrparse.crypto_run_at(now(), c.crypto, w.runs) AS r
      UNION
      SELECT t.dag_id, r.run_id
      FROM wanted AS w CROSS JOIN corrparse.test_dag AS t
      CROSS JOIN LATERAL corrparse.finished_run_at(now(), t.dag_id, w.runs) AS r
      UNION
      SELECT d.dag_id, r.run_id
      FROM wanted AS w CROSS JOIN dag AS d
      CROSS JOIN LATERAL (
        SELECT o.run_id
        FROM corrparse.task_outcome AS o
        WHERE o.dag_id = d.dag_id AND o.started_at <= now()
        GROUP BY o.run_id
        ORDER BY min(o.started_at) DESC, o.run_id COLLATE "C" DESC
        LIMIT CASE WHEN EXISTS (SELECT FROM corrparse.test_dag AS t WHERE t.dag_id = d.dag_id) THEN w.runs ELSE 1 END
      ) AS r
    ),
    judged AS (
      SELECT o.source_id
      FROM judged_run AS j JOIN corrparse.task_outcome AS o ON o.dag_id = j.dag_id AND o.run_id = j.run_id
      UNION
      SELECT r.source_id
      FROM crypto AS c
      JOIN corrparse.record AS r ON r.crypto = c.crypto AND r.observed_at IN (c.first_record_at, c.last_useful_at)
    ),

    """

  /// The old sources, oldest first, and whether each goes. A run is kept or removed as a whole. Sources linked through shared runs form a
  /// group, and one source that must stay keeps its whole group.
  private static let oldSources: SQLText =
    "WITH RECURSIVE " + judged + "dated AS MATERIALIZED (\nSELECT s.source_id, " + lastEvent + """
       < $1::timestamptz AS is_old
      FROM corrparse.source AS s
      ),
      kept AS (
        SELECT d.source_id FROM dated AS d
        WHERE d.is_old IS NOT TRUE OR EXISTS (SELECT FROM judged AS j WHERE j.source_id = d.source_id)
        UNION
        SELECT other.source_id
        FROM kept AS k
        JOIN corrparse.task_outcome AS own ON own.source_id = k.source_id
        JOIN corrparse.task_outcome AS other ON other.dag_id = own.dag_id AND other.run_id = own.run_id
      )
      SELECT d.source_id, NOT EXISTS (SELECT FROM kept AS k WHERE k.source_id = d.source_id) AS goes
      FROM dated AS d
      WHERE d.is_old
      ORDER BY d.source_id
      """

  /// The last state before the instant is the state at the instant, and its first row tells since when.
  private static let surroundings: SQLText = """
    WITH last AS (
      SELECT h.noted_at, h.state FROM corrparse.global_state_history AS h
      WHERE h.noted_at < $1::timestamptz ORDER BY h.noted_at DESC LIMIT 1
    ),
    first AS (
      SELECT min(h.noted_at) AS noted_at
      FROM last AS l
      JOIN corrparse.global_state_history AS h ON h.noted_at <= l.noted_at
      WHERE h.noted_at > coalesce(
        (
          SELECT max(o.noted_at) FROM corrparse.global_state_history AS o
          WHERE o.noted_at < l.noted_at AND o.state <> l.state
        ),
        '-infinity')
    ),
    old_state AS (
      SELECT h.noted_at FROM corrparse.global_state_history AS h
      WHERE h.noted_at < $1::timestamptz
        AND h.noted_at NOT IN (SELECT l.noted_at FROM last AS l UNION ALL SELECT f.noted_at FROM first AS f)
    ),
    old_observation AS (
      SELECT o.observed_at, o.origin FROM corrparse.infra_observation AS o
      WHERE o.observed_at < $1::timestamptz
        AND o.observed_at < (SELECT max(n.observed_at) FROM corrparse.infra_observation AS n)
        AND o.observed_at < now() - (SELECT corrparse.setting_hours('observation_hours'))
    ),
    old_registry AS (
      SELECT o.origin, o.observed_at FROM corrparse.model_observation AS o
      WHERE o.observed_at < $1::timestamptz
        AND o.observed_at < (SELECT max(n.observed_at) FROM corrparse.model_observation AS n WHERE n.origin = o.origin)
        AND o.observed_at < now() - (SELECT corrparse.setting_hours('registry_hours'))
    )
    """

  private static let oldSurroundings: SQLText =
    surroundings + """
      SELECT (SELECT count(*) FROM old_observation), (SELECT count(*) FROM old_state), (SELECT count(*) FROM old_registry)
      """

  private static let surroundingsDeletion: SQLText =
    surroundings + """
      , observation AS (
        DELETE FROM corrparse.infra_observation AS t USING old_observation AS o
        WHERE t.observed_at = o.observed_at AND t.origin = o.origin RETURNING 1
      ),
      state AS (
        DELETE FROM corrparse.global_state_history AS t USING old_state AS o WHERE t.noted_at = o.noted_at RETURNING 1
      ),
      registry AS (
        DELETE FROM corrparse.model_observation AS t USING old_registry AS o
        WHERE t.origin = o.origin AND t.observed_at = o.observed_at RETURNING 1
      ),
      -- What was gone before the instant shows at no time that is left. Who was champion is remembered.
      model AS (
        DELETE FROM corrparse.registered_model AS t WHERE t.gone_at < $1::timestamptz
      ),
      version AS (
        DELETE FROM corrparse.model_version AS t WHERE t.gone_at < $1::timestamptz AND t.role IS DISTINCT FROM 'champion'
      )
      SELECT (SELECT count(*) FROM observation), (SELECT count(*) FROM state), (SELECT count(*) FROM registry)
      """

  private static let begin: SQLText = """
    BEGIN;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '15min';
    SET LOCAL jit = off
    """

  /// As storing a log takes them, in the same order.
  private static let lock: SQLText = """
    SELECT count(pg_advisory_xact_lock(k.key))
    FROM (
      SELECT DISTINCT hashtextextended(s.name, s.is_identified::int) AS key
      FROM corrparse.source AS s
      WHERE s.source_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
      ORDER BY key
    ) AS k
    """

  private static let stillOld: SQLText =
    """
    SELECT s.source_id FROM corrparse.source AS s
    WHERE s.source_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
      AND
    """ + " " + lastEvent + " < $2::timestamptz ORDER BY s.source_id"

  private static let counts: SQLText = """
    WITH gone AS MATERIALIZED (
      SELECT value::bigint AS source_id FROM jsonb_array_elements_text($1::jsonb) AS value
    )
    SELECT
      (SELECT count(*) FROM gone JOIN corrparse.log AS t USING (source_id)),
      (SELECT count(*) FROM gone JOIN corrparse.record AS t USING (source_id)),
      (SELECT count(*) FROM gone JOIN corrparse.verdict AS t USING (source_id)),
      (SELECT count(*) FROM gone JOIN corrparse.issue AS t USING (source_id)),
      (SELECT count(*) FROM gone JOIN corrparse.task_outcome AS t USING (source_id))
    """

  private static let deletion: SQLText = """
    DELETE FROM corrparse.source AS s
    WHERE s.source_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
    """
}

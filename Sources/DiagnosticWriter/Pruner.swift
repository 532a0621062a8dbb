public import CorrelationGrammar

/// Retention: removes what is older than an instant, run by run and never a part of one.
///
/// A source is old when everything in it happened before the instant: its records and its attempts' starts and ends; where
/// it has neither, its log's modification, or where that is unknown its ingestion. It goes with all its rows, ledger
/// included, when every other source of its DAG runs is old too. Reference tables, universe and migrations stay.
public struct Pruner {
  private let connection: Connection
  private let batchSize: Int

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
    try summary(of: old(before: time))
  }

  /// Removes it, some hundred sources in a transaction, oldest source first.
  ///
  /// A source that a log is being stored into meanwhile is looked at again and stays unless it is still old.
  /// - Returns: What was removed.
  /// - Throws: What stopped it. What was committed is gone; the rest goes when it is run again.
  public func run(before time: LogTime) throws(DatabaseError) -> Summary {
    var total = Summary()
    var rest = try old(before: time)[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(batchSize))
      rest = rest.dropFirst(batchSize)
      do {
        try connection.run(Self.begin)
        try connection.query(Self.lock, [Self.json(batch)])
        let stillOld = try integers(
          connection.query(Self.stillOld, [Self.json(batch), time.sqlText]))
        total.add(try summary(of: stillOld))
        try connection.query(Self.deletion, [Self.json(stillOld)])
        try connection.run("COMMIT")
      } catch {
        try? connection.rollback()
        throw error
      }
    }
    return total
  }

  private func old(before time: LogTime) throws(DatabaseError) -> [Int64] {
    try integers(connection.query(Self.oldSources, [time.sqlText]))
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
  /// When the last thing of source `s` happened.
  private static let lastEvent: SQLText = """
    coalesce(
      greatest(
        (SELECT max(r.observed_at) FROM corrparse.record AS r WHERE r.source_id = s.source_id),
        (
          SELECT max(greatest(o.started_at, o.ended_at)) FROM corrparse.task_outcome AS o
          WHERE o.source_id = s.source_id
        )),
      (
        SELECT max(coalesce(l.modified_at, l.ingested_at)) FROM corrparse.log AS l WHERE l.source_id = s.source_id
      ))
    """

  /// What shares a run with something that stays, stays, and so does what shares a run with that.
  private static let oldSources: SQLText =
    "WITH RECURSIVE dated AS MATERIALIZED (\nSELECT s.source_id, " + lastEvent + """
       < $1::timestamptz AS is_old
      FROM corrparse.source AS s
      ),
      kept AS (
        SELECT d.source_id FROM dated AS d WHERE d.is_old IS NOT TRUE
        UNION
        SELECT other.source_id
        FROM kept AS k
        JOIN corrparse.task_outcome AS own ON own.source_id = k.source_id
        JOIN corrparse.task_outcome AS other ON other.dag_id = own.dag_id AND other.run_id = own.run_id
      )
      SELECT d.source_id FROM dated AS d
      WHERE d.is_old AND NOT EXISTS (SELECT FROM kept AS k WHERE k.source_id = d.source_id)
      ORDER BY d.source_id
      """

  private static let begin: SQLText = """
    BEGIN;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '15min'
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

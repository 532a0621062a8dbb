import LogModel

/// A log of which the ledger says that nothing of it is stored.
public struct FailedLog: Sendable, Hashable {
  /// The ledger's key.
  public let id: Int64
  /// Where it is.
  public let location: String
  /// The location of its task attempt that is stored in its place, where the two begin differently.
  public let conflict: String?
}

extension Connection {
  /// The failed logs of the ledger, some hundred at a time.
  /// - Parameters:
  ///   - id: Only those behind this key, 0 for the first.
  ///   - onlyConflicts: Only those in whose place another location is stored that begins differently.
  ///   - dagIDs: Only those of these DAGs; none for all.
  /// - Returns: At most 500, in the order of their keys.
  /// - Throws: What stopped the question.
  public func failedLogs(
    after id: Int64, onlyConflicts: Bool, dagIDs: Set<String>
  ) throws(DatabaseError) -> [FailedLog] {
    let names = JSONWriter.text(.dropped) { $0.array(dagIDs.sorted()) }
    let rows = try query(Self.failed, [String(id), onlyConflicts ? "true" : "false", names])
    return (0..<rows.rowCount).compactMap { row in
      guard let id = rows.integer(row, 0), let location = rows.text(row, 1) else { return nil }
      return FailedLog(id: id, location: location, conflict: rows.text(row, 2))
    }
  }

  /// Takes failed logs that are gone out of the ledger, in one transaction. What was ever stored of them stays: where an earlier
  /// reading of the location feeds its source, the row says of it what that reading was.
  /// - Returns: How many rows went or changed.
  public func clear(_ logs: [FailedLog]) throws(DatabaseError) -> Int {
    let keys = JSONWriter.text(.dropped) { $0.array(logs.map { String($0.id) }) }
    try run(Staging.transaction)
    try query(Self.lockFailed, [keys])
    let cleared = try query(Self.stillFailed, [keys])
    try query(Self.emptySources, [keys])
    try query(Self.clearing, [keys])
    try run("COMMIT")
    return Int(cleared.integer(0, 0) ?? 0)
  }

  private static let failed: SQLText = """
    SELECT l.log_id, l.location, CASE WHEN l.error LIKE 'content_conflict: %' THEN f.location END
    FROM corrparse.log AS l
    JOIN corrparse.source AS s ON s.source_id = l.source_id
    LEFT JOIN corrparse.log AS f ON f.log_id = s.feed_log_id
    WHERE l.status = 'failed' AND l.log_id > $1::bigint
      AND (NOT $2::boolean OR l.error LIKE 'content_conflict: %') AND ($3::jsonb = '[]' OR $3::jsonb ? s.dag_id)
    ORDER BY l.log_id
    LIMIT 500
    """

  /// As storing a log takes them, in the same order.
  private static let lockFailed: SQLText = """
    SELECT count(pg_advisory_xact_lock(k.key))
    FROM (
      SELECT hashtextextended(s.name, s.is_identified::int) AS key
      FROM corrparse.log AS l JOIN corrparse.source AS s ON s.source_id = l.source_id
      WHERE l.log_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
      UNION
      SELECT hashtextextended(l.location, 2)
      FROM corrparse.log AS l
      WHERE l.log_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
      ORDER BY key
    ) AS k
    """

  private static let stillFailed: SQLText = """
    SELECT count(*) FROM corrparse.log AS l
    WHERE l.status = 'failed'
      AND l.log_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
    """

  /// A source of which nothing was ever stored goes with its last location.
  private static let emptySources: SQLText = """
    WITH failed AS MATERIALIZED (
      SELECT l.log_id, l.source_id FROM corrparse.log AS l
      WHERE l.status = 'failed'
        AND l.log_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
    )
    DELETE FROM corrparse.source AS s
    WHERE s.source_id IN (SELECT f.source_id FROM failed AS f) AND s.feed_log_id IS NULL
      AND NOT EXISTS (
        SELECT FROM corrparse.log AS l
        WHERE l.source_id = s.source_id AND l.log_id NOT IN (SELECT f.log_id FROM failed AS f))
      AND NOT EXISTS (SELECT FROM corrparse.record AS r WHERE r.source_id = s.source_id)
    """

  private static let clearing: SQLText = """
    WITH failed AS MATERIALIZED (
      SELECT l.log_id, s.feed_log_id IS NOT DISTINCT FROM l.log_id AS feeds, s.feed_status
      FROM corrparse.log AS l JOIN corrparse.source AS s ON s.source_id = l.source_id
      WHERE l.status = 'failed'
        AND l.log_id IN (SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS value)
    ),
    mended AS (
      UPDATE corrparse.log AS l
      SET status = f.feed_status, error = NULL, refusal = NULL, size_bytes = NULL, ingested_at = now()
      FROM failed AS f WHERE f.log_id = l.log_id AND f.feeds
    )
    DELETE FROM corrparse.log AS l USING failed AS f WHERE f.log_id = l.log_id AND NOT f.feeds
    """
}

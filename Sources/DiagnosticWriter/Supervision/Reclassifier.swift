public import Diagnosis
import LogModel

/// Judges stored records under a version of the taxonomy, without any log (3-classification).
///
/// Verdicts of other versions stay as they are, and so do rows that say already what they should. Records are read in the
/// order of their keys, a bounded number in each transaction, so memory does not grow with the database, and a run that
/// is broken off is simply run again. Each transaction holds the lock under which logs are stored, so a verdict is never
/// written about values that a log has replaced meanwhile.
public struct Reclassifier {
  private let connection: Connection
  private let classifier: Classifier
  private let pageSize: Int

  /// What a run came to.
  public struct Summary: Sendable, Hashable {
    /// Records that had no verdict under the version.
    public var added = 0
    /// Records whose verdict changed.
    public var changed = 0
    /// Records whose verdict is the same to the last digit; nothing was written.
    public var unchanged = 0

    /// All records.
    public var records: Int { added + changed + unchanged }
  }

  /// Over an open connection, which must not be used otherwise during ``run()``.
  public init(_ connection: Connection, classifier: Classifier) {
    self.init(connection, classifier: classifier, pageSize: 1000)
  }

  /// With another bound on the number of records in a transaction.
  init(_ connection: Connection, classifier: Classifier, pageSize: Int) {
    self.connection = connection
    self.classifier = classifier
    self.pageSize = pageSize
  }

  /// Judges every record.
  ///
  /// - Throws: What stopped it. What was committed stays; the rest is done when it is run again.
  public func run() throws(DatabaseError) -> Summary {
    var summary = Summary()
    var position = RecordKey(source: 0, block: 0)
    while true {
      do {
        try connection.run(Self.begin)
        guard let end = try judge(after: position, in: &summary) else {
          try connection.commit()
          try RunDiagnoses(connection).refresh()
          return summary
        }
        try connection.commit()
        position = end
      } catch {
        try? connection.rollback()
        throw error
      }
    }
  }

  /// Judges the page after a key; gives its last key, or nil where no record is left.
  private func judge(
    after start: RecordKey, in summary: inout Summary
  ) throws(DatabaseError) -> RecordKey? {
    let last = try connection.query(
      Self.pageEnd, [String(start.source), String(start.block), String(pageSize)])
    guard let source = last.integer(0, 0), let block = last.integer(0, 1) else { return nil }
    let end = RecordKey(source: source, block: block)
    let range = [start.source, start.block, end.source, end.block].map { String($0) }
    try connection.query(Self.lock, [String(start.source), String(end.source)])
    var records = try StoredRecords(connection.query(Self.recordsOfPage, range))
    try records.add(issues: connection.query(Self.issuesOfPage, range))
    var rows = CopyEncoder()
    for (key, record) in records.all {
      rows.integer(key.source)
      rows.integer(key.block)
      rows.verdict(classifier.verdict(on: record))
      rows.endRow()
    }
    let results = try connection.run(Self.merge, copying: [rows.bytes])
    guard let counts = results.first(where: { $0.column("added") != nil }),
      let added = counts.integer(0, 0), let changed = counts.integer(0, 1)
    else { throw DatabaseError(.program, message: "the merge of verdicts answered nothing that can be read") }
    summary.added += Int(added)
    summary.changed += Int(changed)
    summary.unchanged += records.all.count - Int(added) - Int(changed)
    return end
  }
}

extension Reclassifier {
  private static let verdictColumns: [SQLText] = Staging.storedVerdictColumns.map(\.name)

  private static let begin: SQLText =
    """
    BEGIN;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '15min';
    SET LOCAL client_min_messages = warning;
    SET LOCAL jit = off;
    CREATE TEMPORARY TABLE staged_verdict (source_id bigint, block bigint, taxonomy_version bigint,

    """ + Staging.storedVerdictColumns.map { $0.name + " " + $0.type }.joined() + ") ON COMMIT DROP"

  private static let pageEnd: SQLText = """
    SELECT source_id, block
    FROM (
      SELECT r.source_id, r.block FROM corrparse.record AS r
      WHERE (r.source_id, r.block) > ($1::bigint, $2::bigint)
      ORDER BY r.source_id, r.block LIMIT $3::bigint
    ) AS page
    ORDER BY source_id DESC, block DESC LIMIT 1
    """

  /// The sources' locks as storing a log takes them, in the same order.
  private static let lock: SQLText = """
    SELECT count(pg_advisory_xact_lock(k.key))
    FROM (
      SELECT DISTINCT hashtextextended(s.name, s.is_identified::int) AS key
      FROM corrparse.source AS s
      WHERE s.source_id BETWEEN $1::bigint AND $2::bigint
        AND EXISTS (SELECT FROM corrparse.record AS r WHERE r.source_id = s.source_id)
      ORDER BY key
    ) AS k
    """

  // The bounds of the source alone are for the planner: it takes a range of pairs for a large part of the table, and in a large table it
  // would read the whole of it for each page.
  static let recordsOfPage: SQLText =
    "SELECT r.source_id, r.block, r.line, r.byte_offset, "
    + FieldKey.allCases.map { "r." + SQLText(columnOf: $0) }.joined() + """

      FROM corrparse.record AS r
      WHERE r.source_id BETWEEN $1::bigint AND $3::bigint
        AND (r.source_id, r.block) > ($1::bigint, $2::bigint)
        AND (r.source_id, r.block) <= ($3::bigint, $4::bigint)
      ORDER BY r.source_id, r.block
      """

  static let issuesOfPage: SQLText = """
    SELECT i.source_id, i.block, i.kind, i.key, i.line, i.byte_offset, i.raw
    FROM corrparse.issue AS i
    WHERE i.block > 0
      AND i.source_id BETWEEN $1::bigint AND $3::bigint
      AND (i.source_id, i.block) > ($1::bigint, $2::bigint)
      AND (i.source_id, i.block) <= ($3::bigint, $4::bigint)
    ORDER BY i.source_id, i.block, i.ordinal
    """

  private static let merge: SQLText =
    "COPY pg_temp.staged_verdict (source_id, block, taxonomy_version, " + verdictColumns.joined()
    + ") FROM STDIN;\nWITH changed AS (\nUPDATE corrparse.verdict AS t SET "
    + verdictColumns.map { $0 + " = d." + $0 }.joined() + """
      , updated_at = now()
      FROM pg_temp.staged_verdict AS d
      WHERE t.source_id = d.source_id AND t.block = d.block AND t.taxonomy_version = d.taxonomy_version
        AND (
      """ + verdictColumns.map { "t." + $0 }.joined() + ") IS DISTINCT FROM ("
    + verdictColumns.map { "d." + $0 }.joined() + """
      )
      RETURNING 1
      ), added AS (
      INSERT INTO corrparse.verdict (source_id, block, taxonomy_version,
      """ + " " + verdictColumns.joined() + ")\nSELECT d.source_id, d.block, d.taxonomy_version, "
    + verdictColumns.map { "d." + $0 }.joined() + """

      FROM pg_temp.staged_verdict AS d
      WHERE NOT EXISTS (
        SELECT FROM corrparse.verdict AS t
        WHERE t.source_id = d.source_id AND t.block = d.block AND t.taxonomy_version = d.taxonomy_version)
      ORDER BY d.source_id, d.block
      RETURNING 1
      )
      SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM changed) AS changed
      """
}

import LogModel

/// What a run counts of the records of a log (``WriteSummary/Tally``), where the database knows it better than the reading. A text is a
/// list of names with their counts: `ML_WEAK 3,unclassified 1`.
extension Merge {
  /// Another location fed the source until now, and the same run has read it: what is stored of it, and goes with this transaction.
  static let displacement: SQLText =
    """
    UPDATE pg_temp.staged_log AS l
    SET displaced_verdicts = (
    """
    + verdicts(
      of: """
        (
          SELECT DISTINCT ON (v.block) v.primary_code, v.certainty FROM corrparse.verdict AS v
          WHERE v.source_id = s.source_id ORDER BY v.block, v.taxonomy_version DESC
        )
        """) + """
        ),
      displaced_issues = (
        SELECT string_agg(c.kind || ' ' || c.issues, ',')
        FROM (
          SELECT i.kind,
            sum(CASE WHEN i.kind IN ('unread_header', 'future_time') THEN 1 ELSE coalesce(i.places, 1) END) AS issues
          FROM corrparse.issue AS i WHERE i.source_id = s.source_id AND i.block = 0 GROUP BY i.kind
        ) AS c),
      displaced_empty = (SELECT count(*) FROM corrparse.record AS r WHERE r.source_id = s.source_id AND
      """ + isEmpty("r") + """
      )
      FROM corrparse.source AS s
        JOIN corrparse.log AS f ON f.log_id = s.feed_log_id
        JOIN corrparse.source_head AS h ON h.source_id = s.source_id AND h.log_id = s.feed_log_id
      WHERE l.feeds AND s.source_id = l.source_id AND f.location <> l.location AND h.first_run = l.run
      """

  /// The counts of a log, some blocks of which are replays of another part's. Null for every other log: its reading has counted them.
  static let stagedCounts: SQLText =
    "CASE WHEN l.replayed > 0 THEN coalesce(("
    + verdicts(of: "(SELECT * FROM pg_temp.staged_record AS s WHERE s.log = l.ordinal)")
    + "), '') END AS staged_verdicts, CASE WHEN l.replayed > 0 THEN "
    + "(SELECT count(*) FROM pg_temp.staged_record AS s WHERE s.log = l.ordinal AND " + isEmpty("s")
    + ") END AS staged_empty"

  /// The verdicts of some rows by ``Verdict/label``.
  private static func verdicts(of rows: SQLText) -> SQLText {
    """
    SELECT string_agg(c.label || ' ' || c.records, ',')
    FROM (
      SELECT coalesce(v.primary_code, CASE v.certainty WHEN 'unclassified' THEN 'unclassified' ELSE 'all_clear' END) AS label,
        count(*) AS records
      FROM
    """ + " " + rows + " AS v GROUP BY label) AS c"
  }

  /// Whether a record has no usable field.
  private static func isEmpty(_ record: SQLText) -> SQLText {
    " num_nonnulls(" + FieldKey.allCases.map { record + "." + SQLText(columnOf: $0) }.joined() + ") = 0"
  }
}

/// What becomes of a growing log that no longer begins as it did: it was rotated away or truncated, and is another log from then on
/// (4-database, Reading a log again). What its location gave before stays; what is new is a further part of the task attempt,
/// `rotated.N`.
extension Merge {
  /// How a log begins, by digests of its first bytes at some lengths: no text of the log is kept for that.
  static let digests: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET digests = (
      SELECT coalesce(string_agg(substr(sha256(substr(l.head, 1, n)), 1, 8), ''::bytea ORDER BY n), ''::bytea)
      FROM unnest(ARRAY[64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096]) AS n
      WHERE n <= length(l.head))
    WHERE l.head IS NOT NULL
    """

  /// Whether staged log `l` and the source of head `h` begin otherwise. The digests are of prefixes, so that the last one that both
  /// have decides.
  static let beginsOtherwise: SQLText =
    " substr(l.digests, 1, length(h.digests)) <> substr(h.digests, 1, length(l.digests))"

  /// Everything between the locks and the first new source.
  static let rotation: SQLText =
    [known, number, copies, names, parts, replays, nothingNew, issue].joined(separator: ";\n")

  /// The part of the attempt that a location was read as, `rotation` 0 for the first one, and whether it is another log now: it begins
  /// otherwise, or is a growing log that is shorter than what it fed. How a damaged reading begins tells nothing. A log that was whole and tells what became of its task does not go on, and a pipe is no
  /// log that somebody appends to.
  private static let known: SQLText =
    """
    UPDATE pg_temp.staged_log AS l
    SET stem =
    """ + stem(of: "l.source_name", "l.part") + """
      , rotation =
      """ + number(of: "l.part") + """

      WHERE l.dag_id IS NOT NULL AND l.status <> 'failed';
      UPDATE pg_temp.staged_log AS l
      SET known_source_id = s.source_id, rotation =
      """ + number(of: "s.part") + """
      , is_other = l.size_bytes IS NOT NULL
        AND NOT l.issue_list @> '[{"kind": "damaged_source"}]'
        AND NOT EXISTS (
          SELECT FROM corrparse.issue AS i WHERE i.source_id = s.source_id AND i.block = 0 AND i.kind = 'damaged_source')
        AND (
          s.feed_log_id = p.log_id AND l.decompressed_bytes < s.feed_bytes AND s.feed_status = 'growing'
          OR coalesce((
            SELECT
      """ + beginsOtherwise + """
       FROM corrparse.source_head AS h WHERE h.source_id = s.source_id), false)
          AND ('growing' IN (l.status, p.status, s.feed_status)
            OR EXISTS (
              SELECT FROM corrparse.task_outcome AS o
              WHERE o.source_id = s.source_id AND o.state IN ('unknown', 'deferred')
                AND (o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number)
                  = (l.dag_id, l.run_id, l.task_id, l.map_index, l.try_number))))
      FROM corrparse.log AS p JOIN corrparse.source AS s ON s.source_id = p.source_id
      WHERE l.stem IS NOT NULL AND p.location_digest = corrparse.text_digest(l.location)
        AND (p.status <> 'failed' OR p.log_id = s.feed_log_id) AND s.is_identified AND l.stem =
      """ + stem(of: "s.name", "s.part")

  /// Which part another log becomes: the first one behind its own that nothing is stored of yet, or that begins as it does.
  private static let number: SQLText =
    """
    WITH RECURSIVE candidate AS (
      SELECT l.ordinal, l.rotation + 1 AS number FROM pg_temp.staged_log AS l WHERE l.is_other
      UNION ALL
      SELECT c.ordinal, c.number + 1
      FROM candidate AS c
      JOIN pg_temp.staged_log AS l ON l.ordinal = c.ordinal
      JOIN corrparse.source AS s ON s.is_identified
        AND s.name_digest = corrparse.text_digest(format('%s.rotated.%s.log', l.stem, c.number))
      JOIN corrparse.source_head AS h ON h.source_id = s.source_id
      WHERE
    """ + beginsOtherwise + """

      )
      UPDATE pg_temp.staged_log AS l
      SET rotation = c.number
      FROM (SELECT c.ordinal, max(c.number) AS number FROM candidate AS c GROUP BY c.ordinal) AS c
      WHERE c.ordinal = l.ordinal
      """

  private static let names: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET source_name = format('%s.rotated.%s.log', l.stem, l.rotation),
      part = concat_ws('.',
        nullif(regexp_replace(l.part, '(^|[.])rotated[.][0-9]{1,9}$', ''), ''), 'rotated', l.rotation)
    WHERE l.rotation > 0
    """

  /// Every stored part `rotated.N` of the attempts at hand.
  private static let rotatedParts: SQLText = """
    WITH RECURSIVE rotated AS (
      SELECT l.ordinal, 1::bigint AS number, s.source_id
      FROM pg_temp.staged_log AS l
      JOIN corrparse.source AS s ON s.is_identified
        AND s.name_digest = corrparse.text_digest(l.stem || '.rotated.1.log')
      UNION ALL
      SELECT r.ordinal, r.number + 1, s.source_id
      FROM rotated AS r
      JOIN pg_temp.staged_log AS l ON l.ordinal = r.ordinal
      JOIN corrparse.source AS s ON s.is_identified
        AND s.name_digest = corrparse.text_digest(format('%s.rotated.%s.log', l.stem, r.number + 1))
    )
    """

  /// A location that is new may hold a copy of a further part.
  private static let copies: SQLText =
    rotatedParts + """
      ,
      copy AS (
        SELECT r.ordinal, min(r.number) AS number
        FROM rotated AS r
        JOIN pg_temp.staged_log AS l ON l.ordinal = r.ordinal
        JOIN corrparse.source_head AS h ON h.source_id = r.source_id
        WHERE l.known_source_id IS NULL AND NOT (
      """ + beginsOtherwise + """
      ) AND EXISTS (
          SELECT FROM corrparse.source AS s JOIN corrparse.source_head AS h ON h.source_id = s.source_id
          WHERE s.is_identified AND s.name_digest = corrparse.text_digest(l.source_name) AND
      """ + beginsOtherwise + """
      )
        GROUP BY r.ordinal
      )
      UPDATE pg_temp.staged_log AS l SET rotation = c.number FROM copy AS c WHERE c.ordinal = l.ordinal
      """

  /// The stored parts of the attempt before and behind the one at hand.
  private static let parts: SQLText =
    rotatedParts + """
      ,
      part AS (
        SELECT r.ordinal, r.number, r.source_id FROM rotated AS r
        UNION ALL
        SELECT l.ordinal, 0, s.source_id
        FROM pg_temp.staged_log AS l
        JOIN corrparse.source AS s ON s.is_identified
          AND s.name_digest IN (corrparse.text_digest(l.stem), corrparse.text_digest(l.stem || '.log'))
        WHERE l.rotation > 0
      )
      UPDATE pg_temp.staged_log AS l
      SET earlier_parts = p.earlier, later_parts = p.later
      FROM (
        SELECT l.ordinal, array_agg(p.source_id) FILTER (WHERE p.number < l.rotation) AS earlier,
          array_agg(p.source_id) FILTER (WHERE p.number > l.rotation) AS later
        FROM part AS p JOIN pg_temp.staged_log AS l ON l.ordinal = p.ordinal
        GROUP BY l.ordinal
      ) AS p
      WHERE p.ordinal = l.ordinal
      """

  /// A block that stands in another part already is a replay: it has the same header time and says the same. The sources are found first
  /// and lead into the table's index (see ``TableMerge/sql``).
  private static let replays: SQLText =
    """
    WITH gone AS (
      DELETE FROM pg_temp.staged_record AS s
      USING pg_temp.staged_log AS l, corrparse.record AS r
      WHERE l.ordinal = s.log AND r.source_id = ANY (l.earlier_parts || l.later_parts)
        AND r.source_id = ANY (ARRAY(
          SELECT p FROM pg_temp.staged_log AS o, unnest(o.earlier_parts || o.later_parts) AS p))
        AND r.observed_at = s.observed_at AND r.observed_from = 'log' AND s.observed_from = 'log'
        AND coalesce(NOT s.issues @> '[{"kind": "empty_block"}]', true)
        AND (
    """ + content(of: "r") + ") IS NOT DISTINCT FROM (" + content(of: "s") + """
      )
        RETURNING s.log)
      UPDATE pg_temp.staged_log AS l
      SET replayed = g.blocks, replays = l.replays + g.blocks
      FROM (SELECT g.log, count(*) AS blocks FROM gone AS g GROUP BY g.log) AS g
      WHERE g.log = l.ordinal
      """

  /// A log without a new block and without word of its task adds no part; its location stays with what it was.
  private static let nothingNew: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET has_nothing_new = true, source_name = s.name, part = s.part
    FROM corrparse.source AS s
    WHERE l.is_other AND s.source_id = l.known_source_id
      AND NOT EXISTS (SELECT FROM pg_temp.staged_record AS r WHERE r.log = l.ordinal)
      AND NOT EXISTS (
        SELECT FROM corrparse.source AS o WHERE o.is_identified AND o.name_digest = corrparse.text_digest(l.source_name))
      AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(l.outcome_list) AS o WHERE o ->> 'state' <> 'unknown')
    """

  private static let issue: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET issues = l.issues + 1,
      issue_list = l.issue_list || jsonb_build_array(
        jsonb_build_object('kind', 'rotated_log', 'line', 1, 'byte_offset', 0, 'raw',
          format('%s does not begin as it did: rotated or truncated; this is what is new, as part %s',
            right(l.location, 100), l.part)))
    WHERE l.rotation > 0 AND l.has_nothing_new IS NOT TRUE
    """

  /// What became of an attempt is told by its last part. The parts before are whole: nothing more comes, and no other log takes
  /// their place because it is whole.
  static let endedParts: SQLText = """
    UPDATE corrparse.source AS s
    SET feed_status = 'complete', complete_bytes = s.feed_bytes
    WHERE s.feed_status = 'growing'
      AND s.source_id = ANY (ARRAY(
        SELECT p FROM pg_temp.staged_log AS l, unnest(l.earlier_parts) AS p WHERE l.feeds));
    UPDATE corrparse.task_outcome AS o
    SET state = 'unknown', stated = false, updated_at = now()
    WHERE o.source_id = ANY (ARRAY(
        SELECT p FROM pg_temp.staged_log AS l, unnest(l.earlier_parts) AS p WHERE l.feeds))
      AND o.state <> 'unknown'
    """

  /// What was done with each log. Of a reading that does not feed its source `same` blocks are stored all the same, from another one.
  static let summary: SQLText =
    """
    SELECT l.ordinal, l.feeds, l.refusal,
      CASE WHEN l.feeds THEN 0
        ELSE (SELECT count(*) FROM corrparse.record AS r WHERE r.source_id = l.source_id)
      END AS kept,
      (SELECT count(*) FROM pg_temp.staged_record AS s WHERE s.log = l.ordinal) AS staged,
      l.conflict, l.displaced, l.replayed, CASE WHEN l.is_other AND l.feeds THEN l.part END AS part,
      coalesce(a.blocks, 0) AS same, l.displaced_verdicts, l.displaced_issues, l.displaced_empty,
    """ + " " + stagedCounts + """
       FROM pg_temp.staged_log AS l
      LEFT JOIN (
        SELECT s.log, count(*) AS blocks
        FROM pg_temp.staged_record AS s
        JOIN pg_temp.staged_log AS o ON o.ordinal = s.log AND NOT o.feeds
        JOIN corrparse.record AS r ON r.source_id = o.source_id AND r.block = s.block
          AND r.byte_offset = s.byte_offset
          AND r.source_id = ANY (ARRAY(SELECT f.source_id FROM pg_temp.staged_log AS f WHERE NOT f.feeds))
        WHERE (
      """ + content(of: "r") + ") IS NOT DISTINCT FROM (" + content(of: "s") + """
      )
        GROUP BY s.log
      ) AS a ON a.log = l.ordinal
      ORDER BY l.ordinal
      """

  /// What the names of an attempt's parts have in common.
  private static func stem(of name: SQLText, _ part: SQLText) -> SQLText {
    " CASE WHEN " + part + " = '' THEN " + name + " WHEN " + part
      + " ~ '(^|[.])rotated[.][0-9]{1,9}$' THEN regexp_replace(" + name
      + ", '[.]rotated[.][0-9]{1,9}[.]log$', '') ELSE left(" + name + ", -4) END"
  }

  /// N of part `rotated.N`; 0 of another.
  private static func number(of part: SQLText) -> SQLText {
    " coalesce(substring(" + part + " FROM '(?:^|[.])rotated[.]([0-9]{1,9})$')::bigint, 0)"
  }

  /// What a block says.
  private static func content(of table: SQLText) -> SQLText {
    Staging.contentColumns.map { table + "." + $0 }.joined()
  }
}

/// The SQL that brings staged rows into the tables: insert what is new, update what changed, delete what is gone, and
/// touch nothing else. It works on any number of staged logs of different sources.
enum Merge {
  /// Everything between COPY and the transaction's end.
  static let script: SQLText =
    [
      lock, adoption, movedLock, digests, rotation, newSources, beginnings, decision, displacement,
      conflicts, refusals, ledger, moved, firstTimes,
      records, verdicts, issues, outcomes, endedParts, feeds, heads, summary,
    ].joined(separator: ";\n")

  /// Marks blocks as damaged whose gzip member failed its check after the blocks were sent (1-correlation-data, Issues).
  /// Runs before the script, and only if a member is damaged.
  static let damage: SQLText = """
    UPDATE pg_temp.staged_record AS s
    SET certainty = CASE s.certainty WHEN 'certain' THEN 'provisional' ELSE s.certainty END,
      explanation = CASE
        WHEN s.issues @> '[{"kind": "damaged_source"}]' THEN s.explanation
        ELSE s.explanation || d.clause
      END,
      issues = CASE
        WHEN s.issues @> '[{"kind": "damaged_source"}]' THEN s.issues
        ELSE coalesce(s.issues, '[]')
          || jsonb_build_array(
            jsonb_build_object('kind', 'damaged_source', 'line', s.line, 'byte_offset', s.byte_offset))
      END
    FROM pg_temp.staged_damage AS d
    WHERE s.log = d.log AND s.block BETWEEN d.first_block AND d.last_block
    """

  /// Locks the sources and locations, so that no other job works on them. The locks are taken in the order of their keys,
  /// because two jobs could otherwise wait for each other.
  private static let lock: SQLText = """
    SELECT count(pg_advisory_xact_lock(k.key))
    FROM (
      SELECT hashtextextended(l.source_name, (l.dag_id IS NOT NULL)::int) AS key FROM pg_temp.staged_log AS l
      UNION
      SELECT hashtextextended(l.location, 2) FROM pg_temp.staged_log AS l
      ORDER BY key
    ) AS k
    """

  /// A location that the ledger knows stays with its source if this reading knows no attempt, or is worse than the one
  /// before. A log that is read by its folder and later by its own name is therefore one source, and a cut reading moves nothing.
  private static let adoption: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET source_name = s.name, dag_id = s.dag_id, run_id = s.run_id, task_id = s.task_id,
      map_index = s.map_index, try_number = s.try_number, part = s.part
    FROM corrparse.log AS p JOIN corrparse.source AS s ON s.source_id = p.source_id
    WHERE p.location_digest = corrparse.text_digest(l.location)
      AND (s.name_digest, s.is_identified) <> (corrparse.text_digest(l.source_name), l.dag_id IS NOT NULL)
      AND (l.dag_id IS NULL OR l.status IN ('truncated', 'corrupt', 'failed')
        OR l.decompressed_bytes < p.complete_bytes);
    UPDATE pg_temp.staged_record AS r
    SET dag_id = l.dag_id, run_id = l.run_id, task_id = l.task_id, map_index = l.map_index,
      try_number = l.try_number
    FROM pg_temp.staged_log AS l
    WHERE l.ordinal = r.log AND r.dag_id IS NULL AND l.dag_id IS NOT NULL
    """

  /// Locks the sources that the ledger names for these locations. Sources that are locked already are left out.
  private static let movedLock: SQLText = """
    SELECT count(pg_advisory_xact_lock(k.key))
    FROM (
      SELECT DISTINCT hashtextextended(s.name, s.is_identified::int) AS key
      FROM pg_temp.staged_log AS l
      JOIN corrparse.log AS p ON p.location_digest = corrparse.text_digest(l.location)
      JOIN corrparse.source AS s ON s.source_id = p.source_id
      ORDER BY key
    ) AS k
    """

  private static let newSources: SQLText = """
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
    SELECT l.source_name, l.dag_id, l.run_id, l.task_id, l.map_index, l.try_number, l.part
    FROM pg_temp.staged_log AS l
    WHERE NOT EXISTS (
      SELECT FROM corrparse.source AS s
      WHERE s.name_digest = corrparse.text_digest(l.source_name) AND s.is_identified = (l.dag_id IS NOT NULL))
    """

  /// Finds the locations that begin differently from the one that feeds their source: they are no copies of it. `displaced` is
  /// how many records it has, where the same run has read it.
  private static let beginnings: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET conflict = f.location,
      displaced = CASE
        WHEN h.first_run = l.run THEN (SELECT count(*) FROM corrparse.record AS r WHERE r.source_id = s.source_id)
      END
    FROM corrparse.source AS s
      JOIN corrparse.log AS f ON f.log_id = s.feed_log_id
      JOIN corrparse.source_head AS h ON h.source_id = s.source_id AND h.log_id = s.feed_log_id
    WHERE s.name_digest = corrparse.text_digest(l.source_name) AND s.is_identified = (l.dag_id IS NOT NULL)
      AND f.location <> l.location AND l.status <> 'failed' AND l.has_nothing_new IS NOT TRUE AND
    """ + beginsOtherwise

  /// Whether a reading feeds its source (4-database, Exactly once). The feeding log replaces itself. Another log takes its place
  /// if it alone is complete, if it is longer, or at the same length if its name sorts first. A damaged reading replaces nothing. A
  /// reading shorter than a complete one, or than what was read of the same growing log, replaces nothing either. The order of arrival
  /// has no influence.
  ///
  /// Two locations of one source may begin differently. A complete log then wins over an incomplete one. Of two that the same run found
  /// the location that sorts first wins. Else the stored log stays.
  private static let decision: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET source_id = s.source_id,
      previous_source_id = (
        SELECT p.source_id FROM corrparse.log AS p
        WHERE p.location_digest = corrparse.text_digest(l.location) AND p.source_id <> s.source_id
          AND p.source_id IS DISTINCT FROM l.known_source_id),
      had_feed = s.feed_log_id IS NOT NULL,
      feeds = CASE
        WHEN l.status = 'failed' OR l.has_nothing_new THEN false
        WHEN s.feed_log_id IS NULL THEN true
        WHEN l.conflict = l.replaces THEN l.status IN ('complete', 'growing')
        WHEN l.conflict IS NOT NULL AND (l.status = 'complete') <> (s.feed_status = 'complete') THEN l.status = 'complete'
        WHEN l.conflict IS NOT NULL
          THEN l.displaced IS NOT NULL AND f.location COLLATE "C" > l.location COLLATE "C"
        WHEN s.complete_bytes IS NOT NULL
          AND (l.status IN ('truncated', 'corrupt') OR l.decompressed_bytes < s.complete_bytes) THEN false
        WHEN f.location = l.location
          THEN s.feed_status <> 'growing' OR l.decompressed_bytes >= s.feed_bytes
        ELSE (l.status = 'complete', l.decompressed_bytes, f.location COLLATE "C")
          > (s.feed_status = 'complete', s.feed_bytes, l.location COLLATE "C")
      END
    FROM corrparse.source AS s LEFT JOIN corrparse.log AS f ON f.log_id = s.feed_log_id
    WHERE s.name_digest = corrparse.text_digest(l.source_name) AND s.is_identified = (l.dag_id IS NOT NULL)
    """

  /// Of two locations that begin differently the location that is not stored is `failed`, and its error names the stored one. When
  /// another location begins to feed the source, the errors of the earlier refused locations name that one; a copy that equals it gets
  /// its status.
  private static let conflicts: SQLText = """
    DELETE FROM pg_temp.staged_record AS s USING pg_temp.staged_log AS l
    WHERE l.ordinal = s.log AND l.conflict IS NOT NULL AND NOT l.feeds;
    UPDATE pg_temp.staged_log AS l
    SET status = 'failed', error =
    """ + conflict(of: "l.location", with: "l.conflict") + """

      WHERE l.conflict IS NOT NULL AND NOT l.feeds;
      UPDATE corrparse.log AS p
      SET status = CASE WHEN p.fingerprint = l.fingerprint THEN l.status ELSE 'failed' END,
        error = CASE WHEN p.fingerprint = l.fingerprint THEN l.error ELSE
      """ + conflict(of: "p.location", with: "l.location") + """
       END,
        complete_bytes = CASE WHEN p.fingerprint = l.fingerprint AND l.status = 'complete' THEN p.decompressed_bytes END,
        refusal = NULL, ingested_at = now()
      FROM pg_temp.staged_log AS l
      WHERE l.feeds AND p.source_id = l.source_id
        AND p.source_id = ANY (ARRAY(SELECT f.source_id FROM pg_temp.staged_log AS f WHERE f.feeds))
        AND p.location <> l.location
        AND (p.location = l.conflict OR p.status = 'failed' AND p.error LIKE 'content_conflict: %')
        AND (p.fingerprint = l.fingerprint OR p.error IS DISTINCT FROM
      """ + conflict(of: "p.location", with: "l.location") + ")"

  private static func conflict(of failed: SQLText, with stored: SQLText) -> SQLText {
    " format('content_conflict: %s and %s are logs of one task attempt and begin differently; the latter is stored', "
      + failed + ", " + stored + ")"
  }

  /// A location that was complete and is now damaged or shorter is reported.
  private static let refusals: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET complete_bytes = greatest(
        p.complete_bytes, CASE WHEN l.status = 'complete' THEN l.decompressed_bytes END),
      refusal = CASE
        WHEN l.feeds OR l.conflict IS NOT NULL OR p.complete_bytes IS NULL THEN NULL
        WHEN l.status IN ('truncated', 'corrupt', 'failed') THEN 'damaged_reread'
        WHEN l.decompressed_bytes < p.complete_bytes THEN 'shorter_reread'
      END
    FROM pg_temp.staged_log AS self LEFT JOIN corrparse.log AS p
      ON p.location_digest = corrparse.text_digest(self.location) AND p.source_id = self.source_id
    WHERE self.ordinal = l.ordinal
    """

  private static let ledgerColumns: [SQLText] =
    ["source_id"] + Staging.storedLogColumns.map(\.name) + ["complete_bytes", "refusal"]

  /// Time and program version of a reading are updated only together with something else.
  private static let ledger: SQLText =
    "INSERT INTO corrparse.log AS t (location, " + ledgerColumns.joined()
    + ", ingested_at, program_version)\n"
    + "SELECT location, " + ledgerColumns.joined() + ", now(), program_version FROM pg_temp.staged_log\n"
    + "ON CONFLICT (location_digest) DO UPDATE SET "
    + (ledgerColumns + ["ingested_at", "program_version"]).map { $0 + " = excluded." + $0 }.joined()
    + "\nWHERE (" + ledgerColumns.map { "t." + $0 }.joined() + ") IS DISTINCT FROM ("
    + ledgerColumns.map { "excluded." + $0 }.joined() + ")"

  /// A location leaves its old source when its task becomes known. The old source is removed if it has no logs left. If it lost
  /// its feed, its rows are removed, and its other logs are read again.
  private static let moved: SQLText = """
    DELETE FROM corrparse.source AS s
    USING pg_temp.staged_log AS l
    WHERE s.source_id = l.previous_source_id
      AND NOT EXISTS (SELECT FROM corrparse.log AS p WHERE p.source_id = s.source_id);
    WITH unfed AS (
      UPDATE corrparse.source AS s
      SET feed_log_id = NULL, feed_status = NULL, feed_bytes = NULL, feed_fingerprint = NULL,
        complete_bytes = NULL
      FROM pg_temp.staged_log AS l, corrparse.log AS p
      WHERE s.source_id = l.previous_source_id AND p.log_id = s.feed_log_id AND p.source_id <> s.source_id
      RETURNING s.source_id),
    again AS (
      UPDATE corrparse.log AS p SET size_bytes = NULL FROM unfed WHERE p.source_id = unfed.source_id),
    records AS (DELETE FROM corrparse.record AS r USING unfed WHERE r.source_id = unfed.source_id),
    issues AS (DELETE FROM corrparse.issue AS i USING unfed WHERE i.source_id = unfed.source_id)
    DELETE FROM corrparse.task_outcome AS o USING unfed WHERE o.source_id = unfed.source_id
    """

  /// If the log itself tells no time, the time that was stored first is kept (2-log-envelopes, Times).
  private static let firstTimes: SQLText = """
    UPDATE pg_temp.staged_record AS s
    SET observed_at = r.observed_at, observed_from = r.observed_from
    FROM pg_temp.staged_log AS l, corrparse.record AS r
    WHERE s.observed_from IN ('modification_time', 'ingest_time')
      AND r.source_id = ANY (ARRAY(SELECT f.source_id FROM pg_temp.staged_log AS f WHERE f.feeds))
      AND l.ordinal = s.log AND l.feeds AND r.source_id = l.source_id AND r.block = s.block
      AND r.observed_from IN ('modification_time', 'ingest_time');
    UPDATE pg_temp.staged_record SET observed_at = now() WHERE observed_at IS NULL
    """

  /// A changed record loses the verdicts of the other taxonomy versions. They judged values that are gone; `reclassify`
  /// makes them anew.
  private static let records: SQLText = TableMerge(
    table: "corrparse.record",
    key: ["source_id", "block"],
    columns: Staging.storedRecordColumns.map(\.name),
    alsoReturned: ["taxonomy_version"],
    desired: "SELECT l.source_id, s.* FROM pg_temp.staged_record AS s "
      + "JOIN pg_temp.staged_log AS l ON l.ordinal = s.log WHERE l.feeds",
    hasUpdateTime: true,
    furtherSteps: """
      , stale AS (
        DELETE FROM corrparse.verdict AS v USING changed AS c
        WHERE v.source_id = c.source_id AND v.block = c.block AND v.taxonomy_version <> c.taxonomy_version)
      """
  ).sql

  private static let verdicts: SQLText = TableMerge(
    table: "corrparse.verdict",
    key: ["source_id", "block", "taxonomy_version"],
    columns: Staging.storedVerdictColumns.map(\.name),
    desired: "SELECT l.source_id, s.* FROM pg_temp.staged_record AS s "
      + "JOIN pg_temp.staged_log AS l ON l.ordinal = s.log WHERE l.feeds",
    // The verdicts of removed records are removed already, by their foreign key.
    deletesGone: false,
    hasUpdateTime: true
  ).sql

  private static let issues: SQLText = TableMerge(
    table: "corrparse.issue",
    key: ["source_id", "block", "ordinal"],
    columns: ["first_block", "line", "byte_offset", "kind", "key", "raw", "places"],
    desired: """
      SELECT staged.source_id, staged.block, i.*
      FROM (
        SELECT l.source_id, s.block, s.issues
        FROM pg_temp.staged_record AS s JOIN pg_temp.staged_log AS l ON l.ordinal = s.log
        WHERE l.feeds AND s.issues IS NOT NULL
        UNION ALL
        SELECT l.source_id, 0, l.issue_list FROM pg_temp.staged_log AS l WHERE l.feeds
      ) AS staged
      CROSS JOIN LATERAL ROWS FROM (
        jsonb_to_recordset(staged.issues) AS (
          first_block bigint, line bigint, byte_offset bigint, kind text, key text, raw text, places bigint)
      ) WITH ORDINALITY AS i (first_block, line, byte_offset, kind, key, raw, places, ordinal)
      """
  ).sql

  /// Includes attempts of which nothing could be read yet, as unknown.
  private static let outcomes: SQLText = TableMerge(
    table: "corrparse.task_outcome",
    key: ["source_id", "dag_id", "run_id", "task_id", "map_index", "try_number"],
    columns: ["state", "stated", "started_at", "ended_at"],
    scope: "(l.feeds OR NOT l.had_feed)",
    desired: """
      SELECT DISTINCT ON (source_id, dag_id, run_id, task_id, map_index, try_number) *
      FROM (
        SELECT l.source_id, o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number,
          CASE WHEN l.later_parts IS NULL THEN o.state ELSE 'unknown' END AS state,
          o.stated AND l.later_parts IS NULL AS stated,
          least(o.started_at, (
            SELECT min(e.started_at) FROM corrparse.task_outcome AS e WHERE e.source_id = ANY (l.earlier_parts)
              AND (e.dag_id, e.run_id, e.task_id, e.map_index, e.try_number)
                = (o.dag_id, o.run_id, o.task_id, o.map_index, o.try_number))) AS started_at,
          o.ended_at, o.rank
        FROM pg_temp.staged_log AS l
        CROSS JOIN LATERAL ROWS FROM (
          jsonb_to_recordset(l.outcome_list) AS (
            dag_id text, run_id text, task_id text, map_index bigint, try_number bigint, state text,
            stated boolean, started_at timestamptz, ended_at timestamptz)
        ) WITH ORDINALITY AS o (
          dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at, rank)
        WHERE l.feeds OR NOT l.had_feed
        UNION ALL
        SELECT l.source_id, s.dag_id, s.run_id, s.task_id, s.map_index, s.try_number, 'unknown', false, NULL,
          NULL, NULL
        FROM pg_temp.staged_record AS s JOIN pg_temp.staged_log AS l ON l.ordinal = s.log
        WHERE l.feeds AND s.names_attempt
      ) AS attempt
      ORDER BY source_id, dag_id, run_id, task_id, map_index, try_number, rank NULLS LAST
      """,
    hasUpdateTime: true
  ).sql

  private static let feeds: SQLText = """
    UPDATE corrparse.source AS s
    SET feed_log_id = d.log_id, feed_status = d.status, feed_bytes = d.decompressed_bytes,
      feed_fingerprint = d.fingerprint, complete_bytes = d.complete_bytes
    FROM (
      SELECT l.source_id, p.log_id, l.status, l.decompressed_bytes, l.fingerprint,
        CASE WHEN l.status = 'complete' THEN l.decompressed_bytes ELSE o.complete_bytes END AS complete_bytes
      FROM pg_temp.staged_log AS l
      JOIN corrparse.log AS p ON p.location_digest = corrparse.text_digest(l.location)
      JOIN corrparse.source AS o ON o.source_id = l.source_id
      WHERE l.feeds
    ) AS d
    WHERE s.source_id = d.source_id
      AND (s.feed_log_id, s.feed_status, s.feed_bytes, s.feed_fingerprint, s.complete_bytes)
        IS DISTINCT FROM (d.log_id, d.status, d.decompressed_bytes, d.fingerprint, d.complete_bytes)
    """

  /// Keeps the digests of how each source begins. A source may now begin otherwise than before: the locations that were refused as
  /// no copies of its old beginning are then read again, because they may be copies of the new one. `first_run` stays while the same
  /// location goes on as it began.
  private static let heads: SQLText = """
    UPDATE corrparse.log AS p
    SET size_bytes = NULL
    FROM pg_temp.staged_log AS l JOIN corrparse.source_head AS h ON h.source_id = l.source_id
    WHERE l.feeds AND p.source_id = l.source_id AND p.location NOT IN (l.location, coalesce(l.conflict, ''))
      AND p.status = 'failed' AND p.error LIKE 'content_conflict: %' AND
    """ + beginsOtherwise + """
      ;
      INSERT INTO corrparse.source_head AS t (source_id, log_id, digests, first_run)
      SELECT l.source_id, p.log_id, l.digests, l.run
      FROM pg_temp.staged_log AS l JOIN corrparse.log AS p ON p.location_digest = corrparse.text_digest(l.location)
      WHERE l.feeds AND l.digests IS NOT NULL
      ON CONFLICT (source_id) DO UPDATE
      SET log_id = excluded.log_id, digests = excluded.digests,
        first_run = CASE
          WHEN t.log_id = excluded.log_id AND substr(excluded.digests, 1, length(t.digests)) = t.digests THEN t.first_run
          ELSE excluded.first_run
        END
      WHERE (t.log_id, t.digests) IS DISTINCT FROM (excluded.log_id, excluded.digests)
      """
}

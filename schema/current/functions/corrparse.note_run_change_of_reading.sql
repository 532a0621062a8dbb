-- Enters the runs of sources and logs that are now read to their end, or no longer are, into the list of runs to be computed. A run of which
-- no attempt is known has no diagnosis, and its names may be longer than the list can hold.
CREATE OR REPLACE FUNCTION corrparse.note_run_change_of_reading() RETURNS trigger
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  sources bigint[];
BEGIN
  IF TG_TABLE_NAME = 'source' AND TG_OP = 'DELETE' THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT DISTINCT o.dag_id, o.run_id FROM old_row AS o
    WHERE o.feed_status IS NULL AND o.dag_id IS NOT NULL
      AND EXISTS (SELECT FROM corrparse.task_outcome AS t WHERE t.dag_id = o.dag_id AND t.run_id = o.run_id);
  ELSIF TG_TABLE_NAME = 'source' THEN
    sources := ARRAY(
      SELECT n.source_id FROM new_row AS n JOIN old_row AS o ON o.source_id = n.source_id
      WHERE coalesce(n.feed_status IN ('truncated', 'corrupt'), false) <> coalesce(o.feed_status IN ('truncated', 'corrupt'), false));
  ELSIF TG_OP = 'DELETE' THEN
    sources := ARRAY(SELECT DISTINCT o.source_id FROM old_row AS o WHERE o.status = 'failed');
  ELSIF TG_OP = 'INSERT' THEN
    sources := ARRAY(SELECT DISTINCT n.source_id FROM new_row AS n WHERE n.status = 'failed');
  ELSE
    sources := ARRAY(
      SELECT DISTINCT n.source_id FROM new_row AS n JOIN old_row AS o ON o.log_id = n.log_id
      WHERE (n.status = 'failed') <> (o.status = 'failed'));
  END IF;
  IF cardinality(sources) > 0 THEN
    INSERT INTO corrparse.run_change (dag_id, run_id)
    SELECT s.dag_id, s.run_id FROM corrparse.source AS s
    WHERE s.source_id = ANY (sources) AND s.dag_id IS NOT NULL
      AND EXISTS (SELECT FROM corrparse.task_outcome AS t WHERE t.dag_id = s.dag_id AND t.run_id = s.run_id)
    UNION
    SELECT o.dag_id, o.run_id FROM corrparse.task_outcome AS o WHERE o.source_id = ANY (sources);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION corrparse.note_run_change_of_reading IS 'A log of which nothing can be read has no rows of its own that would tell its run.';

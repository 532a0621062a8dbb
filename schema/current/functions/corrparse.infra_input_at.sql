-- What is known of each input of infra_health at an instant: of each origin the latest reading that is not too old, and of the origins the
-- worst. An input that no origin tells has no reading. Every bound of the signal is an upper one.
CREATE OR REPLACE FUNCTION corrparse.infra_input_at(instant timestamptz)
  RETURNS TABLE (input text, place bigint, reading numeric, origin text, observed_at timestamptz)
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH told AS (
      SELECT o.*, i.input, i.reading
      FROM corrparse.infra_reading AS o
      CROSS JOIN LATERAL (
        VALUES
          ('oom_kills', o.oom_kills::numeric), ('pods_down', o.pods_down::numeric), ('pvc_pct', o.pvc_pct), ('cpu_pct', o.cpu_pct)
      ) AS i (input, reading)
      WHERE o.observed_at BETWEEN instant - (SELECT corrparse.setting_hours('observation_hours')) AND instant AND i.reading IS NOT NULL
    ),
    -- What each origin last told of each input. A block that tells the CPU alone does not hide what was seen of the volumes.
    latest AS (
      SELECT DISTINCT ON (t.origin, t.input) t.*
      FROM told AS t
      ORDER BY
        t.origin, t.input, t.observed_at DESC, t.task_id COLLATE "C" DESC, t.map_index DESC, t.source COLLATE "C" DESC, t.block DESC
    ),
    worst AS (
      SELECT DISTINCT ON (l.input) l.*
      FROM latest AS l
      ORDER BY l.input, l.reading DESC, l.observed_at DESC, l.origin COLLATE "C"
    )
    SELECT i.input, i.place, w.reading, w.origin, w.observed_at
    FROM unnest(ARRAY['oom_kills', 'pods_down', 'pvc_pct', 'cpu_pct']) WITH ORDINALITY AS i (input, place)
    LEFT JOIN worst AS w ON w.input = i.input;
END;

-- The severity of a diagnosis: that of the worst record with this code, else that of the code itself.
CREATE OR REPLACE FUNCTION corrparse.severity_of(of_code text, severity_ranks jsonb) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(
      (corrparse.severities())[(severity_ranks ->> coalesce(of_code, ''))::integer],
      (
        SELECT t.severity
        FROM corrparse.taxonomy AS t JOIN corrparse.current_taxonomy AS k ON k.taxonomy_version = t.taxonomy_version
        WHERE t.code = of_code
      ),
      'none');
END;

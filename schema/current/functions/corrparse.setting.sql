-- A window or count of the current taxonomy version. Functions without settings of their own, as this one, can be taken apart by the planner;
-- those in diagnostics, which call them, fix search path and time zone.
CREATE OR REPLACE FUNCTION corrparse.setting(of_name text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.value
    FROM corrparse.supervision_setting AS s
    JOIN corrparse.current_taxonomy AS c ON c.taxonomy_version = s.taxonomy_version
    WHERE s.name = of_name;
END;

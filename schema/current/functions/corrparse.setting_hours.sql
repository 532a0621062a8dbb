-- A window of the current taxonomy version.
CREATE OR REPLACE FUNCTION corrparse.setting_hours(of_name text) RETURNS interval
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN make_interval(secs => corrparse.setting(of_name)::numeric::double precision * 3600);

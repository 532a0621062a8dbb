-- Whether a reading is past a bound of corrparse.signal_bound; null where there is no reading.
CREATE OR REPLACE FUNCTION corrparse.is_past(reading numeric, comparison text, bound numeric) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE comparison
    WHEN '>' THEN reading > bound
    WHEN '>=' THEN reading >= bound
    WHEN '<' THEN reading < bound
    WHEN '<=' THEN reading <= bound
  END;

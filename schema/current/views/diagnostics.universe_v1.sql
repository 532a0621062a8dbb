-- One step of the index for each crypto rather than all records.
CREATE OR REPLACE VIEW diagnostics.universe_v1 AS
WITH RECURSIVE seen AS (
  (SELECT r.crypto FROM corrparse.record AS r WHERE r.crypto IS NOT NULL ORDER BY r.crypto LIMIT 1)
  UNION ALL
  SELECT (
    SELECT r.crypto FROM corrparse.record AS r WHERE r.crypto > s.crypto ORDER BY r.crypto LIMIT 1
  )
  FROM seen AS s WHERE s.crypto IS NOT NULL
)
SELECT u.crypto, u.crypto_group FROM corrparse.universe AS u
UNION ALL
SELECT s.crypto, NULL FROM seen AS s
WHERE s.crypto IS NOT NULL AND NOT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = s.crypto);
COMMENT ON VIEW diagnostics.universe_v1 IS
  'The cryptos of the universe with their groups, and those of records that are in no group.';

CREATE OR REPLACE VIEW diagnostics.drift_v1 AS
SELECT d.crypto, d.quantity, d.index, d.reference_records, d.current_records, d.status, d.reason
FROM diagnostics.drift_at(now()) AS d;
COMMENT ON VIEW diagnostics.drift_v1 IS 'How far the last 7 days of each crypto are from the 30 days before, now.';

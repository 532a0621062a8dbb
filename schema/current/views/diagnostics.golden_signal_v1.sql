CREATE OR REPLACE VIEW diagnostics.golden_signal_v1 AS
SELECT s.signal, s.scope, s.value, s.unit, s.status, s.reason, s.observed_at
FROM diagnostics.golden_signals_at(now()) AS s;
COMMENT ON VIEW diagnostics.golden_signal_v1 IS 'The golden signals (manual, section 2) now.';

-- What the made-up field of field.patch adds to the tables; Scripts/schema-current.py puts it into the migration.
ALTER TABLE corrparse.record ADD COLUMN slippage_bps numeric;
COMMENT ON COLUMN corrparse.record.slippage_bps IS 'The slippage of the trades, in basis points.';

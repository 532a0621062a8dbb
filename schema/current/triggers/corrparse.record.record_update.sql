CREATE OR REPLACE TRIGGER record_update AFTER UPDATE ON corrparse.record
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

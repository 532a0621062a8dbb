CREATE OR REPLACE TRIGGER source_update AFTER UPDATE ON corrparse.source
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER log_update AFTER UPDATE ON corrparse.log
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

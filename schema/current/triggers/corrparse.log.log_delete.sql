CREATE OR REPLACE TRIGGER log_delete AFTER DELETE ON corrparse.log
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

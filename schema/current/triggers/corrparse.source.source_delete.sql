CREATE OR REPLACE TRIGGER source_delete AFTER DELETE ON corrparse.source
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

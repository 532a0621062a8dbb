CREATE OR REPLACE TRIGGER task_outcome_update AFTER UPDATE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

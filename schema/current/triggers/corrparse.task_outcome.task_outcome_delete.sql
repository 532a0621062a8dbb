CREATE OR REPLACE TRIGGER task_outcome_delete AFTER DELETE ON corrparse.task_outcome
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

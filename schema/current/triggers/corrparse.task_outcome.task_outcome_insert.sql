CREATE OR REPLACE TRIGGER task_outcome_insert AFTER INSERT ON corrparse.task_outcome
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change();

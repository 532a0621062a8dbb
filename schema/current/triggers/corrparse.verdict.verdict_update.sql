CREATE OR REPLACE TRIGGER verdict_update AFTER UPDATE ON corrparse.verdict
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

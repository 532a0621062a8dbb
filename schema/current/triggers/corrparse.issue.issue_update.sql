CREATE OR REPLACE TRIGGER issue_update AFTER UPDATE ON corrparse.issue
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_record();

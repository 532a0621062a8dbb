-- Only a statement of its own counts: rows that go with their record or source are noted with that.
CREATE OR REPLACE TRIGGER issue_delete AFTER DELETE ON corrparse.issue
  REFERENCING OLD TABLE AS old_row FOR EACH STATEMENT
  WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION corrparse.note_run_change_of_record();

CREATE OR REPLACE TRIGGER log_insert AFTER INSERT ON corrparse.log
  REFERENCING NEW TABLE AS new_row FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_run_change_of_reading();

CREATE OR REPLACE TRIGGER setting_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.supervision_setting
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

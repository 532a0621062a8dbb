CREATE OR REPLACE TRIGGER current_taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.current_taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

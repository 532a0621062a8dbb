CREATE OR REPLACE TRIGGER taxonomy_change AFTER INSERT OR UPDATE OR DELETE ON corrparse.taxonomy
  FOR EACH STATEMENT EXECUTE FUNCTION corrparse.note_change_of_all_runs();

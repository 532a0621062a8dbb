import LogModel
import Testing

@testable import DiagnosticWriter

/// Every table can be published for logical replication (`Tests/Operations/test_replication.py` has a real subscription).
@Suite struct ReplicationTests {
  private static let unidentified: SQLText = """
    SELECT c.oid::regclass::text FROM pg_class AS c
    WHERE c.relnamespace = 'corrparse'::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relreplident NOT IN ('f', 'i')
      AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary AND c.relreplident = 'd')
    ORDER BY 1
    """

  @Test func everyTableHasAKey() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    #expect(try connection.column(Self.unidentified) == [])
    // A table without a key would be found.
    try connection.run("CREATE TABLE corrparse.keyless (a text)")
    #expect(try connection.column(Self.unidentified) == ["corrparse.keyless"])
  }

  /// Whoever publishes all tables of the database keeps storing logs.
  @Test func publishingAllTablesStopsNoIngest() throws {
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    try connection.run("CREATE PUBLICATION everything FOR ALL TABLES")
    for gain in [3, 20] {
      try RunLog(records: [.strategy(gain: gain, gates: [true])]).store(connection)
      #expect(try RunDiagnoses(connection).refresh() == 1)
    }
    #expect(
      try connection.column(RunDiagnosisTests.rows) == [
        "* 1 1 1 ML_SOLID none", "SOLUSDC 1 1 1 ML_SOLID none",
      ])
  }
}

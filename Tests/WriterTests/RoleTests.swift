import LogModel
import Testing

@testable import DiagnosticWriter

/// Least privilege (4-database, Migrations).
@Suite struct RoleTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  @Test func writerStoresAndReadsTheLedger() throws {
    // The rights on a database itself are not copied with it.
    let database = try TestDatabase(isMigrated: false)
    try database.migrate()
    let connection = try database.connect()
    // Databases whose owner took the right to make temporary tables from everybody still serve the writer.
    try connection.run(SQLText(stringLiteral: "REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC"))
    try connection.run("SET ROLE corrparse_writer")
    #expect(try SampleLog(blocks: 3).store(connection).inserted == 3)
    #expect(try SampleLog(blocks: 2, status: .truncated).store(connection).kept == 3)
    #expect(try connection.ledger(of: ["root/attempt=1.log.gz"]).count == 1)
    #expect(try Migrator(connection).state() == .current)
    #expect(try connection.value("SELECT count(*) FROM diagnostics.verdict_v1") == "3")
  }

  @Test(arguments: [
    "CREATE TABLE corrparse.x ()", "CREATE VIEW diagnostics.x AS SELECT 1", "DROP TABLE corrparse.record",
    "TRUNCATE corrparse.record", "DELETE FROM corrparse.migration", "DELETE FROM corrparse.taxonomy",
    "UPDATE corrparse.current_taxonomy SET taxonomy_version = 2", "SELECT corrparse.grant_to_roles()",
    "ALTER TABLE corrparse.universe ADD COLUMN x bigint", "CREATE INDEX x ON corrparse.record (theta)",
    "ALTER VIEW diagnostics.run_diagnosis_v1 RENAME TO x", "TRUNCATE corrparse.universe",
    "UPDATE corrparse.signal_bound SET bound = 0", "DELETE FROM corrparse.state_condition",
    "DELETE FROM corrparse.golden_signal", "DELETE FROM corrparse.supervision_setting",
  ])
  func writerMayDoNoMore(statement: String) throws {
    try connection.run("SET ROLE corrparse_writer")
    let error = #expect(throws: DatabaseError.self) { try connection.run(SQLText(stringLiteral: statement)) }
    #expect(error?.category == .permission)
  }

  @Test func readerSeesTheViews() throws {
    try SampleLog(blocks: 3).store(connection)
    try connection.run("SET ROLE corrparse_reader")
    for (view, _) in ViewTests.columns {
      try connection.run(SQLText(stringLiteral: "SELECT * FROM diagnostics.\(view)"))
    }
    #expect(try connection.value("SELECT sum(issue_count + n_trades) FROM diagnostics.verdict_v1 ") == "3")
  }

  /// Where functions are not everybody's by default, the functions that views call are the reader's by name.
  @Test func readerSeesTheViewsOfAHardenedDatabase() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    try connection.run("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    try Migrator(connection).up(programVersion: "1", taxonomy: TestDatabase.taxonomy)
    try RunLog(records: [.strategy(gain: 20)]).store(connection)
    try connection.run("SET ROLE corrparse_reader")
    for (view, _) in ViewTests.columns {
      try connection.run(SQLText(stringLiteral: "SELECT * FROM diagnostics.\(view)"))
    }
    #expect(try connection.value("SELECT useful FROM diagnostics.verdict_v1") == "t")
  }

  @Test func writerObservesAndNotes() throws {
    try connection.run("SET ROLE corrparse_writer")
    let supervision = Supervision(connection)
    #expect(try supervision.store(.calm(at: World.noon)))
    #expect(try supervision.noteState())
    #expect(try supervision.report(at: World.noon).signals.count == 56)
    try connection.run("INSERT INTO corrparse.test_dag VALUES ('x'); DELETE FROM corrparse.test_dag")
  }

  /// Functions in diagnostics run with their owner's rights: for those two roles alone, and with a search path of their own.
  @Test func functionsAreNobodyElses() throws {
    #expect(
      try connection.column(
        """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace = 'diagnostics'::regnamespace
          AND (has_function_privilege('public', p.oid, 'EXECUTE')
            OR NOT has_function_privilege('corrparse_reader', p.oid, 'EXECUTE')
            OR NOT has_function_privilege('corrparse_writer', p.oid, 'EXECUTE')
            OR NOT p.prosecdef OR p.provolatile <> 's'
            OR NOT p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp', 'TimeZone=UTC'])
        """) == [])
    #expect(
      try connection.value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'diagnostics'::regnamespace")
        == "7")
  }

  @Test(arguments: [
    "SELECT * FROM corrparse.record", "SELECT * FROM corrparse.migration",
    "SELECT * FROM corrparse.known_run_diagnosis",
    "SELECT * FROM corrparse.run_diagnosis", "SELECT * FROM corrparse.universe",
    "DELETE FROM corrparse.universe",
    "SELECT corrparse.grant_to_roles()", "SELECT corrparse.note_global_state()",
    "SELECT * FROM corrparse.signal_at(now())", "SELECT * FROM corrparse.infra_observation",
    "DELETE FROM diagnostics.verdict_v1", "CREATE TABLE diagnostics.x ()",
  ])
  func readerMayDoNoMore(statement: String) throws {
    try connection.run("SET ROLE corrparse_reader")
    #expect(throws: DatabaseError.self) { try connection.run(SQLText(stringLiteral: statement)) }
  }

  /// Whatever a migration adds: nothing in corrparse is the reader's, everything in diagnostics is.
  @Test func grantsCoverEveryRelation() throws {
    #expect(
      try connection.column(
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace) AND c.relkind IN ('r', 'v', 'm')
          AND (has_table_privilege('corrparse_reader', c.oid, 'SELECT') <> (c.relnamespace = 'diagnostics'::regnamespace)
            OR NOT has_table_privilege('corrparse_writer', c.oid, 'SELECT')
            OR has_table_privilege('corrparse_reader', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR has_table_privilege('corrparse_writer', c.oid, 'TRUNCATE, REFERENCES, TRIGGER'))
        """) == [])
  }

  @Test func whoeverMayMakeSchemasMayMigrate() throws {
    let other = try TestDatabase(isMigrated: false)
    let owner = try other.connect()
    let role = other.name + "_owner"
    try owner.run(
      SQLText(
        stringLiteral:
          "CREATE ROLE \(role); GRANT CREATE ON DATABASE \(other.name) TO \(role); SET ROLE \(role)"))
    #expect(try Migrator(owner).up(programVersion: "1", taxonomy: TestDatabase.taxonomy) == Migration.all)
    #expect(try SampleLog(blocks: 1).store(owner).inserted == 1)
    try owner.run(SQLText(stringLiteral: "RESET ROLE; DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
  }
}

import LogModel
import Logging
import Testing

@testable import DiagnosticWriter

@Suite struct ConnectionTests {
  @Test func storingLeavesNoStateInTheSession() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    // A language's own settings appear when the first of its functions loads it.
    let state: SQLText = """
      SELECT string_agg(concat(name, '=', setting), E'\\n' ORDER BY name) FROM pg_settings WHERE name !~ '^plpgsql\\.'
      UNION ALL SELECT count(*)::text FROM pg_prepared_statements
      UNION ALL SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
      UNION ALL SELECT count(*)::text FROM pg_class WHERE relpersistence = 't'
      """
    let before = try connection.column(state)
    try SampleLog(blocks: 3).store(connection, flushSize: 1, damaged: 1...1)
    try Migrator(connection).up(programVersion: "1", taxonomy: TestDatabase.taxonomy)
    #expect(try connection.column(state) == before)
    #expect(before.dropFirst() == ["0", "0", "0"])
  }

  /// A pooler may hand out a server connection that another client has left in any state.
  @Test func settingsOfTheSessionDoNotMatter() throws {
    let plain = try TestDatabase()
    try SampleLog(blocks: 3).store(plain.connect())
    let odd = try TestDatabase()
    let connection = try odd.connect()
    try connection.run(
      """
      SET search_path = nowhere; SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY';
      SET IntervalStyle = 'iso_8601'; SET standard_conforming_strings = off; SET bytea_output = 'escape';
      SET extra_float_digits = -3
      """)
    try SampleLog(blocks: 3).store(connection)
    #expect(try plain.connect().logicalState() == odd.connect().logicalState())
    #expect(
      try connection.ledger(of: ["root/attempt=1.log.gz"])
        == plain.connect().ledger(of: ["root/attempt=1.log.gz"]))
    #expect(try Migrator(connection).state() == .current)
  }

  @Test func connectionHasTheProgramsName() throws {
    let database = try TestDatabase()
    #expect(
      try database.connect().value(
        "SELECT concat_ws(' ', current_setting('application_name'), current_setting('client_encoding'))")
        == "corrparse UTF8")
  }

  @Test func valueTravelsAsAParameter() throws {
    let database = try TestDatabase()
    let hostile = "'; DROP SCHEMA corrparse CASCADE; --\0\\"
    #expect(
      try database.connect().value("SELECT $1::text", [hostile]) == "'; DROP SCHEMA corrparse CASCADE; --\\")
    #expect(try database.connect().value("SELECT $1::text IS NULL", [nil]) == "t")
  }

  @Test func failuresToConnectSayWhatToDo() throws {
    let database = try TestDatabase()
    func failure(_ string: String) -> DatabaseError? {
      #expect(throws: DatabaseError.self) { try Connection(string, logger: TestDatabase.logger) }
    }
    #expect(failure("host=/nonexistent/socket dbname=x")?.category == .unavailable)
    #expect(failure("postgresql://127.0.0.1:1/x")?.category == .unavailable)
    #expect(failure("postgresql://host.invalid/x")?.category == .unavailable)
    let missing = failure(database.connectionString("dbname=no_such_database"))
    #expect(missing?.category == .configuration && missing?.sqlState == "3D000")
    #expect(missing?.description.contains("no_such_database") == true)
    #expect(failure(database.connectionString("user=no_such_role"))?.category == .permission)
    #expect(failure(database.connectionString("sslmode=bogus"))?.category == .configuration)
    #expect(failure(database.connectionString("port=bogus"))?.category == .configuration)
    #expect(failure("service=no_such_service")?.category == .configuration)
    #expect(failure("host localhost")?.category == .configuration)
  }

  @Test(arguments: [
    "postgresql://u:CaNaRy@127.0.0.1:1/x", "postgresql://u:CaNaRy/CaNaRy@127.0.0.1:1/x",
    "postgresql://u:CaNaRy@CaNaRy@host.invalid/x", "postgresql://u:CaNaRy?CaNaRy@127.0.0.1:1/x",
    "postgresql://u:CaNaRy#CaNaRy@127.0.0.1:1/x", "postgresql://u:%ZZCaNaRy@127.0.0.1:1/x",
    "postgresql://u@127.0.0.1:1/x?password=CaNaRy", "postgresql://u@127.0.0.1:1/x?CaNaRy",
    "postgresql://u@127.0.0.1:1/x?sslpassword=CaNaRy&sslmode=bogus", "postgresql://:CaNaRy@[::1/x",
    "postgresql://u:CaNaRy:CaNaRy@127.0.0.1:1/x", "postgresql://u:@CaNaRy@host.invalid/x",
    "host=127.0.0.1 port=1 password=CaNaRy", "host=127.0.0.1 port=1 password='CaNaRy CaNaRy'",
    "host=127.0.0.1 port=1 password=x CaNaRy", "host=127.0.0.1 password 'CaNaRy",
    "password=CaNaRy port=CaNaRy",
    "CaNaRy:CaNaRy@host.invalid", "host CaNaRy",
  ])
  func passwordNeverShows(string: String) {
    let error = #expect(throws: DatabaseError.self) { try Connection(string, logger: TestDatabase.logger) }
    #expect(error?.description.contains("CaNaRy") == false)
    #expect(error?.message.isEmpty == false)
  }

  @Test func readOnlyServerIsWorthAnotherTry() throws {
    let database = try TestDatabase()
    let connection = try database.connect("options='-c default_transaction_read_only=on'")
    let error = #expect(throws: DatabaseError.self) { try SampleLog(blocks: 1).store(connection) }
    #expect(error?.category == .unavailable)
    #expect(error?.description.contains("primary") == true)
  }

  @Test func missingSchemaIsAConfigurationError() throws {
    let database = try TestDatabase(isMigrated: false)
    let error = #expect(throws: DatabaseError.self) { try SampleLog(blocks: 1).store(database.connect()) }
    #expect(error?.category == .configuration)
    #expect(error?.description.contains("corrparse migrate status") == true)
  }

  @Test(arguments: [
    ("40001", DatabaseError.Category.transient), ("40P01", .transient), ("55P03", .transient),
    ("57014", .transient), ("53300", .transient), ("53100", .transient), ("57P01", .unavailable),
    ("57P03", .unavailable), ("08006", .unavailable), ("25006", .unavailable), ("42501", .permission),
    ("28P01", .permission), ("3D000", .configuration), ("55000", .configuration), ("42P01", .configuration),
    ("0A000", .configuration),
    ("22003", .data), ("23505", .data), ("54000", .data), ("42601", .program), ("XX000", .program),
  ])
  func codesOfTheServerHaveAMeaning(sqlState: String, category: DatabaseError.Category) {
    let error = DatabaseError(sqlState: sqlState, message: "m")
    #expect(error.category == category)
    #expect(error.isRetryable == (category == .transient || category == .unavailable))
    #expect(error.description.hasSuffix("[SQLSTATE \(sqlState)]"))
  }

  /// PgBouncer says everything of its own by one code.
  @Test(arguments: [
    ("transaction blocks not allowed in statement pooling mode", DatabaseError.Category.configuration),
    ("unsupported startup parameter: work_mem", .configuration), ("no such database: x", .configuration),
    ("no such user: x", .configuration), ("SSL required", .configuration),
    ("bouncer config error", .configuration),
    ("server login has been failing, try again later (server_login_retry)", .unavailable),
    ("query_wait_timeout", .unavailable), ("pgbouncer cannot connect to server", .unavailable),
  ])
  func wordsOfAPoolerHaveAMeaning(message: String, category: DatabaseError.Category) {
    let error = DatabaseError(sqlState: "08P01", message: message)
    #expect(error.category == category)
    #expect((error.advice == nil) == (category == .unavailable))
    #expect(DatabaseError(sqlState: "08006", message: message).category == .unavailable)
  }

  /// A PgBouncer at its defaults tries no other login for 15 seconds; three times as long is waited out, however chance has it.
  @Test func patienceOutlastsAPoolersRefusal() {
    let patience = RetryPatience()
    for _ in 0..<100 {
      let pauses = (1..<patience.attempts).map { patience.pause(after: $0) }
      #expect(pauses.reduce(.zero, +) >= .seconds(45))
      #expect(pauses.reduce(.zero, +) <= .seconds(62))
    }
  }

  @Test func aFailureSaysHowOftenItWasTried() {
    let error = DatabaseError(.unavailable, message: "gone", advice: "look")
    #expect(error.givenUp(after: 1, .seconds(9)).description == "gone; look")
    #expect(
      error.givenUp(after: 18, .milliseconds(52_999)).description == "gone; tried 18 times within 52 s; look")
  }
}

import Dispatch
import Foundation
import LogModel
import TestSupport
import Testing

@testable import DiagnosticWriter

@Suite struct MigratorTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appending(path: "../../schema/migrations").standardized

  @Test func compiledListIsTheFolder() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(Migration.all.map { $0.name + ".sql" } == files)
    #expect(Migration.all.map(\.version) == Array(1...files.count))
    for step in Migration.all {
      let text = try String(contentsOf: Self.folder.appending(path: step.name + ".sql"), encoding: .utf8)
      #expect(step.text == text)
      let number = String(step.version)
      let padded = String(repeating: "0", count: 4 - number.count) + number
      #expect(step.name.hasPrefix("v\(padded)_"))
    }
  }

  @Test(arguments: Migration.all)
  func stepEndsNoTransactionItself(step: Migration) {
    let words = step.text.uppercased().split(whereSeparator: { !$0.isLetter })
    #expect(!words.contains("COMMIT") && !words.contains("ROLLBACK"))
  }

  @Test func secondMigrationDoesNothing() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    #expect(try Migrator(connection).state() == .behind(Migration.all))
    #expect(try Migrator(connection).up(programVersion: "1.2.3") == Migration.all)
    let ledger = try connection.column(
      "SELECT concat(xmin, m) FROM corrparse.migration AS m ORDER BY version")
    #expect(try Migrator(connection).up(programVersion: "9") == [])
    #expect(
      try connection.column("SELECT concat(xmin, m) FROM corrparse.migration AS m ORDER BY version") == ledger
    )
    #expect(try Migrator(connection).state() == .current)
    #expect(try Migrator(connection).state().obstacle == nil)
    let applied = try Migrator(connection).applied()
    #expect(applied.map(\.name) == Migration.all.map(\.name))
    #expect(applied.allSatisfy { $0.programVersion == "1.2.3" && $0.isUnchanged })
  }

  @Test func ledgerHoldsTheDigestOfTheFile() throws {
    // printf 'SELECT 1;\n' | sha256sum
    let digest = "b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd"
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let step = Migration(version: 1, name: "v0001_one", bytes: Array("SELECT 1;\n".utf8))
    try Migrator(connection, migrations: [step]).up(programVersion: "1")
    #expect(try connection.value("SELECT encode(checksum, 'hex') FROM corrparse.migration") == digest)
  }

  @Test func planIsWhatWouldRun() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let plan = try Migrator(connection).plan(programVersion: "1")
    for step in Migration.all.flatMap(\.steps) { #expect(plan.contains(step.text)) }
    #expect(try connection.value("SELECT to_regnamespace('corrparse')") == nil)
    try Psql.run(plan, on: database.connectionString())
    #expect(try connection.value("SELECT to_regclass('diagnostics.verdict_v1')") != nil)
    try connection.run("DROP SCHEMA corrparse, diagnostics CASCADE")
    try Migrator(connection).up(programVersion: "1")
    #expect(try Migrator(connection).plan(programVersion: "1") == "")
  }

  @Test func editedStepIsRefusedByName() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    var steps = Migration.all
    steps[1] = Migration(version: 2, name: steps[1].name, bytes: Array((steps[1].text + "-- more\n").utf8))
    let error = #expect(throws: DatabaseError.self) {
      try Migrator(connection, migrations: steps).up(programVersion: "2")
    }
    #expect(error?.category == .configuration)
    #expect(error?.description.contains("v0002_views was applied on ") == true)
    #expect(error?.description.contains("new migration") == true)
    #expect(throws: DatabaseError.self) {
      try Migrator(connection, migrations: steps).plan(programVersion: "1")
    }
  }

  @Test func newerDatabaseIsRefusedWithTheVersionNeeded() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let known = Migration.all.count
    let later = Migration(version: known + 1, name: "v0099_later", bytes: Array("SELECT 1;\n".utf8))
    try Migrator(connection, migrations: Migration.all + [later]).up(programVersion: "7.0")
    let error = #expect(throws: DatabaseError.self) { try Migrator(connection).up(programVersion: "1") }
    #expect(error?.category == .configuration)
    #expect(
      error?.description
        == "the database is at v0099_later, applied by corrparse 7.0, and this program knows the schema up to "
        + "version \(known); use corrparse 7.0 or later")
    #expect(try Migrator(connection).state().obstacle == error)
  }

  @Test func missingStepIsRefused() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.query("DELETE FROM corrparse.migration WHERE version = 2")
    let error = #expect(throws: DatabaseError.self) { try Migrator(connection).up(programVersion: "1") }
    #expect(error?.message == "v0002_views was never applied though \(Migration.all.last?.name ?? "") was")
  }

  @Test func schemaBehindIsAnObstacleThatSaysWhatToDo() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    try Migrator(connection, migrations: Array(Migration.all.prefix(2))).up(programVersion: "1")
    let obstacle = try Migrator(connection).state().obstacle
    #expect(obstacle?.category == .configuration)
    #expect(
      obstacle?.description.hasPrefix(
        "the schema lacks \(Migration.all.count - 2) migrations, v0003_roles to \(Migration.all.last?.name ?? "")"
      )
        == true)
    #expect(obstacle?.description.hasSuffix("; run corrparse migrate up") == true)
  }

  @Test func failingStepLeavesNothing() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let bad = Migration(
      version: 1, name: "v0001_bad", bytes: Array("CREATE TABLE corrparse.half (); SELECT 1 / 0;".utf8))
    let error = #expect(throws: DatabaseError.self) {
      try Migrator(connection, migrations: [bad]).up(programVersion: "1")
    }
    #expect(error?.sqlState == "22012")
    #expect(try connection.value("SELECT to_regnamespace('corrparse')") == nil)
    #expect(!connection.isInTransaction)
  }

  @Test func concurrentMigrationsApplyEachStepOnce() throws {
    let database = try TestDatabase(isMigrated: false)
    let outcomes = Outcomes<[Migration]>()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      outcomes.add {
        try Migrator(database.connect()).up(programVersion: "1", taxonomy: TestDatabase.taxonomy)
      }
    }
    let applied = try outcomes.values()
    #expect(applied.count == 4)
    #expect(applied.flatMap(\.self).map(\.version).sorted() == Migration.all.map(\.version))
    #expect(try Migrator(database.connect()).state() == .current)
  }

  @Test func migrationWithoutRightsIsRefusedAsSuch() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    try connection.run("SET ROLE pg_monitor")
    let error = #expect(throws: DatabaseError.self) { try Migrator(connection).up(programVersion: "1") }
    #expect(error?.category == .configuration)
    #expect(error?.message == "pg_monitor may not create schemas in the database \(database.name)")
  }

  @Test func referenceTableFollowsTheProgram() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let migrator = Migrator(connection)
    let dump: SQLText = "SELECT concat(xmin, ' ', t) FROM corrparse.taxonomy AS t"
    let before = try connection.column(dump)
    try migrator.up(programVersion: "1", taxonomy: TestDatabase.taxonomy)
    #expect(try connection.column(dump) == before)

    func row(_ code: String, _ version: Int, _ meaning: String) -> TaxonomyRow {
      TaxonomyRow(
        code: code, taxonomyVersion: version, layer: "ml", severity: "P2", condition: "x > 1",
        meaning: meaning,
        nextStep: "it's \"quoted\"", position: 1)
    }
    let next = TaxonomyReference(rows: [row("A", 1, "new"), row("B", 2, "é")], currentVersion: 2)
    try migrator.up(programVersion: "1", taxonomy: next)
    let view: SQLText = """
      SELECT concat_ws('|', code, taxonomy_version, is_current, layer, severity, condition, meaning, next_step,
        position)
      FROM diagnostics.taxonomy_v1 ORDER BY code
      """
    let both = ["A|1|f|ml|P2|x > 1|new|it's \"quoted\"|1", "B|2|t|ml|P2|x > 1|é|it's \"quoted\"|1"]
    #expect(try connection.column(view) == both)

    // An older program does not make its version current again, nor take the later one's codes away.
    try migrator.up(programVersion: "1", taxonomy: TestDatabase.taxonomy)
    #expect(
      try connection.column(view) == [
        "B|2|t|ml|P2|x > 1|é|it's \"quoted\"|1", "ML_SOLID|1|f|ml|none|delta > 0.10|Signal solide||10",
      ])
  }

  @Test func universeIsSeededFromTheManual() throws {
    let database = try TestDatabase()
    #expect(
      try database.connect().column(
        "SELECT crypto_group || ' ' || crypto FROM corrparse.universe ORDER BY crypto_group, crypto")
        == [
          "btc-core BTCUSDC", "btc-core ETHUSDC", "defi ADAUSDC", "defi BONKUSDC", "defi SOLUSDC",
          "defi XRPUSDC",
        ])
  }
}

/// Gathers what several threads came to.
final class Outcomes<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var results: [Result<Value, any Error>] = []

  func add(_ body: () throws -> Value) {
    let result = Result(catching: body)
    lock.withLock { results.append(result) }
  }

  func values() throws -> [Value] {
    try lock.withLock { try results.map { try $0.get() } }
  }

  /// How many have come to something.
  var count: Int { lock.withLock { results.count } }

  var failures: [any Error] {
    lock.withLock {
      results.compactMap { result in
        guard case .failure(let error) = result else { return nil }
        return error
      }
    }
  }
}

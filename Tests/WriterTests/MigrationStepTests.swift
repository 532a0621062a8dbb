import Foundation
import Glibc
import Testing

@testable import DiagnosticWriter

/// Migrations that work in steps (4-database, Migrations). What a kill leaves of them is in `Tests/Operations/test_migration_steps.py`.
@Suite struct MigrationStepTests {
  private static func migration(_ version: Int, _ text: String) -> Migration {
    Migration(version: version, name: "v000\(version)_step", bytes: Array(text.utf8))
  }

  private static let first = migration(
    1, "CREATE TABLE corrparse.a (x text);\nINSERT INTO corrparse.a VALUES ('b');\n")

  @Test func aMarkBeginsAStep() {
    let text = """
      -- What it is for.
      -- STEP index a_x_idx: the values
      CREATE INDEX CONCURRENTLY IF NOT EXISTS a_x_idx ON corrparse.a (x);
      -- STEP transaction: another column
      ALTER TABLE corrparse.a ADD COLUMN y text;
      -- STEP statement: what the planner knows
      ANALYZE corrparse.a;

      """
    let steps = Self.migration(2, text).steps
    #expect(steps.map(\.kind) == [.index("a_x_idx"), .transaction, .statement])
    #expect(steps.map(\.purpose) == ["the values", "another column", "what the planner knows"])
    #expect(steps.map(\.text).joined() == text)
    #expect(steps[0].text.hasPrefix("-- What it is for."))
    #expect(
      steps[1].text == "-- STEP transaction: another column\nALTER TABLE corrparse.a ADD COLUMN y text;\n")
  }

  @Test func withoutAMarkAllIsOneTransaction() {
    #expect(Self.first.isOneTransaction)
    #expect(Self.first.steps.map(\.text) == [Self.first.text])
    // No kind, no name, a name that is none: none of these lines is a mark.
    for line in [
      "-- STEP soon: x", "-- STEP index: x", "-- STEP index a;b: x", "--STEP statement: x",
      "-- STEP statement",
    ] {
      #expect(Self.migration(2, "SELECT 1;\n\(line)\n").isOneTransaction, "\(line)")
    }
  }

  @Test func everyMarkOfTheProgramIsRead() {
    for migration in Migration.all {
      let marks = migration.text.split(separator: "\n").count { $0.hasPrefix("-- STEP") }
      #expect(migration.steps.count == max(1, marks))
    }
    #expect(Migration.all.contains { !$0.isOneTransaction })
  }

  @Test func stepsThatAreDoneAreNotDoneAgain() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let text = """
      -- STEP transaction: a row
      INSERT INTO corrparse.a VALUES ('c');
      -- STEP index a_x_idx: the values
      CREATE INDEX CONCURRENTLY IF NOT EXISTS a_x_idx ON corrparse.a (x);
      -- STEP transaction: what fails
      SELECT 1 / (SELECT count(*) FROM corrparse.a WHERE x = 'd');

      """
    let second = Self.migration(2, text)
    let migrator = Migrator(connection, migrations: [Self.first, second])
    try Migrator(connection, migrations: [Self.first]).up(programVersion: "1")
    #expect(try migrator.stepsDone(of: second) == 0)
    var reports: [String] = []
    let error = #expect(throws: DatabaseError.self) {
      try migrator.up(programVersion: "1") { reports.append($0) }
    }
    #expect(error?.sqlState == "22012")
    // 0.02 s or so: how long a step took is the only number that is not the same each time.
    let said = reports.map { $0.replacing(/: [0-9.]+ s;/, with: ":") }
    #expect(
      said == [
        "v0002_step has 3 steps, 0 of them done; others wait for step 1, 3 alone, which waits for a lock for 5 s at most",
        "v0002_step, step 1 of 3, a row: others wait until it ends",
        "v0002_step, step 1 of 3, a row: its locks ended with it",
        "v0002_step, step 2 of 3, the values: nobody waits for it",
        "v0002_step, step 2 of 3, the values: nobody was locked out",
        "v0002_step, step 3 of 3, what fails: others wait until it ends",
      ])
    #expect(try migrator.stepsDone(of: second) == 2)
    #expect(try connection.column("SELECT step FROM corrparse.migration_step ORDER BY step") == ["1", "2"])
    #expect(try migrator.state() == .behind([second]))

    try connection.run("INSERT INTO corrparse.a VALUES ('d')")
    #expect(try migrator.up(programVersion: "1").map(\.version) == [2])
    #expect(try connection.column("SELECT x FROM corrparse.a ORDER BY x") == ["b", "c", "d"])
    #expect(try connection.value("SELECT to_regclass('corrparse.migration_step')") == nil)
    #expect(
      try connection.column(
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'corrparse.a'::regclass") == [
          "corrparse.a_x_idx"
        ])
    // Nothing of the steps' settings is left in the session.
    let settings: SQLText =
      "SELECT count(*) FROM pg_settings WHERE source = 'session' AND name LIKE '%timeout'"
    #expect(try connection.value(settings) == "0")
  }

  /// An index whose values are not unique: the build fails and leaves an invalid index, which the next run drops.
  @Test func whatABuildLeftIsDropped() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    let text = """
      -- STEP index a_x_key: the values
      CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_x_key ON corrparse.a (x);

      """
    let migrator = Migrator(connection, migrations: [Self.first, Self.migration(2, text)])
    try Migrator(connection, migrations: [Self.first]).up(programVersion: "1")
    try connection.run("INSERT INTO corrparse.a VALUES ('b')")
    let error = #expect(throws: DatabaseError.self) { try migrator.up(programVersion: "1") }
    #expect(error?.sqlState == "23505")
    let valid: SQLText = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'corrparse.a_x_key'::regclass"
    #expect(try connection.value(valid) == "f")
    try connection.run("DELETE FROM corrparse.a WHERE ctid = (SELECT min(ctid) FROM corrparse.a)")
    try migrator.up(programVersion: "1")
    #expect(try connection.value(valid) == "t")
  }

  /// Whoever waits for the migrations' lock has no snapshot that a build of an index would wait for.
  @Test func aMigrationThatWaitsDoesNotStopTheOther() throws {
    let database = try TestDatabase(isMigrated: false)
    let (one, watcher) = (try database.connect(), try database.connect())
    try MigrationLock.begin(one)
    let waiting = Outcomes<Void>()
    let thread = Thread { waiting.add { try MigrationLock.begin(database.connect()) } }
    thread.start()
    let idle: SQLText = """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction' AND backend_xmin IS NULL AND query LIKE '%pg_try_advisory_xact_lock%'
      """
    while try watcher.value(idle) != "2" { usleep(1000) }
    try one.run("ROLLBACK")
    while waiting.count == 0 { usleep(1000) }
    _ = try waiting.values()
  }

  /// The program of the version before stores logs between the steps, on either side of the transaction, and refuses the schema once
  /// the last step is done. The new one refuses it until then.
  @Test func theProgramBeforeStoresBetweenTheSteps() throws {
    let stepped = try #require(Migration.all.first { !$0.isOneTransaction })
    let (older, newer) = (
      Array(Migration.all.prefix(stepped.version - 1)), Array(Migration.all.prefix(stepped.version))
    )
    let database = try TestDatabase(isMigrated: false)
    let (connection, other) = (try database.connect(), try database.connect())
    try Migrator(connection, migrations: older).up(programVersion: "1", taxonomy: .whole())
    // Today's writer stores into columns that came later.
    let later: SQLText = """
      ALTER TABLE corrparse.issue ADD COLUMN places bigint;
      ALTER TABLE corrparse.log ADD COLUMN line_format text, ADD COLUMN path_template text
      """
    try connection.run(later)
    let stored = Outcomes<Bool>()
    func log(_ number: Int) -> RunLog {
      RunLog(run: "r\(number)", records: [.strategy(gain: 20)])
    }
    try log(0).store(other)
    try Migrator(connection, migrations: newer).up(programVersion: "2") { _ in
      stored.add {
        try log(stored.count + 1).store(other)
        let refused = try Migrator(other, migrations: newer).obstacle()?.message
        return try Migrator(other, migrations: older).obstacle() == nil
          && (refused == "the schema lacks \(stepped.name)")
      }
    }
    // One word before and after each step, and one before all.
    #expect(stored.count == 1 + 2 * stepped.steps.count)
    #expect(try stored.values().allSatisfy { $0 })
    let refusal = try Migrator(other, migrations: older).obstacle()
    #expect(refusal?.category == .configuration)
    #expect(refusal?.message.hasPrefix("the database is at \(stepped.name)") == true)

    let fresh = try TestDatabase(isMigrated: false)
    let whole = try fresh.connect()
    try Migrator(whole, migrations: newer).up(programVersion: "2", taxonomy: .whole())
    try whole.run(later)
    for number in 0...stored.count { try log(number).store(whole) }
    #expect(try other.logicalState() == whole.logicalState())
    let rows: SQLText = "SELECT to_jsonb(d) FROM diagnostics.run_diagnosis_v1 AS d ORDER BY 1"
    #expect(try other.column(rows) == whole.column(rows))
  }
}

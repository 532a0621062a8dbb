import Glibc

/// Applies a migration that works in steps, some of them outside of a transaction (4-database, Migrations).
///
/// What is done is noted in a table that goes with the last step, so a run that was killed is taken up where it ended. A second connection
/// holds the migrations' lock meanwhile.
struct SteppedMigration {
  let migration: Migration
  let roles: RoleNames
  let programVersion: String

  /// How often a transaction is tried again after it waited for a lock in vain, and the pause between two tries in microseconds. In the
  /// pause the sessions go on that waited behind the transaction.
  private static let attempts = 10
  private static let pause: UInt32 = 2_000_000
  /// How often it is looked whether another process still builds an index.
  private static let look: UInt32 = 500_000

  /// Applies what is missing.
  ///
  /// - Parameters:
  ///   - connection: Where the steps run.
  ///   - isPending: Asked once the lock is there: another migration may have done all meanwhile.
  ///   - report: Hears of each step, what it took and what it held.
  /// - Returns: Whether there was something to do.
  /// - Throws: What stopped it. Steps that are done stay, and the next run goes on after them.
  func apply(
    on connection: Connection, isPending: () throws(DatabaseError) -> Bool, report: (String) -> Void
  ) throws(DatabaseError) -> Bool {
    let keeper = try connection.another()
    defer { try? keeper.rollback() }
    try MigrationLock.begin(keeper)
    try keeper.run(Self.patience)
    guard try isPending() else { return false }
    try connection.run(Self.notes)
    let done = try done(on: connection)
    let steps = migration.steps
    report(announcement(steps, done.count))
    for (index, step) in steps.enumerated() where !done.contains(index + 1) {
      // A lock that was lost with its connection is a reason to stop.
      try keeper.run("SELECT 1")
      let place = "\(migration.name), step \(index + 1) of \(steps.count), \(step.purpose)"
      report("\(place): \(step.isTransaction ? "others wait until it ends" : "nobody waits for it")")
      let time = try run(step, index + 1, on: connection) { report("\(place): \($0)") }
      report(
        "\(place): \(time.inSeconds) s; \(step.isTransaction ? "its locks ended with it" : "nobody was locked out")"
      )
    }
    try finish(on: connection)
    return true
  }

  /// What is coming and who waits for it.
  private func announcement(_ steps: [MigrationStep], _ done: Int) -> String {
    let transactions = steps.indices.filter { steps[$0].isTransaction }.map { String($0 + 1) }
    let waits =
      transactions.isEmpty
      ? "nobody waits for any of them"
      : "others wait for step \(transactions.joined(separator: ", ")) alone, which waits for a lock for 5 s at most"
    return "\(migration.name) has \(steps.count) steps, \(done) of them done; \(waits)"
  }

  /// The numbers of the steps that are noted, from 1. Empty where none are, and where the role may not see the notes.
  func done(on connection: Connection) throws(DatabaseError) -> Set<Int> {
    guard try connection.query(Self.hasNotes).boolean(0, 0) == true else { return [] }
    do throws(DatabaseError) {
      let rows = try connection.query(Self.done, [String(migration.version)])
      return Set((0..<rows.rowCount).compactMap { rows.integer($0, 0).map { Int($0) } })
    } catch {
      // Another run did the last step meanwhile.
      guard error.sqlState == "42P01" else { throw error }
      return []
    }
  }

  /// Runs one step and notes it.
  private func run(
    _ step: MigrationStep, _ number: Int, on connection: Connection, report: (String) -> Void
  ) throws(DatabaseError) -> Duration {
    let note = [String(migration.version), String(number)]
    if step.isTransaction {
      return try transaction(step, note, on: connection, report: report)
    }
    let start = ContinuousClock.now
    // Behind a pooler settings would be another session's: then the server's own hold.
    let isSession =
      try connection.query("SELECT pg_catalog.pg_backend_pid()").integer(0, 0)
      == Int64(connection.serverProcess)
    if isSession { try settle(connection) }
    defer { if isSession { unsettle(connection) } }
    if case .index(let name) = step.kind {
      try build(name, step, on: connection)
    } else {
      try connection.run(SQLText(step, for: roles))
    }
    try connection.query(Self.noteInsert, note)
    return ContinuousClock.now - start
  }

  /// The settings of a step that runs alone.
  private func settle(_ connection: Connection) throws(DatabaseError) {
    try connection.run("SET statement_timeout = 0; SET lock_timeout = 0")
    // A build that nobody waits for any more need not go on. Not every server can notice that.
    _ = try? connection.run("SET client_connection_check_interval = '2s'")
    // A server from version 17 on may end whatever takes too long.
    _ = try? connection.run("SET transaction_timeout = 0")
  }

  private func unsettle(_ connection: Connection) {
    _ = try? connection.run(
      "RESET statement_timeout; RESET lock_timeout; RESET client_connection_check_interval")
    _ = try? connection.run("RESET transaction_timeout")
  }

  /// - Returns: How long the attempt took that succeeded.
  private func transaction(
    _ step: MigrationStep, _ note: [String], on connection: Connection, report: (String) -> Void
  ) throws(DatabaseError) -> Duration {
    var failures = 0
    while true {
      let start = ContinuousClock.now
      do throws(DatabaseError) {
        try connection.run(Self.begin)
        _ = try connection.showingNotices { () throws(DatabaseError) in
          try connection.run(SQLText(step, for: roles))
        }
        try connection.query(Self.noteInsert, note)
        try connection.run("COMMIT")
        return ContinuousClock.now - start
      } catch {
        try? connection.rollback()
        failures += 1
        guard error.category == .transient, failures < Self.attempts, !connection.isBroken else {
          throw error
        }
        report("tried again: \(error)")
        usleep(Self.pause)
      }
    }
  }

  /// Builds an index, unless it is there. What a build that was killed has left is dropped, once its server process has ended.
  private func build(_ name: String, _ step: MigrationStep, on connection: Connection) throws(DatabaseError) {
    while true {
      switch try connection.query(Self.condition, [name]).text(0, 0) {
      case "valid": return
      case "building": usleep(Self.look)
      case "invalid": try connection.run(SQLText(droppingIndexOf: step))
      default: try connection.run(SQLText(step, for: roles))
      }
    }
  }

  /// Enters the migration into the ledger, and forgets its steps.
  private func finish(on connection: Connection) throws(DatabaseError) {
    do throws(DatabaseError) {
      try connection.run(Self.begin)
      try connection.query(
        Migrator.ledgerInsert, [String(migration.version), migration.name, migration.text, programVersion])
      try connection.run("DROP TABLE corrparse.migration_step")
      try connection.run("COMMIT")
    } catch {
      try? connection.rollback()
      throw error
    }
  }
}

extension SteppedMigration {
  /// The connection that keeps the lock is idle for as long as the steps take.
  private static let patience: SQLText = """
    SELECT set_config(s.name, '0', true) FROM pg_catalog.pg_settings AS s
    WHERE s.name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')
    """

  private static let notes: SQLText = """
    CREATE TABLE IF NOT EXISTS corrparse.migration_step (
      version bigint NOT NULL,
      step bigint NOT NULL,
      done_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (version, step)
    )
    """

  private static let hasNotes: SQLText = """
    SELECT has_table_privilege(c.oid, 'SELECT')
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'corrparse' AND c.relname = 'migration_step'
    """

  private static let done: SQLText =
    "SELECT s.step FROM corrparse.migration_step AS s WHERE s.version = $1::bigint"

  private static let noteInsert: SQLText = """
    INSERT INTO corrparse.migration_step (version, step) VALUES ($1::bigint, $2::bigint)
    """

  private static let begin: SQLText = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp
    """

  private static let condition: SQLText = """
    SELECT CASE
        WHEN i.indisvalid THEN 'valid'
        WHEN EXISTS (
          SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
          WHERE p.index_relid = i.indexrelid AND p.datname = current_database()) THEN 'building'
        ELSE 'invalid'
      END
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    WHERE c.relname = $1 AND c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'corrparse')
    """
}

extension SQLText {
  /// A step that is compiled in, for the roles of a database.
  init(_ step: MigrationStep, for roles: RoleNames) {
    self.init(stringLiteral: roles.text(step.text))
  }

  /// What takes away the index that a step builds. Its name is compiled in.
  init(droppingIndexOf step: MigrationStep) {
    guard case .index(let name) = step.kind else {
      self.init(stringLiteral: "")
      return
    }
    self.init(stringLiteral: "DROP INDEX CONCURRENTLY IF EXISTS corrparse.\(name)")
  }
}

extension Duration {
  /// In seconds with two digits.
  fileprivate var inSeconds: String {
    let hundredths = (self / .milliseconds(10)).rounded()
    return "\(hundredths / 100)"
  }
}

import Glibc

/// The lock under which one migration of a database runs at a time. It ends with its transaction, which also works behind a pooler.
///
/// Who waits asks again and again, for a statement that waits has a snapshot, and indexes that are built concurrently wait for old
/// snapshots. Nothing is asked by `query`, whose portal keeps its snapshot until the next one.
enum MigrationLock {
  private static let patience = Duration.seconds(60)
  private static let pause: UInt32 = 50_000

  /// Begins a transaction that has the lock.
  ///
  /// - Throws: `transient` when another migration has it for longer than a minute.
  static func begin(_ connection: Connection) throws(DatabaseError) {
    try connection.run(start)
    let end = ContinuousClock.now + patience
    while try connection.run(attempt).first?.boolean(0, 0) != true {
      guard ContinuousClock.now < end else {
        throw DatabaseError(
          .transient, message: "another migration of this database is running",
          advice: "wait until it has ended")
      }
      usleep(pause)
    }
  }

  private static let start: SQLText = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s'
    """

  /// The lock's key is arbitrary.
  private static let attempt: SQLText = "SELECT pg_catalog.pg_try_advisory_xact_lock(7168245303041977)"
}

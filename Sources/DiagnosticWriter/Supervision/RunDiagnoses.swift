/// The stored diagnoses of DAG runs (3-classification, Runs).
///
/// Every transaction that changes what a diagnosis comes from leaves a note of the run, and the views compute such a run
/// when they are asked for it: they are right without this, only slower. ``refresh()`` computes and stores them.
public struct RunDiagnoses {
  private let connection: Connection
  private let batchSize: Int

  /// Over an open connection, not within a transaction. Twenty runs are far from ``begin``'s lock timeout, which others that wait for their
  /// turn have: a hundred runs of 4,000 records took 56 s on a busy server.
  public init(_ connection: Connection) {
    self.init(connection, batchSize: 20)
  }

  /// With another bound on the runs of one transaction.
  init(_ connection: Connection, batchSize: Int) {
    self.connection = connection
    self.batchSize = batchSize
  }

  /// Stores the diagnoses of all runs that changed. Jobs that do so at once take turns.
  ///
  /// - Returns: How many runs were computed.
  /// - Throws: What stopped it. What was committed stays; the rest is computed when it is called again.
  @discardableResult
  public func refresh() throws(DatabaseError) -> Int {
    var total = 0
    while true {
      let count = try refreshSome()
      total += count
      if count < batchSize { return total }
    }
  }

  private func refreshSome() throws(DatabaseError) -> Int {
    do {
      try connection.run(Self.begin)
      let rows = try connection.query(
        "SELECT corrparse.refresh_run_diagnoses($1::bigint)", [String(batchSize)])
      try connection.commit()
      return Int(rows.integer(0, 0) ?? 0)
    } catch {
      try? connection.rollback()
      throw error
    }
  }

  /// Read committed, so that who waited for the lock sees what was stored meanwhile.
  private static let begin: SQLText = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '15min'
    """
}

import LogModel

/// What a migration tells while it is under way.
public enum MigrationNews: Sendable, Hashable {
  /// This migration is applied.
  case applied(Migration)
  /// Other roles have the rights in the database now, and those of before have none.
  case roles(from: RoleNames, to: RoleNames)
}

/// Brings a database's schema to the program's (4-database, Migrations).
public struct Migrator {
  let connection: Connection
  private let migrations: [Migration]

  /// A migrator over an open connection, with the program's own steps.
  public init(_ connection: Connection) {
    self.init(connection, migrations: Migration.all)
  }

  /// Steps other than the program's, for tests. Their versions count from 1 in order.
  init(_ connection: Connection, migrations: [Migration]) {
    self.connection = connection
    self.migrations = migrations
  }

  /// The ledger, in order of version; empty where nothing is installed.
  /// - Throws: `configuration` for a database of another encoding than UTF8, and where a table of the ledger's name is somebody else's.
  public func applied() throws(DatabaseError) -> [AppliedMigration] {
    if let refusal = SchemaPreflight.refusal(ofEncoding: connection.encoding, connection.database) {
      throw refusal
    }
    guard let columns = try connection.query(Self.ledgerColumns).integer(0, 0) else { return [] }
    guard columns == Self.ledgerWidth else { throw SchemaPreflight.refusal(ofLedgerIn: connection.database) }
    let known = JSONWriter.text(.dropped) { json in
      json.beginArray()
      for step in migrations {
        json.beginObject()
        json.member("version", step.version)
        json.member("name", step.name)
        json.member("text", step.text)
        json.endObject()
      }
      json.endArray()
    }
    let rows = try connection.query(Self.ledgerQuery, [known])
    return (0..<rows.rowCount).map { row in
      AppliedMigration(
        version: Int(rows.integer(row, 0) ?? 0), name: rows.text(row, 1) ?? "",
        appliedAt: LogTime(microseconds: rows.integer(row, 2) ?? 0), programVersion: rows.text(row, 3) ?? "",
        isUnchanged: rows.boolean(row, 4) ?? false, missingTable: rows.text(row, 5))
    }
  }

  /// How the schema relates to the program's steps.
  public func state() throws(DatabaseError) -> SchemaState {
    SchemaState(applied: try applied(), known: migrations)
  }

  /// How many steps of a pending migration a run has done that did not come to the last one.
  public func stepsDone(of migration: Migration) throws(DatabaseError) -> Int {
    guard !migration.isOneTransaction else { return 0 }
    return try SteppedMigration(migration: migration, roles: .standard, programVersion: "").done(
      on: connection
    ).count
  }

  /// Why the program must not work on the database as it is, with what to do; nil where nothing stands against it.
  public func obstacle() throws(DatabaseError) -> DatabaseError? {
    let state = try state()
    // Migrating is no way out where the schema is somebody else's, or has lost its ledger.
    if case .behind(let pending) = state, pending.count == migrations.count,
      let strange = try SchemaPreflight(connection).strangeSchema
    {
      return strange
    }
    return state.obstacle
  }

  /// The SQL that ``up(programVersion:taxonomy:roles:report:news:)`` would run, as a script to read, or for psql: empty when there is
  /// nothing to do. It enters the migrations into the ledger; the reference tables are filled by the next `up`.
  ///
  /// - Parameters:
  ///   - programVersion: For the ledger.
  ///   - roles: The roles' names. Nil keeps the names that the database has.
  /// - Returns: The script.
  /// - Throws: `configuration` when ``up(programVersion:taxonomy:roles:report:news:)`` would refuse.
  public func plan(programVersion: String, roles: RoleNames? = nil) throws(DatabaseError) -> String {
    let pending = try pending()
    let stored = try RoleNames(of: connection)
    let names = roles ?? stored ?? .standard
    var parts: [String] = []
    for migration in pending {
      let bootstrap = migration.version == 1 ? Self.bootstrap.text + ";\n" : ""
      let entry = try ledgerEntry(migration, programVersion)
      var text = "-- \(migration.name)\n"
      for step in migration.steps {
        guard step.isTransaction else {
          text += names.text(step.text)
          continue
        }
        let end = migration.isOneTransaction ? entry : ""
        text += "BEGIN;\n\(bootstrap)\(names.text(step.text))\(end)COMMIT;\n"
      }
      parts.append(migration.isOneTransaction ? text : text + entry)
    }
    if let stored, stored != names {
      parts.append("SELECT corrparse.use_roles('\(names.writer)', '\(names.reader)');\n")
    }
    guard !parts.isEmpty else { return "" }
    return Self.headOfPlan + parts.joined(separator: "\n")
  }

  private static let headOfPlan = """
    -- What corrparse migrate up would run. Whoever runs it by psql -v ON_ERROR_STOP=1 instead does so as the role that is to own the schema,
    -- and runs corrparse migrate up afterwards, which fills the tables of the taxonomy.


    """

  /// The statement that enters a migration into the ledger. A version of the program is no user's text; a quote in it is doubled all the
  /// same.
  private func ledgerEntry(_ migration: Migration, _ programVersion: String) throws(DatabaseError) -> String {
    let digest = try connection.query(Self.digest, [migration.text]).text(0, 0) ?? ""
    return """
      INSERT INTO corrparse.migration (version, name, checksum, program_version)
      VALUES (\(migration.version), '\(migration.name)', decode('\(digest)', 'hex'), '\(programVersion.replacing("'", with: "''"))');

      """
  }

  /// The steps that are missing, once nothing stands against applying them.
  private func pending() throws(DatabaseError) -> [Migration] {
    let state = try state()
    if let conflict = state.conflict { throw conflict }
    guard case .behind(let pending) = state else { return [] }
    var preflight = try SchemaPreflight(connection)
    preflight.needsTemporaryTables = pending.contains { $0.text.contains("CREATE TEMPORARY TABLE") }
    if let obstacle = preflight.obstacle { throw obstacle }
    return pending
  }

  /// Applies the migrations that are missing, each in a transaction or in its steps, and fills the taxonomy's reference tables.
  ///
  /// Safe when several start at once: each step is taken under an advisory lock, and whoever comes second finds it
  /// done. With nothing to do no lock is taken and nothing written.
  ///
  /// - Parameters:
  ///   - programVersion: For the ledger.
  ///   - taxonomy: The codes; nil leaves the reference tables alone.
  ///   - roles: The roles' names. Nil keeps the names that the database has, or takes the standard ones.
  ///   - report: Hears of each step of a migration that works in steps: what it took, and whether others waited.
  ///   - news: Hears of each migration when it is applied, and of other roles.
  /// - Returns: The steps that this call applied.
  /// - Throws: `configuration` when an applied step was edited or is missing, the database is newer, or ``SchemaPreflight`` refuses it;
  ///   `transient` when another migration holds the lock for longer than a minute.
  @discardableResult
  public func up(
    programVersion: String, taxonomy: TaxonomyReference? = nil, roles: RoleNames? = nil,
    report: (String) -> Void = { _ in }, news: (MigrationNews) -> Void = { _ in }
  ) throws(DatabaseError) -> [Migration] {
    var applied: [Migration] = []
    let pending = try pending()
    let stored = try RoleNames(of: connection)
    let names = roles ?? stored ?? .standard
    // Nobody waits for a database that is being made, or that has no log yet.
    var isSilent = pending.first?.version == 1
    if !isSilent, !pending.isEmpty { isSilent = try isWithoutLogs }
    let report = isSilent ? { _ in } : report
    for step in pending where try apply(step, names, programVersion, report) {
      applied.append(step)
      news(.applied(step))
    }
    if let roles, let stored = try RoleNames(of: connection), stored != roles {
      try inTransaction { () throws(DatabaseError) in try roles.use(connection) }
      news(.roles(from: stored, to: roles))
    }
    if let taxonomy { try fill(taxonomy) }
    return applied
  }

  /// Whether the schema is there and no log was ever stored.
  private var isWithoutLogs: Bool {
    get throws(DatabaseError) {
      guard try connection.query("SELECT to_regclass('corrparse.source')").text(0, 0) != nil else {
        return false
      }
      return try connection.query("SELECT EXISTS (SELECT FROM corrparse.source)").boolean(0, 0) == false
    }
  }

  /// Applies one migration unless someone else did meanwhile.
  private func apply(
    _ step: Migration, _ roles: RoleNames, _ programVersion: String, _ report: (String) -> Void
  ) throws(DatabaseError) -> Bool {
    if step.isOneTransaction {
      return try inTransaction { () throws(DatabaseError) in try applyWhole(step, roles, programVersion) }
    }
    return try SteppedMigration(migration: step, roles: roles, programVersion: programVersion).apply(
      on: connection, isPending: { () throws(DatabaseError) in try isPending(step) }, report: report)
  }

  private func isPending(_ step: Migration) throws(DatabaseError) -> Bool {
    let state = try state()
    if let conflict = state.conflict { throw conflict }
    guard case .behind(let pending) = state else { return false }
    return pending.contains(step)
  }

  /// Applies a migration in the transaction that is open.
  private func applyWhole(
    _ step: Migration, _ roles: RoleNames, _ programVersion: String
  ) throws(DatabaseError) -> Bool {
    guard try isPending(step) else { return false }
    if step.version == 1 { try connection.run(Self.bootstrap) }
    _ = try connection.showingNotices { () throws(DatabaseError) in
      try connection.run(SQLText(step, for: roles))
    }
    try connection.query(Self.ledgerInsert, [String(step.version), step.name, step.text, programVersion])
    return true
  }

  private func fill(_ taxonomy: TaxonomyReference) throws(DatabaseError) {
    guard try !isFilled(with: taxonomy) else { return }
    try inTransaction { () throws(DatabaseError) in
      for (table, rows) in tables(of: taxonomy) {
        try connection.query(table.deletion, [rows])
        try connection.query(table.upsert, [rows])
      }
      try connection.query(TaxonomyReference.currentUpsert, [String(taxonomy.currentVersion)])
    }
  }

  /// The reference tables that these migrations make, with their rows.
  private func tables(of taxonomy: TaxonomyReference) -> [(table: ReferenceTable, rows: String)] {
    let last = migrations.last?.version ?? 0
    return taxonomy.tables.filter { $0.table.since <= last }
  }

  private func isFilled(with taxonomy: TaxonomyReference) throws(DatabaseError) -> Bool {
    for (table, rows) in tables(of: taxonomy)
    where try connection.query(table.comparison, [rows]).boolean(0, 0) != true {
      return false
    }
    return try connection.query(TaxonomyReference.currentComparison, [String(taxonomy.currentVersion)])
      .boolean(0, 0) == true
  }

  /// Runs a body in a transaction that holds the migrations' lock.
  private func inTransaction<Value>(
    _ body: () throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    do {
      try MigrationLock.begin(connection)
      let value = try body()
      try connection.commit()
      return value
    } catch {
      try? connection.rollback()
      throw error
    }
  }
}

extension Migrator {
  private static let bootstrap: SQLText = """
    CREATE SCHEMA IF NOT EXISTS corrparse;
    CREATE TABLE corrparse.migration (
      version bigint PRIMARY KEY,
      name text NOT NULL,
      checksum bytea NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      program_version text NOT NULL
    );
    COMMENT ON TABLE corrparse.migration IS 'The ledger of migrations; the checksum is the SHA-256 of the file.'
    """

  private static let digest: SQLText = "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')"

  static let ledgerInsert: SQLText = """
    INSERT INTO corrparse.migration (version, name, checksum, program_version)
    VALUES ($1::bigint, $2, sha256(convert_to($3, 'UTF8')), $4)
    """

  /// How many of the ledger's columns there are; no row without the table. Not `to_regclass`: it looks into the session's cache,
  /// which waiting for an advisory lock does not refresh.
  private static let ledgerColumns: SQLText = """
    SELECT (
      SELECT count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname IN ('version', 'name', 'checksum', 'applied_at', 'program_version'))
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'corrparse' AND c.relname = 'migration'
    """
  private static let ledgerWidth: Int64 = 5

  /// The tables of a step are the tables that its text creates and that no later step drops.
  private static let ledgerQuery: SQLText = """
    WITH known AS MATERIALIZED (
      SELECT k.version, k.name, k.text
      FROM jsonb_to_recordset($1::jsonb) AS k (version bigint, name text, text text)),
    gone AS MATERIALIZED (
      SELECT k.version, min(made[1]) AS name
      FROM known AS k, regexp_matches(k.text, '^CREATE TABLE corrparse[.]([a-z_]+)', 'gn') AS made
      WHERE NOT EXISTS (
          SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'corrparse' AND c.relname = made[1])
        AND NOT EXISTS (
          SELECT FROM known AS later
          WHERE later.version > k.version AND later.text ~ concat('DROP TABLE corrparse[.]', made[1], '(;|,| )'))
      GROUP BY k.version)
    SELECT m.version, m.name, (extract(epoch FROM m.applied_at) * 1000000)::bigint, m.program_version,
      EXISTS (
        SELECT FROM known AS k
        WHERE k.version = m.version AND k.name = m.name AND sha256(convert_to(k.text, 'UTF8')) = m.checksum),
      (SELECT g.name FROM gone AS g WHERE g.version = m.version)
    FROM corrparse.migration AS m
    ORDER BY m.version
    """
}

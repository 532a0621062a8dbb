/// What must hold of a server and database before a migration touches it. Each finding is one sentence with what to do.
struct SchemaPreflight {
  /// The oldest server that the schema runs on.
  static let oldestServer: Int64 = 14

  /// The first number of the server's version.
  let serverVersion: Int64
  let serverName: String
  let database: String
  let user: String
  let mayCreateSchemas: Bool
  var mayMakeTemporaryTables = true
  /// Whether one of the migrations to come makes a temporary table.
  var needsTemporaryTables = false
  let hasLedger: Bool
  /// Schemas that are there.
  let schemas: [Schema]

  struct Schema {
    let name: String
    /// Whether the user owns it, or is a member of the role that does.
    let isOwn: Bool
    let isEmpty: Bool
  }

  /// The first reason not to migrate; nil where nothing stands against it.
  var obstacle: DatabaseError? {
    guard serverVersion >= Self.oldestServer else {
      return DatabaseError(
        .configuration,
        message: "the server is PostgreSQL \(serverName), and the schema needs \(Self.oldestServer) or later",
        advice: "upgrade the server, or use another one")
    }
    if let strangeSchema { return strangeSchema }
    if let strange = schemas.first(where: { !$0.isOwn }) {
      return DatabaseError(
        .configuration, message: "the schema \(strange.name) belongs to another role than \(user)",
        advice: "migrate as its owner, or as a member of the owning role")
    }
    let lacks = [
      (isLacking: !mayCreateSchemas && schemas.count < Self.names, what: "schemas", right: "CREATE"),
      (
        isLacking: needsTemporaryTables && !mayMakeTemporaryTables, what: "temporary tables",
        right: "TEMPORARY"
      ),
    ].filter(\.isLacking)
    guard !lacks.isEmpty else { return nil }
    let rights = lacks.map(\.right).joined(separator: ", ")
    return DatabaseError(
      .configuration,
      message:
        "\(user) may not create \(lacks.map(\.what).joined(separator: " and ")) in the database \(database)",
      advice: "have its owner run GRANT \(rights) ON DATABASE \(database) TO \(user), or migrate as its owner"
    )
  }

  /// The refusal of a schema of somebody else's, which has our name but no ledger of migrations; nil where no such schema is there. An
  /// empty schema `corrparse` is accepted, because an administrator may have made it for us. The schema `diagnostics` is always made by
  /// the first migrations, so that it is refused even when it is empty.
  var strangeSchema: DatabaseError? {
    guard !hasLedger, let strange = schemas.first(where: { !$0.isEmpty || $0.name == "diagnostics" }) else {
      return nil
    }
    return DatabaseError(
      .configuration,
      message: "the database \(database) has a schema \(strange.name) that no migration of corrparse made",
      advice:
        "if it was corrparse's, restore the table corrparse.migration from a backup; else rename that schema, or use "
        + "another database")
  }

  /// The refusal of a database's encoding; nil for the one that takes every log. A server that does not tell it is taken.
  static func refusal(ofEncoding encoding: String?, _ database: String) -> DatabaseError? {
    guard let encoding, encoding != "UTF8" else { return nil }
    return DatabaseError(
      .configuration, message: "the database \(database) has the encoding \(encoding), and logs are UTF-8",
      advice: "create a database with ENCODING 'UTF8' TEMPLATE template0")
  }

  /// The refusal of a table that has the ledger's name and not its columns.
  static func refusal(ofLedgerIn database: String) -> DatabaseError {
    DatabaseError(
      .configuration,
      message: "the table corrparse.migration of the database \(database) is none that corrparse made",
      advice: "rename that schema, or use another database")
  }

  /// How many schemas there are in the end.
  private static let names = 2
}

extension SchemaPreflight {
  /// Asked in one statement, because another program may be migrating meanwhile.
  init(_ connection: Connection) throws(DatabaseError) {
    let rows = try connection.query(Self.facts)
    var hasLedger = rows.boolean(0, 5) == true
    if hasLedger { hasLedger = try Self.ledgerHasRows(connection) }
    self.init(
      serverVersion: (rows.integer(0, 0) ?? 0) / 10_000, serverName: rows.text(0, 1) ?? "",
      database: rows.text(0, 2) ?? "", user: rows.text(0, 3) ?? "",
      mayCreateSchemas: rows.boolean(0, 4) == true, mayMakeTemporaryTables: rows.boolean(0, 9) == true,
      hasLedger: hasLedger,
      schemas: (0..<rows.rowCount).compactMap { row in
        guard let name = rows.text(row, 6) else { return nil }
        return Schema(
          name: name, isOwn: rows.boolean(row, 7) == true, isEmpty: rows.boolean(row, 8) == true)
      })
  }

  /// Whether the ledger has a migration. The program makes the ledger and its first row together. An empty ledger was made by hand, or by the
  /// SQL that an earlier version printed for `migrate up --dry-run`.
  private static func ledgerHasRows(_ connection: Connection) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      return try connection.query("SELECT EXISTS (SELECT FROM corrparse.migration)").boolean(0, 0) == true
    } catch {
      // Whose table it is, its schema tells.
      guard error.category == .permission else { throw error }
      return true
    }
  }

  private static let facts: SQLText = """
    SELECT current_setting('server_version_num')::bigint, current_setting('server_version'),
      current_database(), current_user, has_database_privilege(current_database(), 'CREATE'),
      EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'corrparse' AND c.relname = 'migration'),
      n.nspname, pg_has_role(n.nspowner, 'USAGE'),
      NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = n.oid),
      has_database_privilege(current_database(), 'TEMPORARY')
    FROM (SELECT 1) AS once
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname IN ('corrparse', 'diagnostics')
    ORDER BY n.nspname
    """
}

/// What must hold of a server and database before a migration touches it. Each finding is one sentence with what to do.
struct SchemaPreflight {
  /// The oldest server that the schema runs on.
  static let oldestServer: Int64 = 14

  /// The first number of the server's version.
  let serverVersion: Int64
  let serverName: String
  let encoding: String
  let database: String
  let user: String
  let mayCreateSchemas: Bool
  let hasLedger: Bool
  /// Schemas that are there.
  let schemas: [Schema]

  struct Schema {
    let name: String
    /// Whether the user owns it, or is a member of the role that does.
    let isOwn: Bool
    let isEmpty: Bool
  }

  /// The first reason not to migrate; nil where there is none.
  var obstacle: DatabaseError? {
    guard serverVersion >= Self.oldestServer else {
      return DatabaseError(
        .configuration,
        message: "the server is PostgreSQL \(serverName), and the schema needs \(Self.oldestServer) or later",
        advice: "upgrade the server, or use another one")
    }
    guard encoding == "UTF8" else {
      return DatabaseError(
        .configuration, message: "the database \(database) has the encoding \(encoding), and logs are UTF-8",
        advice: "create a database with ENCODING 'UTF8' TEMPLATE template0")
    }
    // An administrator may have made an empty schema of tables; the first steps make the other one themselves.
    if !hasLedger, let strange = schemas.first(where: { !$0.isEmpty || $0.name == "diagnostics" }) {
      return DatabaseError(
        .configuration,
        message: "the database \(database) has a schema \(strange.name) that no migration of corrparse made",
        advice: "rename or drop that schema, or use another database")
    }
    if let strange = schemas.first(where: { !$0.isOwn }) {
      return DatabaseError(
        .configuration, message: "the schema \(strange.name) belongs to another role than \(user)",
        advice: "migrate as its owner, or as a member of the owning role")
    }
    guard mayCreateSchemas || schemas.count == Self.names else {
      return DatabaseError(
        .configuration, message: "\(user) may not create schemas in the database \(database)",
        advice: "have its owner run GRANT CREATE ON DATABASE, or migrate as its owner")
    }
    return nil
  }

  /// How many schemas there are in the end.
  private static let names = 2
}

extension SchemaPreflight {
  /// Asked in one statement, because another program may be migrating meanwhile.
  init(_ connection: Connection) throws(DatabaseError) {
    let rows = try connection.query(Self.facts)
    self.init(
      serverVersion: (rows.integer(0, 0) ?? 0) / 10_000, serverName: rows.text(0, 1) ?? "",
      encoding: rows.text(0, 2) ?? "", database: rows.text(0, 3) ?? "", user: rows.text(0, 4) ?? "",
      mayCreateSchemas: rows.boolean(0, 5) == true, hasLedger: rows.boolean(0, 6) == true,
      schemas: (0..<rows.rowCount).compactMap { row in
        guard let name = rows.text(row, 7) else { return nil }
        return Schema(
          name: name, isOwn: rows.boolean(row, 8) == true, isEmpty: rows.boolean(row, 9) == true)
      })
  }

  private static let facts: SQLText = """
    SELECT current_setting('server_version_num')::bigint, current_setting('server_version'), pg_catalog.getdatabaseencoding(),
      current_database(), current_user, has_database_privilege(current_database(), 'CREATE'),
      EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'corrparse' AND c.relname = 'migration'),
      n.nspname, pg_has_role(n.nspowner, 'USAGE'),
      NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = n.oid)
    FROM (SELECT 1) AS once
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname IN ('corrparse', 'diagnostics')
    ORDER BY n.nspname
    """
}

import LogModel

/// Rights of roles that were made after the migrations (docs/database.md, Roles).
extension Migrator {
  /// Gives the rights to the database's roles where one of them has none, because it was made after the last migration. Who may not give
  /// them gives none.
  /// - Returns: The roles that got rights, and the roles that do not exist.
  /// - Throws: What stopped it.
  public func grantToLateRoles() throws(DatabaseError) -> (granted: [String], missing: [String]) {
    let rows = try connection.query(Self.lateRoles)
    var (late, missing): ([String], [String]) = ([], [])
    for row in 0..<rows.rowCount {
      guard let name = rows.text(row, 0) else { continue }
      if rows.boolean(row, 1) == true { late.append(name) } else { missing.append(name) }
    }
    if !late.isEmpty { try connection.query("SELECT corrparse.grant_to_roles()") }
    return (late, missing)
  }

  private static let lateRoles: SQLText = """
    SELECT n.role_name::text, r.oid IS NOT NULL
    FROM corrparse.role_name AS n LEFT JOIN pg_catalog.pg_roles AS r ON r.rolname = n.role_name
    WHERE r.oid IS NULL
      OR NOT has_schema_privilege(r.oid, 'diagnostics', 'USAGE')
        AND has_function_privilege('corrparse.grant_to_roles()', 'EXECUTE')
    ORDER BY 1
    """
}

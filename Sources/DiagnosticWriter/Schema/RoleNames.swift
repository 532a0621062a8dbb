/// The two roles of a database: who stores logs, and who reads the views. Roles belong to the whole server, so the databases of one
/// server can each have their own.
public struct RoleNames: Sendable, Hashable {
  /// The role that `ingest` and `backfill` need.
  public let writer: String
  /// The role that reads `diagnostics`, for Grafana.
  public let reader: String

  /// The names that a database has where nobody chose others.
  public static let standard = RoleNames(
    writer: "corrparse_writer", reader: "corrparse_reader", isChecked: true)

  /// Names for a new or a migrated database; nil unless they differ and are small letters, digits and `_`, no digit first, at most
  /// 63 of them.
  public init?(writer: String, reader: String) {
    guard writer != reader, Self.isName(writer), Self.isName(reader) else { return nil }
    self.init(writer: writer, reader: reader, isChecked: true)
  }

  private init(writer: String, reader: String, isChecked: Bool) {
    self.writer = writer
    self.reader = reader
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 63 else { return false }
    let isLetter = { (byte: UInt8) in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
    }
    return isLetter(first)
      && text.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// A migration's text, or a part of it, for these roles. Released migrations name the standard ones, in literals and as identifiers; a
  /// checked name is the same in both.
  func text(_ text: String) -> String {
    guard self != .standard else { return text }
    return text.split(separator: Self.standard.writer, omittingEmptySubsequences: false)
      .joined(separator: "\u{0}")
      .split(separator: Self.standard.reader, omittingEmptySubsequences: false).joined(separator: reader)
      .split(separator: "\u{0}", omittingEmptySubsequences: false).joined(separator: writer)
  }
}

extension RoleNames {
  /// The names that the database keeps, else nil: before the step that made their table.
  init?(of connection: Connection) throws(DatabaseError) {
    guard try connection.query(Self.existence).boolean(0, 0) == true else { return nil }
    let row = try connection.query(Self.stored)
    guard let writer = row.text(0, 0), let reader = row.text(0, 1) else { return nil }
    self.init(writer: writer, reader: reader)
  }

  /// Gives the rights in the database to these roles, and makes those that are missing.
  func use(_ connection: Connection) throws(DatabaseError) {
    _ = try connection.showingNotices { () throws(DatabaseError) in
      try connection.query("SELECT corrparse.use_roles($1, $2)", [writer, reader])
    }
  }

  private static let existence: SQLText = """
    SELECT EXISTS (
      SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'corrparse' AND c.relname = 'role_name')
    """

  private static let stored: SQLText = """
    SELECT max(r.role_name::text) FILTER (WHERE r.duty = 'writer'), max(r.role_name::text) FILTER (WHERE r.duty = 'reader')
    FROM corrparse.role_name AS r
    """
}

/// SQL that is a constant of the program.
///
/// It can be written only as a literal or put together from such: there is no way to interpolate a value, so
/// values travel as parameters or COPY data (4-database, Values in SQL) because nothing else compiles.
struct SQLText: ExpressibleByStringLiteral, Sendable {
  let text: String

  init(stringLiteral value: String) {
    text = value
  }

  /// A migration that is compiled in, for the roles of a database.
  init(_ migration: Migration, for roles: RoleNames) {
    text = roles.text(migration.text)
  }

  private init(joined text: String) {
    self.text = text
  }

  static func + (left: SQLText, right: SQLText) -> SQLText {
    SQLText(joined: left.text + right.text)
  }
}

extension [SQLText] {
  func joined(separator: SQLText = ", ") -> SQLText {
    guard let first else { return "" }
    return dropFirst().reduce(first) { $0 + separator + $1 }
  }
}

/// What a pooler refuses because of how it, or the connection, is set up. PgBouncer says everything of its own by one code, 08P01, and
/// only its words tell this from trouble that passes.
struct PoolerRefusal {
  /// What to do about it.
  let advice: String

  /// Nil where a failure is none of these.
  init?(sqlState: String, message: String) {
    guard sqlState == "08P01", let found = Self.known.first(where: { message.contains($0.words) }) else {
      return nil
    }
    advice = found.advice
  }

  private static let known = [
    (
      words: "statement pooling",
      advice:
        "set pool_mode = transaction (or session) for this database in PgBouncer: corrparse stores a log in one transaction"
    ),
    (
      words: "unsupported startup parameter",
      advice:
        "take the setting out of PGOPTIONS and the connection string, or add it to PgBouncer's ignore_startup_parameters"
    ),
    (words: "no such database", advice: "check the database's name, and PgBouncer's section [databases]"),
    (words: "no such user", advice: "check the user's name, and PgBouncer's auth_file or auth_query"),
    (
      words: "SSL required",
      advice: "this PgBouncer takes connections by TLS only: say sslmode=verify-full, or at least require"
    ),
    (
      words: "bouncer config error",
      advice: "PgBouncer's own settings do not lead to this database and user: see its log"
    ),
  ]
}

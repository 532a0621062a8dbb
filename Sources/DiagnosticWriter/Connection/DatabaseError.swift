/// What stopped a piece of work on the database.
///
/// Never holds a connection string or a password.
public struct DatabaseError: Error, Sendable, Hashable {
  /// What a failure means to whoever runs the program; each belongs to one exit code (5-command-line, Exit
  /// codes).
  public enum Category: Sendable, Hashable {
    /// The server cannot be reached or cannot serve now: exit 69 after bounded retries.
    case unavailable
    /// Locks, resources, a serialization failure: exit 75 after bounded retries.
    case transient
    /// The role lacks a right, or the server does not know it: exit 77.
    case permission
    /// A connection setting, a missing database, or a schema that does not fit the program: exit 78.
    case configuration
    /// The server cannot store a value of this log. It concerns that log only, and trying again does not help.
    case data
    /// A mistake of the program: exit 70.
    case program
  }

  /// What the failure means.
  public let category: Category
  /// The server's five-character code; nil where the failure arose on this side.
  public let sqlState: String?
  /// What went wrong, in one sentence where the server allows it.
  public let message: String
  /// The server's further detail.
  public let detail: String?
  /// What to try; nil where there is nothing better to say than the message.
  public let advice: String?
  /// What was done before it was given up: `tried 18 times within 52 s`; nil where it was tried once.
  public private(set) var effort: String?

  /// Whether the same work may succeed when it is simply done again, on a new connection if need be.
  public var isRetryable: Bool {
    category == .unavailable || category == .transient
  }

  init(
    _ category: Category, sqlState: String? = nil, message: String, detail: String? = nil,
    advice: String? = nil
  ) {
    self.category = category
    self.sqlState = sqlState
    self.message = message
    self.detail = detail
    self.advice = advice
  }

  /// A failure that the server reported.
  init(sqlState: String, message: String, detail: String? = nil, hint: String? = nil) {
    if let refusal = PoolerRefusal(sqlState: sqlState, message: message) {
      self.init(
        .configuration, sqlState: sqlState, message: message, detail: detail, advice: refusal.advice)
      return
    }
    self.init(
      Category(sqlState: sqlState), sqlState: sqlState, message: message, detail: detail,
      // The server's advice on what depends on something is to drop it with the same command, which here is a migration.
      advice: (sqlState == "2BP01" ? nil : hint) ?? Self.advice(for: sqlState))
  }

  /// The same failure with something else to try.
  public func advising(_ advice: String) -> DatabaseError {
    DatabaseError(category, sqlState: sqlState, message: message, detail: detail, advice: advice)
  }

  /// The same, given up after so many tries in this time.
  func givenUp(after tries: Int, _ time: Duration) -> DatabaseError {
    guard tries > 1 else { return self }
    var error = self
    error.effort = "tried \(tries) times within \(time.components.seconds) s"
    return error
  }

  /// The same failure, of a COMMIT that was sent and got no answer.
  var ofUnansweredCommit: DatabaseError {
    DatabaseError(
      category, sqlState: sqlState,
      message:
        "COMMIT got no answer, so that nobody knows whether the last transaction is stored: \(message)",
      detail: detail, advice: advice ?? "run it again: what is stored stays as it is")
  }

  private static func advice(for sqlState: String) -> String? {
    switch sqlState {
    case "25006": "connect to the primary server: this one is read-only"
    case "55000":
      "check the database's name, and that it takes connections (ALTER DATABASE … ALLOW_CONNECTIONS)"
    case "28P01":
      "check user and password: those of the connection string, PGUSER and PGPASSWORD, or the file of PGPASSFILE (~/.pgpass)"
    case "28000": "check user and database, and what the server's pg_hba.conf says of them"
    case "3D000": "create the database first, or name another with --database"
    case "2BP01": "drop what depends on it, run corrparse migrate up, and make it again"
    case "3F000", "42P01", "42703", "42883": "run corrparse migrate status"
    default: nil
    }
  }
}

extension DatabaseError {
  /// The reason that the ledger keeps for something that is not stored. It lacks the server's detail, which shows the time of
  /// the attempt: the same reason is the same text each time.
  var reason: String { message + (sqlState.map { " [SQLSTATE \($0)]" } ?? "") }
}

extension DatabaseError: CustomStringConvertible {
  /// Message, detail, how often it was tried, what to try, and the server's code.
  public var description: String {
    var text = message
    if let detail { text += " (\(detail))" }
    if let effort { text += "; \(effort)" }
    if let advice { text += "; \(advice)" }
    if let sqlState { text += " [SQLSTATE \(sqlState)]" }
    return text
  }
}

extension DatabaseError.Category {
  /// What one of PostgreSQL's codes means (its manual, appendix A).
  init(sqlState: String) {
    switch sqlState {
    case "57014", "55P03", "55006": self = .transient  // timeout or cancel, lock not available, object in use
    case "25006": self = .unavailable  // a standby: perhaps a failover is under way
    case "42501": self = .permission
    case "42P01", "42703", "42883", "42704", "0A000": self = .configuration
    case "55000": self = .configuration  // not in the state that is needed: a database takes no connections
    case "2BP01": self = .configuration  // something of the users' depends on what a migration makes anew
    case "42P07", "42P06", "42710": self = .configuration  // something of the same name is there already
    default:
      switch sqlState.prefix(2) {
      case "08", "57": self = .unavailable
      case "40", "53", "58": self = .transient
      case "28": self = .permission
      case "3D", "3F", "F0": self = .configuration
      case "22", "23", "54": self = .data
      default: self = .program
      }
    }
  }
}

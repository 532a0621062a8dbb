import ArgumentParser
import Diagnosis
import DiagnosticWriter
import Glibc
import Logging

/// Where the database is, and how a command that writes to it talks.
struct DatabaseOptions: ParsableArguments {
  @Option(
    name: .customLong("database"),
    help: ArgumentHelp(
      "The database, as a URL or libpq conninfo; else DATABASE_URL, else libpq's variables (PGHOST, PGSERVICE, …).",
      discussion: "Keep passwords out of it: use a passfile, PGPASSWORD or a service file.", valueName: "url")
  )
  var database: String?

  /// Variables by which libpq finds a server or a database.
  private static let variables = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"]

  /// Connects. A failure says where the settings of the connection came from.
  func connect(_ logger: Logger) throws(DatabaseError) -> Connection {
    do throws(DatabaseError) {
      return try Connection(database ?? Environment["DATABASE_URL"], logger: logger)
    } catch {
      throw error.ofConnection(from: origin)
    }
  }

  /// Where the settings of the connection come from.
  private var origin: String {
    if database != nil { return "the connection is from --database" }
    if Environment["DATABASE_URL"] != nil { return "the connection is from DATABASE_URL" }
    let set = Self.variables.filter { Environment[$0] != nil }
    return set.isEmpty
      ? "no connection was given: there is neither --database nor DATABASE_URL nor PGHOST, so libpq's defaults count"
      : "the connection is from \(set.joined(separator: ", "))"
  }

  /// Connects and makes sure that schema and program fit. A server that cannot be reached at all is said to be so at once;
  /// a connection that was there and is lost is made anew.
  /// - Parameters:
  ///   - migrating: Whether the schema is brought up to date first; nil for a command that has no such option.
  ///   - logger: Hears of failures that pass, and of the steps of a migration.
  ///   - patience: How long a lost connection is tried again.
  /// - Returns: The connection.
  /// - Throws: What stands in the way, with what to do.
  func connectToSchema(
    migrating: Bool? = nil, _ logger: Logger, patience: RetryPatience = RetryPatience()
  ) throws(DatabaseError) -> Connection {
    let session = DatabaseSession(
      startingWith: try connect(logger), patience: patience, logger: logger,
      isStopping: { StopSignals.exitStatus != nil },
      connect: { () throws(DatabaseError) in try connect(logger) })
    return try session.retrying("looking at the schema") { (connection) throws(DatabaseError) in
      let migrator = Migrator(connection)
      if migrating == true {
        try migrator.up(programVersion: Version.program, taxonomy: TaxonomyReference(Taxonomy.all)) {
          logger.notice("\($0)")
        }
      } else if let obstacle = try migrator.obstacle() {
        // Migrating is a way out where migrations are missing, and of nothing else that stands in the way.
        let state = try migrator.state()
        guard migrating == false, case .behind = state, obstacle == state.obstacle else { throw obstacle }
        throw obstacle.advising("run corrparse migrate up, or give --migrate")
      }
      return connection
    }
  }

  /// Connects and makes sure that schema and program fit, as far as the role may see the schema's ledger.
  func connectForReading(_ logger: Logger) throws(DatabaseError) -> Connection {
    let connection = try connect(logger)
    do throws(DatabaseError) {
      if let obstacle = try Migrator(connection).state().obstacle { throw obstacle }
    } catch {
      guard error.category == .permission else { throw error }
    }
    return connection
  }
}

/// The process's environment. An empty variable counts as none.
enum Environment {
  static subscript(name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}

extension ExitStatus {
  /// The exit status of a database failure.
  init(_ error: DatabaseError) {
    self =
      switch error.category {
      case .unavailable: .unavailable
      case .transient: .temporary
      case .permission: .missingRights
      case .configuration: .configuration
      case .data: .damagedInput
      case .program: .software
      }
  }
}

/// Runs the body; a database failure is said on stderr and ends the command with its exit status.
func reportingDatabaseErrors(_ body: () throws(DatabaseError) -> Void) throws {
  do throws(DatabaseError) {
    try body()
  } catch {
    Diagnostics.say(error.description)
    throw ExitStatus(error).exit
  }
}

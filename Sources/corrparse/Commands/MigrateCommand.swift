import ArgumentParser
import Diagnosis
import DiagnosticWriter
import Logging

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Bring the database's schema up to date.",
    discussion: """
      Without up it lists the migrations and changes nothing.

      Examples:
        corrparse migrate
        corrparse migrate up --dry-run
        corrparse migrate up
      """,
    subcommands: [MigrateUpCommand.self, MigrateStatusCommand.self],
    defaultSubcommand: MigrateStatusCommand.self)
}

struct MigrateUpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Apply the migrations that are missing. Safe to run twice, or at once.",
    discussion: """
      Two roles have rights in the database, one that stores and one that reads: corrparse_writer and corrparse_reader, or \
      those that the options name. The roles are made where that is allowed. A role that is made later gets its rights when \
      this is run again. A user has them as a member: GRANT corrparse_reader TO grafana.

      Examples:
        corrparse migrate up
        corrparse migrate up --dry-run
        corrparse migrate up --writer-role staging_writer --reader-role staging_reader
      """)

  @Flag(help: "Print the SQL and change nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("The role that ingest and backfill get their rights by.", valueName: "name"))
  var writerRole: String?

  @Option(help: ArgumentHelp("The role that reads the views, for Grafana.", valueName: "name"))
  var readerRole: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  /// Roles of the whole server, which other databases on it may use; without the options a database keeps its own.
  private func roles() throws -> RoleNames? {
    guard writerRole != nil || readerRole != nil else { return nil }
    guard let writerRole, let readerRole else {
      throw ValidationError("give both --writer-role and --reader-role, or neither")
    }
    guard let names = RoleNames(writer: writerRole, reader: readerRole) else {
      throw ValidationError(
        "--writer-role and --reader-role take two different names of small letters, digits and _, without a digit first"
      )
    }
    return names
  }

  func validate() throws {
    _ = try roles()
  }

  func run() throws {
    var output = StandardOutput()
    var failure: OutputError?
    let roles = try roles()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let logger = logging.makeLogger()
      let connection = try database.connect(logger)
      let migrator = Migrator(connection)
      if dryRun {
        output.document(try migrator.plan(programVersion: Version.program, roles: roles).utf8)
        return
      }
      let applied = try migrator.up(
        programVersion: Version.program, taxonomy: TaxonomyReference(Taxonomy.all), roles: roles,
        report: { logger.notice("\($0)") },
        news: { news in
          output.line(Self.text(of: news))
          // What is done shows at once, and where a later migration fails. What cannot be written is told at the end.
          failure = failure ?? output.flushing()
        })
      if applied.isEmpty {
        output.line("the schema is up to date")
        // A standby gets what its primary stores.
        if try connection.isReadOnly { return }
      }
      let late = try migrator.grantToLateRoles()
      for role in late.granted { output.line("gave \(role) its rights: it was made after the migrations") }
      for role in late.missing {
        logger.warning(
          "the role \(role) does not exist: have an administrator run CREATE ROLE \(role), then run this again"
        )
      }
      // A new step or taxonomy may have put every run on the list, whose views are slow as long as it is long.
      try RunDiagnoses(connection).refresh()
    }
    if let failure { return try failure.endCommand() }
    try output.closeOrExit()
  }

  private static func text(of news: MigrationNews) -> StyledText {
    switch news {
    case .applied(let migration): "applied \(migration)"
    case .roles(let old, let new):
      "the roles are \(new.writer) and \(new.reader) now; \(old.writer) and \(old.reader) have no rights here any more"
    }
  }
}

struct MigrateStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "List migrations, applied and pending. Exit status 78 when they do not fit.",
    discussion: """
      Examples:
        corrparse migrate status --database postgresql:///airflow
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func run() throws {
    var output = StandardOutput()
    var obstacle: DatabaseError?
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let migrator = Migrator(try database.connect(logging.makeLogger()))
      for step in try migrator.applied() {
        output.line(
          "\(step.name)  applied \(step.appliedAt) by \(step.programVersion)\(step.isUnchanged ? "" : "  EDITED")"
        )
      }
      if case .behind(let pending) = try migrator.state() {
        for step in pending {
          let done = try migrator.stepsDone(of: step)
          output.line(
            "\(step.name)  pending\(done == 0 ? "" : ", \(done) of \(step.steps.count) steps done")")
        }
      }
      obstacle = try migrator.obstacle()
    }
    try output.closeOrExit()
    if let obstacle {
      Diagnostics.say(obstacle.description)
      throw ExitStatus.configuration.exit
    }
  }
}

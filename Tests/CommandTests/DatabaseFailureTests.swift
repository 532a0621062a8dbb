import TestSupport
import Testing

@testable import DiagnosticWriter

/// What stands between the program and the database: the exit status tells retry from give-up, the message
/// says what to do, and no password is in it (5-command-line, Configuration).
@Suite struct DatabaseFailureTests {
  /// Whoever prints a piece of it has printed a secret.
  private static let canary = "c4nary%2Fp%40ss"
  private static let pieces = ["c4nary", "p%40ss", "p@ss"]

  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
    try files.write(TaskLog.finished(blocks: 2), to: TaskLog.path())
  }

  /// Runs every command that connects, with the URL as a flag and in the environment.
  private func expectStatus(_ status: Int32, url: String, saying text: String) throws {
    let commands = [
      ["migrate", "up"], ["migrate", "up", "--dry-run"], ["migrate", "status"], ["ingest", files.path],
      ["backfill", "--since", "2026-03-01", "--log-root", files.path, "--log-level", "trace"],
    ]
    for command in commands {
      for process in [
        try Program.start(command + ["--database", url]),
        try Program.start(command, environment: ["DATABASE_URL": url, "CORRPARSE_LOG_LEVEL": "trace"]),
      ] {
        let outcome = try Program.finish(process)
        #expect(outcome.status == status, "\(command)")
        #expect(outcome.errorText.contains(text))
        #expect(outcome.text == "")
        for piece in Self.pieces { #expect(!outcome.errorText.contains(piece)) }
      }
    }
    #expect(try database.column("SELECT count(*) FROM corrparse.log") == ["0"])
  }

  /// Port 1 of this machine: nobody listens.
  @Test func unreachableServer() throws {
    try expectStatus(
      Status.unavailable, url: "postgresql://u:\(Self.canary)@127.0.0.1:1/db", saying: "Connection refused")
  }

  /// kubectl's `--from-file` keeps the line end of `job.url`: 'database "cvntrade' with the quotation mark and the rest swallowed.
  @Test(arguments: ["\n", "\r\n", " \t\n"]) func aLineEndBehindTheURLIsNoPartOfTheDatabasesName(end: String)
    throws
  {
    let outcome = try Program.run(
      "ingest", files.path, environment: ["DATABASE_URL": "\n" + database.url(password: "none") + end])
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try database.run("verdicts", "--database", database.connection() + end).status == 0)
  }

  /// These were told without a word of what to do.
  @Test(arguments: [
    ("postgresql://u@127.0.0.1:1/db", "check that the server runs there, and host and port"),
    ("postgresql://u@/db?host=/nowhere", "check that the server runs there, and host and port"),
    ("postgresql://u@no-such-host.invalid/db", "check the host's name"),
    (
      "postgresql://u:c4nary@c4nary@127.0.0.1/db",
      "the URL has more than one @: write %40 for an @ in the password"
    ),
    ("postgresql://u@h/db?sslmod=require", "did you mean sslmode?"),
    ("host=h databse=db", "the connection string cannot be read"),
    ("hots=h dbname=db", "did you mean host?"),
  ])
  func aConnectionThatFailsSaysWhatToTry(url: String, advice: String) throws {
    let outcome = try Program.run("migrate", environment: ["DATABASE_URL": url])
    #expect(outcome.status == Status.unavailable || outcome.status == Status.configuration)
    #expect(outcome.errorText.contains(advice), "\(outcome.errorText)")
    #expect(!outcome.errorText.contains("c4nary") && !outcome.errorText.contains("nary"))
  }

  @Test func missingSocket() throws {
    try expectStatus(
      Status.unavailable, url: database.url(password: Self.canary, host: "/nowhere"), saying: "/nowhere")
  }

  @Test func unknownRole() throws {
    try expectStatus(
      Status.missingRights, url: database.url(user: "no_such_role", password: Self.canary),
      saying: "no_such_role")
  }

  @Test func missingDatabase() throws {
    try expectStatus(
      Status.configuration, url: database.url(password: Self.canary, database: "no_such_database"),
      saying: "no_such_database")
  }

  @Test(arguments: [
    ("postgresql://u:c4nary@[h/db", "the connection string cannot be read"),
    ("postgresql://u:c4nary@h/db?x=y", "the connection string cannot be read"),
    ("host=h password=c4nary nonsense=1", "the connection string cannot be read"),
    ("postgresql://u:c4nary@h:99999/db", "port"),
  ])
  func unreadableConnectionString(url: String, message: String) throws {
    try expectStatus(Status.configuration, url: url, saying: message)
  }

  /// A connection string in the place of a log is neither repeated nor stored.
  @Test(arguments: [
    ["ingest", "postgresql://u:c4nary@h/db"], ["postgres://u:c4nary@h/db"],
    ["-", "postgres://h/db?password=c4nary"],
    ["backfill", "--since", "1d", "--log-root", "postgres://u:c4nary@h/db"],
  ])
  func connectionStringIsNoLog(arguments: [String]) throws {
    let outcome = try Program.finish(database.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(!(outcome.text + outcome.errorText).contains("c4nary"))
    #expect(try database.column("SELECT count(*) FROM corrparse.log") == ["0"])
  }

  /// A role that may connect and nothing else.
  @Test func roleWithoutRights() throws {
    let role = "\(database.name)_nobody"
    try database.execute("CREATE ROLE \(role) LOGIN")
    defer { try? database.execute("DROP ROLE \(role)") }
    let url = database.url(user: role, password: Self.canary)
    for command in [["ingest", files.path], ["migrate", "status"], ["migrate", "up"]] {
      let outcome = try Program.finish(Program.start(command, environment: ["DATABASE_URL": url]))
      #expect(outcome.status == Status.missingRights)
      #expect(outcome.errorText.contains("corrparse_writer"))
      for piece in Self.pieces { #expect(!outcome.errorText.contains(piece)) }
    }
  }

  /// The writer's role is enough for everything but migrations.
  @Test func writerRoleSuffices() throws {
    let role = "\(database.name)_writer"
    try database.execute("CREATE ROLE \(role) LOGIN IN ROLE corrparse_writer")
    defer { try? database.execute("DROP ROLE \(role)") }
    let outcome = try Program.run(
      "ingest", files.path,
      environment: ["DATABASE_URL": database.url(user: role, password: Self.canary)])
    #expect(outcome.status == 0)
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["2"])
  }

  /// Flags before DATABASE_URL before libpq's own variables.
  @Test func whereTheConnectionComesFrom() throws {
    let bad = "postgresql://u@127.0.0.1:1/db"
    let libpq = [
      "PGHOST": database.setting("host"), "PGPORT": database.setting("port"), "PGUSER": "postgres",
      "PGDATABASE": database.name, "PGPASSWORD": "c4nary",
    ]
    func status(_ arguments: String..., environment: [String: String]) throws -> Int32? {
      try Program.finish(Program.start(["migrate", "status"] + arguments, environment: environment)).status
    }
    #expect(try status(environment: libpq) == 0)
    #expect(try status(environment: libpq.merging(["DATABASE_URL": bad]) { $1 }) == Status.unavailable)
    #expect(try status(environment: libpq.merging(["DATABASE_URL": ""]) { $1 }) == 0)
    #expect(try status("--database", database.connection(), environment: ["DATABASE_URL": bad]) == 0)
  }

  /// Logs of which one has its source locked by somebody else, so that a run comes to wait there.
  private func lockedLogs() throws -> Connection {
    for number in 2...5 {
      try files.write(TaskLog.finished(blocks: 2, salt: number), to: TaskLog.path(attempt: number))
    }
    let blocker = try database.connect()
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('\(TaskLog.path(attempt: 2))', 1))"
    try blocker.run(SQLText(stringLiteral: "BEGIN; \(lock)"))
    return blocker
  }

  /// Ends the connections that wait; gives how many.
  private func terminateWaiting() throws -> Int {
    try database.column(
      """
      SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'corrparse' AND wait_event_type = 'Lock'
      """
    ).count
  }

  /// The server ends the connection whenever the run waits: after some attempts it gives up, and nothing is half there.
  @Test func connectionLostAgainAndAgain() throws {
    let blocker = try lockedLogs()
    let process = try database.start(["ingest", "--jobs", "1", "--retries", "8", files.path])
    process.closeInput()
    var kills = 0
    while try process.serve(for: .milliseconds(5)) { kills += try terminateWaiting() }
    #expect(kills == 9)
    let outcome = try Program.finish(process)
    #expect(outcome.status == Status.unavailable)
    #expect(outcome.errorText.contains("is tried again"))
    #expect(try database.column("SELECT name FROM corrparse.source") == [])
    try blocker.run("ROLLBACK")
    #expect(try database.run("ingest", files.path).status == 0)
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["10"])
  }

  /// Lost once, the run goes on as if nothing had been.
  @Test(arguments: ["1", "3"]) func connectionLostOnce(jobs: String) throws {
    let blocker = try lockedLogs()
    let process = try database.start(["ingest", "--jobs", jobs, files.path])
    process.closeInput()
    while try process.serve(for: .milliseconds(5)) {
      if try terminateWaiting() > 0 { break }
    }
    try blocker.run("ROLLBACK")
    let outcome = try Program.finish(process)
    #expect(outcome.status == 0)
    #expect(
      outcome.summary.hasPrefix("corrparse: 5 logs read, 0 unchanged, 0 failed; 10 blocks = 10 stored + "))
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["10"])
  }

  /// With standard input, output or error closed, the connection takes none of their numbers.
  @Test func closedDescriptorsAreNotTheConnection() throws {
    let environment = ["DATABASE_URL": database.connection()]
    let piped = try Program.finish(
      Program.start(
        ["ingest", "--stdin", "--source", "x"], environment: environment, input: .closed,
        limit: .seconds(20)))
    #expect(piped.status == Status.damagedInput)
    #expect(piped.errorText.contains("standard input"))
    let silent = try Program.finish(
      Program.start(
        ["ingest", "missing.log", TaskLog.path()], environment: environment, in: files.path, input: .closed,
        output: .closed, errors: .closed, limit: .seconds(20)))
    #expect(silent.status == Status.damagedInput)
    #expect(
      try database.column("SELECT concat_ws(' ', status, blocks) FROM diagnostics.ingestion_v1 ORDER BY 1")
        == ["complete 2", "failed 0"], "a file that is not there leaves no row")
  }
}

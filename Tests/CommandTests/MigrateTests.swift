import Glibc
import TestSupport
import Testing

/// Schema migrations from the command line, and the refusal to work on a schema that does not fit
/// (4-database, Migrations).
@Suite struct MigrateTests {
  private static let steps = [
    "v0001_tables", "v0002_views", "v0003_roles", "v0004_runs", "v0005_signals", "v0006_best_strategy",
    "v0007_stored_diagnosis", "v0008_entity_tag", "v0009_latest_runs", "v0010_without_statistics",
    "v0011_known_counts", "v0012_stated_once", "v0013_known_state", "v0014_source_head", "v0015_passed_over",
    "v0016_head_digests", "v0017_model_registry", "v0018_bytewise_identifiers", "v0019_next_step",
    "v0020_issue_places", "v0021_condition_subjects", "v0022_comment_of_use_roles",
    "v0023_fast_diagnosis", "v0024_read_to_the_end", "v0025_read_with",
  ]

  let database: CommandDatabase

  init() throws { database = try CommandDatabase(isMigrated: false) }

  private var hasSchema: Bool {
    get throws { try database.column("SELECT to_regnamespace('corrparse') IS NOT NULL") == ["t"] }
  }

  @Test func upStatusAndUpAgain() throws {
    let before = try database.run("migrate", "status")
    #expect(before.status == Status.configuration)
    #expect(before.lines == Self.steps.map { "\($0)  pending" })
    #expect(before.errorText.contains("corrparse migrate up"))
    #expect(try !hasSchema)

    let first = try database.run("migrate", "up")
    #expect(first.status == 0)
    #expect(first.lines == Self.steps.map { "applied \($0)" })
    let state = try database.physicalState()

    let second = try database.run("migrate", "up")
    #expect(second.status == 0)
    #expect(second.lines == ["the schema is up to date"])
    #expect(try database.physicalState() == state)

    let after = try database.run("migrate", "status")
    #expect(after.status == 0)
    #expect(after.errorText == "")
    #expect(after.lines.count == Self.steps.count)
    for (line, step) in zip(after.lines, Self.steps) { #expect(line.hasPrefix("\(step)  applied 20")) }
  }

  @Test func dryRunPrintsTheScriptAndChangesNothing() throws {
    let plan = try database.run("migrate", "up", "--dry-run")
    #expect(plan.status == 0)
    #expect(plan.errorText == "")
    for step in Self.steps { #expect(plan.lines.contains("-- \(step)")) }
    #expect(try !hasSchema)
    // It is SQL, not a description of it.
    try Psql.run(plan.text, on: database.connection())
    #expect(try database.column("SELECT count(*) FROM diagnostics.verdict_v1") == ["0"])
    try database.execute("DROP SCHEMA corrparse, diagnostics CASCADE")
    #expect(try database.run("migrate", "up").status == 0)
    #expect(try database.run("migrate", "up", "--dry-run").text == "")
  }

  /// Run by psql, the script left a schema that the program took for an empty database: "relation \"migration\" already exists".
  @Test func whatDryRunPrintsCanBeRunByPsql() throws {
    let plan = try database.run("migrate", "up", "--dry-run")
    try Psql.run(plan.text, on: database.connection())
    let status = try database.run("migrate")
    #expect(status.status == 0)
    #expect(status.lines.count == Self.steps.count)
    #expect(try database.run("migrate", "up").lines == ["the schema is up to date"])
    let (migrated, rows) = (
      try CommandDatabase(),
      "SELECT version || name || checksum::text FROM corrparse.migration ORDER BY version"
    )
    #expect(try database.column(rows) == migrated.column(rows))
    let codes = "SELECT code FROM diagnostics.taxonomy_v1 ORDER BY 1"
    #expect(try database.column(codes) == migrated.column(codes))
  }

  /// The script of an earlier version, which entered nothing into the ledger.
  @Test func aSchemaWithoutALedgerIsRefusedBeforeTheFirstStep() throws {
    #expect(try database.run("migrate", "up").status == 0)
    try database.execute("DELETE FROM corrparse.migration")
    for arguments in [["migrate", "up"], ["migrate"], ["migrate", "up", "--dry-run"]] {
      let outcome = try Program.finish(database.start(arguments))
      #expect(outcome.status == Status.configuration)
      #expect(outcome.errorText.contains("has a schema corrparse that no migration of corrparse made"))
      #expect(outcome.errorText.contains("restore the table corrparse.migration from a backup"))
    }
  }

  /// It applied fifteen migrations without a word, and then advised to grant corrparse_writer.
  @Test func aMissingRightToMakeTemporaryTablesIsNamedBeforeTheFirstStep() throws {
    let user = "no_temporary_\(getpid())"
    try database.execute(
      """
      CREATE ROLE \(user) NOLOGIN; REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC;
      GRANT CREATE ON DATABASE \(database.name) TO \(user)
      """)
    let environment = ["PGOPTIONS": "-c role=\(user)"]
    let outcome = try database.run("migrate", "up", environment: environment)
    #expect(outcome.status == Status.configuration)
    #expect(outcome.text == "")
    #expect(
      outcome.errorText.contains(
        "\(user) may not create temporary tables in the database \(database.name); have its owner run GRANT TEMPORARY ON DATABASE \(database.name) TO \(user), "
      ))
    #expect(try !hasSchema)
    try database.execute("DROP OWNED BY \(user); DROP ROLE \(user)")
  }

  /// So it was with the job's role, which was a member of corrparse_writer already.
  @Test func aJobWithoutTheRightToMakeTemporaryTablesIsToldSo() throws {
    #expect(try database.run("migrate", "up").status == 0)
    let (files, user) = (try Workspace(), "job_\(getpid())")
    try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path())
    try database.execute(
      """
      CREATE ROLE \(user) NOLOGIN IN ROLE corrparse_writer;
      REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC, corrparse_writer
      """)
    let outcome = try database.run("ingest", files.path, environment: ["PGOPTIONS": "-c role=\(user)"])
    #expect(outcome.status == Status.missingRights)
    #expect(outcome.errorText.contains("GRANT TEMPORARY ON DATABASE \(database.name) TO corrparse_writer"))
    try database.execute("DROP ROLE \(user)")
  }

  /// What a run had done was not told when a later migration failed.
  @Test func whatWasAppliedIsToldWhereALaterMigrationFails() throws {
    try database.execute(
      """
      CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'corrparse.registered_model') THEN
          RAISE EXCEPTION 'no such table here';
        END IF;
      END $$;
      CREATE EVENT TRIGGER refuse ON ddl_command_end EXECUTE FUNCTION public.refuse()
      """)
    let outcome = try database.run("migrate", "up")
    #expect(outcome.status != 0)
    #expect(outcome.errorText.contains("no such table here"))
    #expect(outcome.lines == Self.steps.prefix(16).map { "applied \($0)" })
  }

  /// Other roles took the rights without a word.
  @Test func otherRolesAreTold() throws {
    #expect(try database.run("migrate", "up").status == 0)
    let (writer, reader) = ("other_writer_\(getpid())", "other_reader_\(getpid())")
    let arguments = ["migrate", "up", "--writer-role", writer, "--reader-role", reader]
    #expect(
      try Program.finish(database.start(arguments)).lines == [
        "the roles are \(writer) and \(reader) now; corrparse_writer and corrparse_reader have no rights here any more",
        "the schema is up to date",
      ])
    #expect(try Program.finish(database.start(arguments)).lines == ["the schema is up to date"])
    try database.execute("DROP OWNED BY \(writer), \(reader); DROP ROLE \(writer), \(reader)")
  }

  /// Seventeen migrations give the same rights: what the server says of them was printed seventeen times.
  @Test func aNoticeOfTheServerIsShownOnce() throws {
    let user = "owner_\(getpid())"
    try database.execute(
      """
      CREATE ROLE \(user) NOLOGIN; GRANT CREATE ON DATABASE \(database.name) TO \(user)
      """)
    let outcome = try database.run("migrate", "up", environment: ["PGOPTIONS": "-c role=\(user)"])
    #expect(outcome.status == 0)
    let notices = outcome.errorText.split(separator: "\n").filter {
      $0.contains("no privileges were granted")
    }
    #expect(notices.count == Set(notices).count && !notices.isEmpty)
  }

  /// Steps of large tables were reported of tables without a row.
  @Test func anUpgradeOfAnEmptyDatabaseIsQuiet() throws {
    let plan = try database.run("migrate", "up", "--dry-run").text
    let before = try #require(plan.range(of: "-- v0018_"))
    try Psql.run(String(plan[..<before.lowerBound]), on: database.connection())
    let outcome = try database.run("migrate", "up")
    #expect(outcome.status == 0)
    #expect(!outcome.errorText.contains("nobody waits for"))
    #expect(outcome.lines == Self.steps.dropFirst(17).map { "applied \($0)" })
  }

  /// "or give --migrate" was said by commands that have no such option.
  @Test(arguments: [
    ["migrate", "status"], ["runs"], ["prune", "--before", "400d"], ["reclassify"], ["state"],
  ])
  func onlyCommandsThatMigrateOfferTo(arguments: [String]) throws {
    let outcome = try Program.finish(database.start(arguments))
    #expect(outcome.errorText.contains("corrparse migrate up"))
    #expect(!outcome.errorText.contains("--migrate"))
  }

  @Test func twoAtOnce() throws {
    let processes = try (0..<2).map { _ in try database.start(["migrate", "up"]) }
    let outcomes = try processes.map { try Program.finish($0) }
    #expect(outcomes.map(\.status) == [0, 0])
    let applied = outcomes.flatMap(\.lines).filter { $0.hasPrefix("applied ") }
    #expect(applied.sorted() == Self.steps.map { "applied \($0)" })
  }

  @Test(arguments: [["ingest"], ["backfill", "--since", "2026-01-01", "--log-root"]])
  func schemaBehindIsRefusedUnlessToldToMigrate(command: [String]) throws {
    let files = try Workspace()
    try files.write(TaskLog.finished(blocks: 2), to: TaskLog.path())
    let refused = try Program.finish(database.start(command + [files.path]))
    #expect(refused.status == Status.configuration)
    #expect(refused.errorText.contains("v0001_tables"))
    #expect(refused.errorText.contains("corrparse migrate up, or give --migrate"))
    #expect(try !hasSchema)
    let done = try Program.finish(database.start(command + [files.path, "--migrate"]))
    #expect(done.status == 0)
    #expect(try database.column("SELECT count(*) FROM corrparse.record") == ["2"])
  }

  @Test(arguments: [
    ["migrate", "up"], ["migrate", "up", "--dry-run"], ["migrate", "status"], ["ingest", "/tmp"],
    ["ingest", "--migrate", "/tmp"], ["backfill", "--since", "1d", "--log-root", "/tmp"],
  ])
  func newerSchemaIsRefused(arguments: [String]) throws {
    #expect(try database.run("migrate", "up").status == 0)
    try database.execute(
      """
      INSERT INTO corrparse.migration (version, name, checksum, program_version)
      VALUES (9999, 'v9999_future', '', '77.7')
      """)
    let state = try database.physicalState()
    let outcome = try Program.finish(database.start(arguments))
    #expect(outcome.status == Status.configuration)
    #expect(outcome.errorText.contains("v9999_future") && outcome.errorText.contains("use corrparse 77.7"))
    #expect(try database.physicalState() == state)
  }

  /// A role that was made after the migrations had no rights, `migrate up` said that all was up to date, and the advice of status 77 named
  /// the default role.
  @Test func `a role that is made later gets its rights, and the advice names it`() throws {
    let (writer, reader, user) = (
      "late_writer_\(getpid())", "late_reader_\(getpid())", "late_user_\(getpid())"
    )
    let roles = ["--writer-role", writer, "--reader-role", reader]
    #expect(try Program.finish(database.start(["migrate", "up"] + roles)).status == 0)
    try database.execute(
      "DROP OWNED BY \(reader); DROP ROLE \(reader); CREATE ROLE \(reader) NOLOGIN; CREATE ROLE \(user) NOLOGIN"
    )
    let environment = ["PGOPTIONS": "-c role=\(reader)"]
    #expect(try database.run("runs", environment: environment).status == Status.missingRights)
    let again = try database.run("migrate", "up")
    #expect(again.text.contains("gave \(reader) its rights: it was made after the migrations"))
    #expect(try database.run("runs", environment: environment).status == 0)
    #expect(try !database.run("migrate", "up").text.contains("gave "))
    let stranger = try database.run("ingest", "/dev/null", environment: ["PGOPTIONS": "-c role=\(user)"])
    #expect(stranger.status == Status.missingRights)
    #expect(
      stranger.errorText.contains("grant \(writer) to \(user), or for migrations"), "\(stranger.errorText)")
  }

  @Test func editedStepIsRefused() throws {
    #expect(try database.run("migrate", "up").status == 0)
    try database.execute("UPDATE corrparse.migration SET checksum = '\\x00' WHERE version = 2")
    let outcome = try database.run("migrate", "up")
    #expect(outcome.status == Status.configuration)
    #expect(outcome.errorText.contains("v0002_views"))
    #expect(try database.run("migrate", "status").text.contains("EDITED"))
  }
}

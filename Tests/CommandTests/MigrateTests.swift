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
    #expect(refused.errorText.contains("v0001_tables") && refused.errorText.contains("corrparse migrate up"))
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

import TestSupport
import Testing

/// `prune`: whole runs that are older than an instant, and nothing without `--yes`.
@Suite struct PruneTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// A log of one block whose lines are of one day of 2026.
  private func write(_ run: String, task: String = "test_step", attempt: Int = 1, month: Int = 3, day: Int)
    throws
  {
    let text = (TaskLog.line + TaskLog.block("crypto=SOLUSDC f1_buy=0.5 theta=None") + TaskLog.success)
      .replacing("2026-03-28", with: "2026-0\(month)-\(day < 10 ? "0" : "")\(day)")
    try files.write(text, to: TaskLog.path(run: run, task: task, attempt: attempt))
  }

  /// The runs that the present is judged by, whatever is old: the crypto's first one and its last three.
  private func writeJudged() throws {
    try write("first", month: 2, day: 1)
    for day in 29...31 { try write("last\(day)", day: day) }
  }

  private static let judged = [
    "first test_step 1", "last29 test_step 1", "last30 test_step 1", "last31 test_step 1",
  ]

  private func runs() throws -> [String] {
    try database.column(
      "SELECT run_id || ' ' || task_id || ' ' || try_number FROM corrparse.source ORDER BY 1")
  }

  private func ingest() throws {
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == 0)
  }

  @Test func showsFirstAndRemovesWholeRuns() throws {
    try write("old", day: 1)
    try write("old", task: "other", day: 2)
    try write("mixed", attempt: 1, day: 1)
    try write("mixed", attempt: 2, day: 20)
    try write("new", day: 20)
    try writeJudged()
    try ingest()
    let all = try runs()
    #expect(all.count == 9)
    let before = try database.physicalState()
    // An issue of each record, and one because the lines of the second log name the task test_step.
    let counts =
      "2 sources with 2 ledger rows, 2 records, 2 verdicts, 3 issues, 2 task outcomes; "
      + "0 infra observations, 0 states of the history, 0 observations of model registries\n"
    let start = "what happened before 2026-03-10T00:00:00Z: "
    for arguments in [
      ["prune", "--before", "2026-03-10"], ["prune", "--before", "2026-03-10", "--dry-run"],
    ] {
      let outcome = try Program.finish(database.start(arguments))
      #expect(outcome.status == 0)
      #expect(outcome.text == "would remove " + start + counts)
      #expect(outcome.errorText.contains("give --yes"))
    }
    #expect(try database.physicalState() == before)

    #expect(
      try database.run("prune", "--before", "2026-03-10", "--yes").text == "removed " + start + counts)
    #expect(try runs() == Self.judged + ["mixed test_step 1", "mixed test_step 2", "new test_step 1"])
    #expect(
      try database.column(
        """
        SELECT concat_ws(' ', (SELECT count(*) FROM corrparse.log), (SELECT count(*) FROM corrparse.record),
          (SELECT count(*) FROM corrparse.verdict), (SELECT count(*) FROM corrparse.issue),
          (SELECT count(*) FROM corrparse.task_outcome))
        """) == ["7 7 7 7 7"])
    // It did not say that older runs were kept, and why.
    #expect(
      try database.run("prune", "--before", "2026-03-10").errorText.contains("the present is judged by "))
    #expect(
      try database.run("prune", "--before", "2026-03-10", "--yes").text
        == "removed " + start
        + "0 sources with 0 ledger rows, 0 records, 0 verdicts, 0 issues, 0 task outcomes; "
        + "0 infra observations, 0 states of the history, 0 observations of model registries\n")

    // What is still on disk comes back as it was: the ledger does not know it any more.
    try ingest()
    #expect(try runs() == all)
  }

  /// The success line of the logs is of 02:15 on their day.
  @Test(arguments: [("2026-03-28T02:15:00Z", 0), ("2026-03-28T02:15:00.000001Z", 1)])
  func instantItselfStays(before: String, removed: Int) throws {
    try write("r", day: 28)
    try writeJudged()
    try ingest()
    #expect(
      try database.run("prune", "--before", before).text.contains(": \(removed) sources with"))
  }

  @Test func referenceTablesStay() throws {
    try write("r", day: 1)
    try writeJudged()
    try ingest()
    let query = """
      SELECT concat_ws(' ', (SELECT count(*) FROM corrparse.universe), (SELECT count(*) FROM corrparse.taxonomy),
        (SELECT count(*) FROM corrparse.current_taxonomy), (SELECT count(*) FROM corrparse.migration))
      """
    let before = try database.column(query)
    #expect(try database.run("prune", "--before", "38d", "--yes").status == 0)
    #expect(try runs() == Self.judged)
    #expect(try database.column(query) == before)
  }

  @Test func logOfUnknownTimeGoesByItsModification() throws {
    try files.write("no time here\n", to: "plain.log", modified: 1_773_100_800)
    try files.write("no time here\n", to: "younger.log", modified: 1_773_964_800)
    try ingest()
    #expect(try database.run("prune", "--before", "2026-03-15", "--yes").status == 0)
    #expect(try database.column("SELECT name FROM corrparse.source") == ["younger.log"])
  }

  /// Observations and states go by their time, but not what the present is judged by: 1 and 2 March are old, the first GREEN row
  /// tells since when the state at WHEN was so, the last one is that state, and the newest observation stays although it is old.
  @Test func observationsAndHistoryGoButNotWhatThePresentNeeds() throws {
    try database.execute(
      """
      INSERT INTO corrparse.infra_observation (observed_at, origin, cpu_pct)
      SELECT d::timestamptz, o, 1 FROM unnest(ARRAY['2026-03-01Z', '2026-03-09T23:59:59Z', '2026-03-10Z', '2026-03-11Z']) AS d,
        unnest(ARRAY['a', 'b']) AS o;
      INSERT INTO corrparse.global_state_history (noted_at, state, triggered, unknown, reasons)
      SELECT d::timestamptz, s, '{}', '{}', '{}'
      FROM (VALUES ('2026-03-01Z', 'GREEN'), ('2026-03-02Z', 'RED'), ('2026-03-03Z', 'GREEN'), ('2026-03-04Z', 'GREEN'),
        ('2026-03-05Z', 'GREEN'), ('2026-03-10Z', 'RED')) AS h (d, s)
      """)
    let since =
      "SELECT since::text FROM corrparse.global_state_at('2026-03-10Z'::timestamptz - interval '1 second')"
    let counts =
      "0 task outcomes; 4 infra observations, 3 states of the history, 0 observations of model registries\n"
    let plan = try database.run("prune", "--before", "2026-03-10")
    #expect(plan.text.hasSuffix(counts))
    #expect(plan.errorText.contains("give --yes"))
    #expect(try database.column("SELECT count(*) FROM corrparse.infra_observation") == ["8"])
    let before = try database.column(since)
    #expect(try database.run("prune", "--before", "2026-03-10", "--yes").text.hasSuffix(counts))
    let observations = """
      SELECT to_char(observed_at AT TIME ZONE 'UTC', 'DD ') || origin FROM corrparse.infra_observation ORDER BY 1
      """
    #expect(try database.column(observations) == ["10 a", "10 b", "11 a", "11 b"])
    #expect(
      try database.column(
        """
        SELECT to_char(noted_at AT TIME ZONE 'UTC', 'DD ') || state FROM corrparse.global_state_history ORDER BY 1
        """) == ["03 GREEN", "05 GREEN", "10 RED"])
    #expect(try database.column(since) == before)
    // Of old observations the newest of all stays: that it is old is what the signal says.
    #expect(
      try database.run("prune", "--before", "2026-04-01", "--yes").text.hasSuffix(
        "; 2 infra observations, 2 states of the history, 0 observations of model registries\n"))
    #expect(try database.column(observations) == ["11 a", "11 b"])
    #expect(try database.column("SELECT state FROM corrparse.global_state_history") == ["RED"])
  }

  /// Signals look back 30 days: what is younger than 38 days is never removed.
  @Test(arguments: ["37d", "0d", "2999-01-01"])
  func laterTimeIsAUsageError(before: String) throws {
    let outcome = try Program.finish(database.start(["prune", "--before", before, "--yes"]))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("is less than 38 days ago"))
  }

  @Test(arguments: [
    [], ["--before", "x"], ["--before", "365d", "--yes", "--dry-run"],
  ])
  func usageErrors(arguments: [String]) throws {
    #expect(try Program.finish(database.start(["prune"] + arguments)).status == Status.usage)
  }
}

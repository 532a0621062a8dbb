import Diagnosis
import Dispatch
import Glibc
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// Taxonomy versions side by side, without any log (3-classification).
@Suite struct ReclassifierTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  /// The next version as it might be: a marginal gain ends at 2 points rather than 5.
  private static let strict: Taxonomy = {
    var thresholds = Thresholds()
    thresholds.marginalGain = ExactDecimal(coefficient: 2, scale: 2)
    return Taxonomy(version: Taxonomy.current.version + 1, thresholds: thresholds)
  }()

  /// Records with gains of 0, 1, 2, … points, judged by version 1, as a log.
  private func store(blocks: Int, location: String = "a", run: String = "r") throws {
    let classifier = Classifier()
    var log = SampleLog(blocks: blocks, location: location)
    log.identity?.runID = run
    let writer = DiagnosticWriter(connection)
    writer.begin(LogDescription(location: location, identity: log.identity, name: location))
    for index in log.records.indices {
      log.records[index][.nTrades] = .integer(10)
      log.records[index][.baselineF1Buy] = .decimal(ExactDecimal(coefficient: 5, scale: 1))
      log.records[index][.f1Buy] = .decimal(ExactDecimal(coefficient: Int128(50 + index), scale: 2))
      try writer.append(
        log.records[index], verdict: classifier.verdict(on: log.records[index]), observedAt: log.observedAt,
        observedFrom: .log)
    }
    _ = try writer.commit(log.reading)
  }

  private func primaries(_ version: Int) throws -> [String?] {
    try connection.column(
      "SELECT primary_code FROM diagnostics.verdict_all_v1 WHERE taxonomy_version = $1::bigint ORDER BY source, block",
      [String(version)])
  }

  @Test(arguments: [1, 2, 3, 1000])
  func newVersionStandsBesideTheOld(pageSize: Int) throws {
    try store(blocks: 6)
    try store(blocks: 2, location: "b", run: "s")
    let old = try connection.column("SELECT concat(xmin, ctid, v) FROM corrparse.verdict AS v ORDER BY 1")
    let one = ["ML_USELESS", "ML_MARGINAL", "ML_MARGINAL", "ML_MARGINAL", "ML_MARGINAL", "ML_MARGINAL"]
    #expect(try primaries(Taxonomy.current.version) == one + ["ML_USELESS", "ML_MARGINAL"])

    let reclassifier = Reclassifier(
      connection, classifier: Classifier(taxonomy: Self.strict), pageSize: pageSize)
    #expect(try reclassifier.run() == Reclassifier.Summary(added: 8, changed: 0, unchanged: 0))
    #expect(
      try connection.column(
        "SELECT concat(xmin, ctid, v) FROM corrparse.verdict AS v WHERE taxonomy_version = $1::bigint ORDER BY 1",
        [String(Taxonomy.current.version)])
        == old)
    #expect(
      try primaries(Self.strict.version) == [
        "ML_USELESS", "ML_MARGINAL", "ML_MARGINAL", "ML_EXPLOITABLE", "ML_EXPLOITABLE", "ML_EXPLOITABLE",
        "ML_USELESS", "ML_MARGINAL",
      ])

    let state = try connection.physicalState()
    #expect(try reclassifier.run() == Reclassifier.Summary(added: 0, changed: 0, unchanged: 8))
    #expect(try connection.physicalState() == state)
  }

  /// Where the planner expects more, it reads all of a large table for each page.
  @Test(arguments: [Reclassifier.recordsOfPage, Reclassifier.issuesOfPage])
  func thePlannerExpectsOfAPageNoMoreThanThePage(query: SQLText) throws {
    try connection.run(
      """
      INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
      SELECT 's' || n, 'd', 'r' || n, 't', -1, 1, '' FROM generate_series(1, 500) AS n;
      INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
        dag_id, run_id, task_id, map_index, try_number)
      SELECT s.source_id, b, b, b, 1, 'explicit', now(), 'log', s.dag_id, s.run_id, s.task_id, s.map_index, s.try_number
      FROM corrparse.source AS s CROSS JOIN generate_series(1, 40) AS b;
      INSERT INTO corrparse.issue (source_id, block, ordinal, line, byte_offset, kind, key, raw)
      SELECT source_id, block, 1, line, byte_offset, 'malformed_number', 'sl', 'x' FROM corrparse.record;
      ANALYZE corrparse.record, corrparse.issue
      """)
    let first = try #require(
      connection.column("SELECT (min(source_id) + 250)::text FROM corrparse.source")[0])
    let last = try #require(connection.column("SELECT (min(source_id) + 251)::text FROM corrparse.source")[0])
    let plan = try connection.column("EXPLAIN " + query, [first, "1", last, "40"]).compactMap(\.self)
    let rows = try #require(plan.first?.firstMatch(of: /rows=(\d+)/)?.1)
    // The page has 79 of 20,000 rows; of the pairs alone the planner expects a quarter of the table.
    #expect(try #require(Int(rows)) < 500, "\(plan)")
  }

  @Test func lateDamageIsInTheExplanationAsInTheClassifiers() throws {
    let log = SampleLog(blocks: 3)
    let classifier = Classifier()
    let writer = DiagnosticWriter(connection)
    writer.begin(LogDescription(location: log.location, identity: log.identity, name: log.name))
    for record in log.records {
      try writer.append(
        record, verdict: classifier.verdict(on: record), observedAt: log.observedAt, observedFrom: .log)
    }
    writer.markDamaged(blocks: 2...3)
    writer.markDamaged(blocks: 3...3)
    _ = try writer.commit(log.reading)
    let expected = log.records.enumerated().map { index, record in
      var record = record
      if index > 0 { record.markDamaged() }
      let verdict = classifier.verdict(on: record)
      return "\(verdict.certainty.rawValue) \(verdict.explanation)"
    }
    let stored: SQLText = "SELECT certainty || ' ' || explanation FROM corrparse.verdict ORDER BY block"
    #expect(try connection.column(stored) == expected)
    #expect(expected[2].hasSuffix("; the source is damaged here, so nothing of this is certain"))
    let summary = try Reclassifier(connection, classifier: classifier).run()
    #expect(summary == Reclassifier.Summary(added: 0, changed: 0, unchanged: 3))
  }

  @Test func emptyDatabaseHasNothingToJudge() throws {
    #expect(try Reclassifier(connection, classifier: Classifier()).run().records == 0)
    #expect(!connection.isInTransaction)
  }

  @Test func everyFieldComesBackAsItWas() throws {
    var record = CorrelationRecord(block: 2, line: 4711, offset: 9_000_000_000)
    for field in RoundTripTests.fields { record[field.key] = field.value }
    record.issues = [
      GrammarIssue(kind: .missingValue, key: "theta", line: 32, offset: 3100, raw: "None"),
      GrammarIssue(kind: .interrupted, line: 33, offset: 3120),
    ]
    let stored = RoundTripTests.fields.map { FieldValue(stored: $0.stored, as: $0.key.domain) }
    #expect(stored == RoundTripTests.fields.map(\.value))
    try SampleLog(record).store(connection)
    _ = try Reclassifier(connection, classifier: Classifier()).run()
    let verdict = Classifier().verdict(on: record)
    #expect(
      try connection.column(
        "SELECT concat_ws('|', explanation, severity) FROM corrparse.verdict WHERE taxonomy_version = $1::bigint",
        [String(Taxonomy.current.version)])
        == [verdict.explanation + "|" + verdict.severity.rawValue])
  }

  @Test(arguments: ["NaN", "Infinity", "", "1e5", "1.2.3", String(repeating: "9", count: 40), "--1"])
  func impossibleNumbersAreRefused(text: String) {
    #expect(ExactDecimal(stored: text) == nil)
  }

  @Test(arguments: [
    ("0", ExactDecimal.zero), ("-0.50", ExactDecimal(coefficient: -5, scale: 1)), ("100.000", 100),
    ("-0.000000000000000000000000000001", ExactDecimal(coefficient: -1, scale: 30)),
  ])
  func numbersOfTheServerAreExact(text: String, value: ExactDecimal) {
    #expect(ExactDecimal(stored: text) == value)
  }

  @Test func rowChangedByHandIsNamed() throws {
    try store(blocks: 2)
    try connection.run("UPDATE corrparse.record SET f1_buy = 'NaN' WHERE block = 2")
    let error = #expect(throws: DatabaseError.self) {
      try Reclassifier(connection, classifier: Classifier()).run()
    }
    #expect(error?.category == .data)
    #expect(
      error?.message.contains("record 2 of source") == true && error?.message.contains("f1_buy NaN") == true)
    #expect(!connection.isInTransaction)
  }

  /// A log that is being stored holds its source's lock; what it stored is judged, not what was there before.
  @Test func waitsForALogThatIsBeingStored() throws {
    try store(blocks: 2)
    try connection.run("BEGIN")
    try connection.query("SELECT pg_advisory_xact_lock(hashtextextended(name, 1)) FROM corrparse.source")
    try connection.run("UPDATE corrparse.record SET f1_buy = 0.9 WHERE block = 2")
    let outcomes = Outcomes<Reclassifier.Summary>()
    let done = DispatchGroup()
    DispatchQueue.global().async(group: done) { [database] in
      outcomes.add { try Reclassifier(database.connect(), classifier: Classifier()).run() }
    }
    let isWaiting: SQLText = """
      SELECT EXISTS (SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
        WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted)
      """
    while try connection.value(isWaiting) != "t", done.wait(timeout: .now()) == .timedOut { sched_yield() }
    #expect(outcomes.failures.isEmpty && done.wait(timeout: .now()) == .timedOut)
    try connection.run("COMMIT")
    done.wait()
    #expect(try outcomes.values() == [Reclassifier.Summary(added: 0, changed: 1, unchanged: 1)])
    #expect(try primaries(Taxonomy.current.version) == ["ML_USELESS", "ML_SOLID"])
  }

  @Test func writerMayReclassify() throws {
    try store(blocks: 2)
    try connection.run("SET ROLE corrparse_writer")
    let summary = try Reclassifier(connection, classifier: Classifier(taxonomy: Self.strict)).run()
    #expect(summary.added == 2)
  }
}

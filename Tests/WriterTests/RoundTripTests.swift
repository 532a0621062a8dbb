import Diagnosis
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// What goes in comes out again, to the last digit and character.
@Suite struct RoundTripTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  /// Every field with a value of its own, in the order of the columns.
  static let fields: [(key: FieldKey, value: FieldValue, stored: String)] = [
    (.crypto, .text("SOLUSDC"), "SOLUSDC"), (.group, .text("defi"), "defi"),
    (.timeframe, .text("5m"), "5m"), (.strategyID, .text("s-1"), "s-1"),
    (.modelVersion, .text("v7"), "v7"), (.horizon, .text("H4"), "H4"), (.phase, .text("testing"), "testing"),
    (.fold, .integer(3), "3"), (.sl, .decimal(ExactDecimal(coefficient: 15, scale: 1)), "1.5"),
    (.tp, .decimal(2), "2"), (.nFolds, .integer(5), "5"), (.nTrades, .integer(0), "0"),
    (.nCandidates, .integer(450), "450"), (.nPassed, .integer(999_999_999_999_999), "999999999999999"),
    (.oomKills, .integer(1), "1"), (.podsDown, .integer(2), "2"),
    // 17 significant digits, as repr() of a binary float prints them.
    (.f1Buy, .decimal(ExactDecimal(coefficient: 55_123_456_789_012_345, scale: 17)), "0.55123456789012345"),
    (.baselineF1Buy, .decimal(ExactDecimal(coefficient: 5, scale: 1)), "0.5"),
    (.precisionBuy, .decimal(ExactDecimal(coefficient: 551, scale: 3)), "0.551"),
    (.recallBuy, .decimal(1), "1"), (.buyRate, .decimal(0), "0"),
    (.actionRate, .decimal(ExactDecimal(coefficient: 1, scale: 30)), "0.000000000000000000000000000001"),
    (.stdF1Buy, .decimal(ExactDecimal(coefficient: 1, scale: 1)), "0.1"),
    (.screeningF1Buy, .decimal(ExactDecimal(coefficient: 9, scale: 1)), "0.9"),
    (.lastFoldF1Buy, .decimal(ExactDecimal(coefficient: 6, scale: 1)), "0.6"),
    (.theta, .decimal(ExactDecimal(coefficient: 42, scale: 2)), "0.42"),
    (
      .sortino, .decimal(ExactDecimal(coefficient: -123_456_789_012_345_678, scale: 3)),
      "-123456789012345.678"
    ),
    (.tpPct, .decimal(ExactDecimal(coefficient: 199_999, scale: 4)), "19.9999"),
    (.slPct, .decimal(ExactDecimal(coefficient: 581, scale: 1)), "58.1"), (.timeoutPct, .decimal(100), "100"),
    (.successRate, .decimal(70), "70"), (.pvcPct, .decimal(85), "85"), (.cpuPct, .decimal(90), "90"),
    (.complete, .boolean(true), "t"),
  ]

  @Test func everyFieldKeepsItsValue() throws {
    #expect(Self.fields.map(\.key) == FieldKey.allCases)
    var record = CorrelationRecord(
      block: 2, line: 4711, offset: 9_000_000_000, grammarVersion: 1, end: .failure)
    for field in Self.fields { record[field.key] = field.value }
    try SampleLog(record).store(connection)
    let row = try connection.query("SELECT * FROM corrparse.record")
    for field in Self.fields {
      let name = field.key == .group ? "logged_group" : field.key.name
      let column = try #require(row.column(name))
      #expect(row.text(0, column) == field.stored, "\(name)")
    }
    #expect(
      try connection.value(
        "SELECT concat_ws('|', block, line, byte_offset, grammar_version, block_end) FROM corrparse.record")
        == "2|4711|9000000000|1|implicit:failure")
  }

  @Test func absentFieldsAreNull() throws {
    try SampleLog(CorrelationRecord()).store(connection)
    let row = try connection.query("SELECT * FROM corrparse.record")
    for key in FieldKey.allCases {
      let column = try #require(row.column(key == .group ? "logged_group" : key.name))
      #expect(row.text(0, column) == nil, "\(key.name)")
    }
    #expect(try connection.value("SELECT num_nulls(gates, extras) FROM corrparse.record") == "2")
  }

  @Test func foldMayBeAll() throws {
    var record = CorrelationRecord()
    record[.fold] = .text("all")
    try SampleLog(record).store(connection)
    #expect(try connection.value("SELECT fold FROM diagnostics.verdict_v1") == "all")
  }

  /// Texts that mean something to SQL, COPY, JSON or arrays.
  static let texts = [
    "", " ", #"\N"#, #"\."#, "NULL", "a\tb\nc\rd", #"back\slash \\ \x41 \n"#,
    "'; DROP TABLE corrparse.record; --",
    #"") ON CONFLICT DO NOTHING; --"#, "$1 $$ $tag$", #"{"a":[1]}"#, "{a,b}", "\"quoted\"",
    "emoji 🦊🏳️‍🌈 é e\u{301}",
    "\u{1}\u{7f}\u{1b}[31m\u{85}\u{2028}\u{feff}\u{fffd}\u{ffff}\u{10ffff}", "%s %I %",
    String(repeating: "long", count: 5000),
  ]

  @Test(arguments: texts)
  func textKeepsEveryCharacter(text: String) throws {
    var record = CorrelationRecord(
      gates: [Gate(name: text, passed: true)], extras: [ExtraPair(key: text, text: text)],
      issues: [GrammarIssue(kind: .malformedPair, key: text, line: 1, offset: 0, raw: text)])
    record[.strategyID] = .text(text)
    var log = SampleLog(record)
    log.verdict.explanation = text
    log.verdict.notEvaluated = [UnevaluatedRule(rule: text, lacks: [text, text], why: text)]
    log.identity?.dagID = text
    log.reading.error = text
    try log.store(connection)
    let found = try connection.query(
      """
      SELECT strategy_id, (SELECT string_agg(g, '') FROM jsonb_object_keys(gates) AS g),
        (SELECT string_agg(e.key || e.value, '') FROM jsonb_each_text(extras) AS e), explanation,
        not_evaluated -> 0 ->> 'rule', not_evaluated -> 0 -> 'lacks' ->> 1, not_evaluated -> 0 ->> 'why', dag_id,
        (SELECT i.key || i.raw FROM diagnostics.issue_v1 AS i), (SELECT n.error FROM diagnostics.ingestion_v1 AS n)
      FROM diagnostics.verdict_v1
      """)
    let twice = text + text
    let expected = [text, text, twice, text, text, text, text, text, twice, text]
    #expect((0..<10).map { found.text(0, $0) } == expected)
  }

  @Test func nulIsDroppedAndNothingElse() throws {
    var record = CorrelationRecord(extras: [ExtraPair(key: "k\0", text: "\0a\0\0b\\0\0")])
    record[.crypto] = .text("SOL\0USDC")
    var log = SampleLog(record)
    log.location = "x\0.log"
    try log.store(connection)
    #expect(
      try connection.value("SELECT concat_ws('|', crypto, extras) FROM diagnostics.verdict_v1")
        == #"SOLUSDC|{"k": "ab\\0"}"#)
    #expect(try connection.ledger(of: ["x\0.log"])["x.log"]?.status == .complete)
  }

  @Test func extrasKeepTheirOrderAndGatesTheirOutcome() throws {
    let extras = [
      ExtraPair(key: "zz", text: "1"), ExtraPair(key: "a", text: "2"), ExtraPair(key: "mmmmm", text: "3"),
    ]
    let gates = [Gate(name: "sortino", passed: false), Gate(name: "f1", passed: true)]
    try SampleLog(CorrelationRecord(gates: gates, extras: extras)).store(connection)
    #expect(
      try connection.value("SELECT extras FROM corrparse.record")
        == #"[["zz", "1"], ["a", "2"], ["mmmmm", "3"]]"#)
    #expect(
      try connection.value("SELECT concat_ws('|', gates, extras) FROM diagnostics.verdict_v1")
        == #"{"f1": "pass", "sortino": "fail"}|{"a": "2", "zz": "1", "mmmmm": "3"}"#)
  }

  @Test func verdictKeepsEveryPart() throws {
    var log = SampleLog(CorrelationRecord())
    log.verdict = Verdict(
      taxonomyVersion: 1, primary: .executionMismatch, certainty: .provisional, severity: .p2,
      findings: [.executionMismatch, .mlExploitable, .slTooTight], ml: .finding(.mlExploitable),
      execution: .finding(.executionMismatch), infra: .notApplicable,
      deltaPoints: ExactDecimal(coefficient: 641, scale: 2),
      notEvaluated: [UnevaluatedRule(rule: "ML_UNSTABLE", lacks: ["std_f1_buy"], why: "missing_value")],
      explanation: "f1_buy 0.5512 beats the baseline")
    try log.store(connection)
    #expect(
      try connection.value(
        """
        SELECT concat_ws('|', taxonomy_version, primary_code, certainty, severity, findings, ml, execution, infra,
          delta_points, not_evaluated, explanation)
        FROM diagnostics.verdict_v1
        """)
        == "1|EXECUTION_MISMATCH|provisional|P2|{EXECUTION_MISMATCH,ML_EXPLOITABLE,SL_TOO_TIGHT}|ML_EXPLOITABLE"
        + #"|EXECUTION_MISMATCH|not_applicable|6.41|[{"why": "missing_value", "rule": "ML_UNSTABLE", "#
        + #""lacks": ["std_f1_buy"]}]|f1_buy 0.5512 beats the baseline"#)
  }

  @Test func allClearHasNoPrimaryAndNoFindings() throws {
    try SampleLog(CorrelationRecord()).store(connection)
    #expect(
      try connection.value(
        "SELECT concat_ws('|', primary_code IS NULL, findings, certainty) FROM diagnostics.verdict_v1")
        == "t|{}|certain")
  }

  @Test(arguments: [
    ("2026-03-28T02:14:07.123456Z", "2026-03-28 02:14:07.123456+00"),
    ("1969-12-31T23:59:59.999999Z", "1969-12-31 23:59:59.999999+00"),
    ("9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999+00"),
    ("0001-01-01T00:00:00Z", "0001-01-01 00:00:00+00"),
  ])
  func timesAreExactToTheMicrosecond(logged: String, stored: String) throws {
    var log = SampleLog(CorrelationRecord())
    log.observedAt = LogTime(logged)
    try log.store(connection)
    try connection.run("SET TimeZone = 'UTC'")
    #expect(try connection.value("SELECT observed_at FROM diagnostics.verdict_v1") == stored)
  }

  @Test func timesOfFilesMayBeAnything() throws {
    for microseconds in [Int64.min, -1, 0, 253_402_300_799_999_999] {
      var log = SampleLog(blocks: 1, location: "\(microseconds)")
      log.reading.modifiedAt = LogTime(microseconds: microseconds)
      try log.store(connection)
      let expected = max(microseconds, -62_135_596_800_000_000)
      #expect(
        try connection.ledger(of: [log.location])[log.location]?.modifiedAt == LogTime(microseconds: expected)
      )
    }
  }

  @Test func issuesKeepTheirPlace() throws {
    let record = CorrelationRecord(
      block: 7,
      issues: [
        GrammarIssue(kind: .missingValue, key: "sortino", line: 12, offset: 345, raw: "None"),
        GrammarIssue(kind: .interrupted, line: 13, offset: 400),
      ])
    var log = SampleLog(record)
    log.reading.issues = [
      GrammarIssue(kind: .trailingGarbage, line: 99, offset: 9999, raw: "\u{fffd}"),
      GrammarIssue(kind: .damagedSource, line: 50, offset: 5000, block: 7),
    ]
    try log.store(connection)
    #expect(
      try connection.column(
        """
        SELECT concat_ws('|', i.kind, coalesce(i.key, '-'), i.line, i.byte_offset, coalesce(i.raw, '-'),
          coalesce(i.block::text, '-'), i.task_id, i.map_index)
        FROM diagnostics.issue_v1 AS i ORDER BY i.line
        """) == [
          "missing_value|sortino|12|345|None|7|outer.test_step|3",
          "interrupted|-|13|400|-|7|outer.test_step|3",
          "damaged_source|-|50|5000|-|7|outer.test_step|3",
          "trailing_garbage|-|99|9999|\u{fffd}|-|outer.test_step|3",
        ])
    // Only a record's own issues are its own, the source's are not counted with it.
    #expect(try connection.value("SELECT issue_count FROM diagnostics.verdict_v1") == "2")
  }

  @Test func ledgerKeepsTheReading() throws {
    var log = SampleLog(blocks: 2, status: .truncated)
    log.reading.error = "the compressed stream ends at byte 123"
    log.reading.replays = 1
    log.reading.issueCount = 4
    log.reading.fingerprint = Array(0..<32)
    try log.store(connection)
    try connection.run("SET TimeZone = 'UTC'")
    #expect(
      try connection.value(
        """
        SELECT concat_ws('|', location, size_bytes, modified_at, encode(fingerprint, 'hex'), status, error,
          decompressed_bytes, blocks, replays, issues, program_version)
        FROM corrparse.log
        """)
        == "root/attempt=1.log.gz|200|2026-03-28 03:00:00+00|"
        + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        + "|truncated|the compressed stream ends at byte 123|2000|2|1|4|1.2.3")
    #expect(
      try connection.value(
        """
        SELECT concat_ws('|', location, source, dag_id, run_id, task_id, map_index, try_number, status, size_bytes,
          blocks, replays, issues, error)
        FROM diagnostics.ingestion_v1
        """)
        == "root/attempt=1.log.gz|dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00"
        + "/task_id=outer.test_step/map_index=3/attempt=1.log|launch__discovery|manual__2026-03-28T02:00:00+00:00"
        + "|outer.test_step|3|1|truncated|200|2|1|4|the compressed stream ends at byte 123")
  }
}

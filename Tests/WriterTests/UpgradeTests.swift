import Dispatch
import Testing

@testable import DiagnosticWriter

/// Databases with data in them come up from every earlier version (4-database, Migrations).
@Suite struct UpgradeTests {
  /// Rows as the program of the first three versions wrote them: a run of two tasks, one of them in two attempts, and a
  /// log without identity that could not be read.
  private static let data: SQLText = """
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part, feed_status, feed_bytes)
    VALUES ('a1', 'launch__discovery', 'r', 'a', -1, 1, '', 'complete', 10),
      ('a2', 'launch__discovery', 'r', 'a', -1, 2, '', 'complete', 10),
      ('b1', 'launch__discovery', 'r', 'b', 0, 1, '', 'complete', 10), ('x.log', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    INSERT INTO corrparse.log (location, source_id, size_bytes, modified_at, status, error, decompressed_bytes, blocks,
      replays, issues, ingested_at, program_version)
    SELECT '/logs/' || s.name, s.source_id, 10, '2026-03-28T03:00:00Z',
      CASE WHEN s.name = 'x.log' THEN 'failed' ELSE 'complete' END,
      CASE WHEN s.name = 'x.log' THEN 'permission denied' END, 10, 1, 0, 0, '2026-03-28T04:00:00Z', '0.1.0'
    FROM corrparse.source AS s;
    INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at,
      observed_from, dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, gates, extras,
      updated_at)
    SELECT s.source_id, 1, 7, 70, 1, 'explicit', '2026-03-28T02:14:07.123456Z', 'log', s.dag_id, s.run_id, s.task_id,
      s.map_index, s.try_number, CASE s.name WHEN 'b1' THEN 'BTCUSDC' ELSE 'SOLUSDC' END, 0.55123456789012345,
      0.5, '{"f1": "pass"}', '[["note", "x"]]', '2026-03-28T04:00:00Z'
    FROM corrparse.source AS s WHERE s.dag_id IS NOT NULL;
    INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, primary_code, findings, certainty, severity, ml,
      execution, infra, delta_points, not_evaluated, explanation, updated_at)
    SELECT r.source_id, 1, 1, 'ML_EXPLOITABLE', '{ML_EXPLOITABLE}', 'provisional', 'none', 'ML_EXPLOITABLE',
      'not_evaluable', 'not_applicable', 5.123456789012345,
      '[{"rule": "ML_UNSTABLE", "lacks": ["std_f1_buy"], "why": "absent"}]', 'é', '2026-03-28T04:00:00Z'
    FROM corrparse.record AS r;
    INSERT INTO corrparse.issue (source_id, block, ordinal, line, byte_offset, kind, key, raw)
    SELECT s.source_id, 1, 1, 8, 80, 'missing_value', 'theta', 'None' FROM corrparse.source AS s WHERE s.name = 'a2';
    INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated,
      started_at, ended_at, updated_at)
    SELECT s.source_id, s.dag_id, s.run_id, s.task_id, s.map_index, s.try_number,
      CASE s.name WHEN 'a1' THEN 'failed' ELSE 'success' END, true, '2026-03-28T02:00:00Z', '2026-03-28T03:00:00Z',
      '2026-03-28T04:00:00Z'
    FROM corrparse.source AS s WHERE s.dag_id IS NOT NULL;
    INSERT INTO corrparse.taxonomy (taxonomy_version, code, layer, severity, condition, meaning, next_step, position)
    VALUES (1, 'ML_EXPLOITABLE', 'ml', 'none', 'c', 'm', '', 9);
    INSERT INTO corrparse.current_taxonomy (taxonomy_version) VALUES (1);
    UPDATE corrparse.universe SET crypto_group = 'own' WHERE crypto = 'SOLUSDC'
    """

  private static func views(_ connection: Connection) throws -> [String] {
    try connection.column(
      """
      SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'diagnostics' AND c.relkind = 'v' ORDER BY 1
      """
    ).compactMap(\.self)
  }

  private static let functions = [
    "golden_signal_v1": "golden_signals_at", "global_state_v1": "global_state_at",
    "global_state_condition_v1": "global_state_conditions_at",
  ]

  /// The columns of these views, for ``rows(of:_:)``.
  private static func columns(of views: [String], _ connection: Connection) throws -> [String: String] {
    let columns: SQLText = """
      SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
      WHERE a.attrelid = ('diagnostics.' || $1)::regclass AND a.attnum > 0
      """
    return try Dictionary(uniqueKeysWithValues: views.map { ($0, try connection.value(columns, [$0]) ?? "") })
  }

  /// Every row of these views in these columns: a later step may have added others.
  private static func rows(of views: [String: String], _ connection: Connection) throws -> [String: [String?]]
  {
    var rows: [String: [String?]] = [:]
    for (view, columns) in views {
      // What is asked of the present would differ by the time between two questions.
      let source = functions[view].map { "\($0)('2026-03-28T04:30:00Z')" } ?? view
      rows[view] = try connection.column(
        SQLText(
          stringLiteral:
            "SELECT to_jsonb(v) FROM (SELECT \(columns) FROM diagnostics.\(source)) AS v ORDER BY 1"))
    }
    return rows
  }

  @Test(arguments: Migration.all.dropLast().map(\.version))
  func dataOfAnEarlierVersionStayAsTheyAre(version: Int) throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    try connection.run("SET TimeZone = 'UTC'")
    try Migrator(connection, migrations: Array(Migration.all.prefix(version))).up(programVersion: "0.1.0")
    try connection.run(Self.data)
    let tables = try connection.physicalState()
    #expect(tables.count == 4 + 4 + 3 + 3 + 1 + 3)
    // Version 13 judges signals and state anew.
    let views = try Self.columns(
      of: Self.views(connection).filter { Self.functions[$0] == nil }, connection)
    let before = try Self.rows(of: views, connection)

    let applied = try Migrator(connection).up(programVersion: "9")
    #expect(applied == Array(Migration.all.dropFirst(version)))
    // Were a later step to rewrite rows on purpose, this is where it would say so.
    #expect(try connection.physicalState() == tables)
    #expect(try Self.rows(of: views, connection) == before)
    #expect(
      try connection.value("SELECT crypto_group FROM corrparse.universe WHERE crypto = 'SOLUSDC'") == "own")

    try Migrator(connection).up(programVersion: "9", taxonomy: .whole())
    let fresh = try TestDatabase(isMigrated: false)
    let other = try fresh.connect()
    try other.run("SET TimeZone = 'UTC'")
    try Migrator(other).up(programVersion: "9")
    try other.run(Self.data)
    try Migrator(other).up(programVersion: "9", taxonomy: .whole())
    let all = try Self.columns(of: Self.views(other), other)
    #expect(try Self.rows(of: all, connection) == Self.rows(of: all, other))
    #expect(
      try connection.column(RunDiagnosisTests.rows) == [
        "* 2 2 2 ML_EXPLOITABLE none", "BTCUSDC 1 1 1 ML_EXPLOITABLE none",
        "SOLUSDC 1 1 1 ML_EXPLOITABLE none",
      ])
    let noon = World.noon
    #expect(try connection.signal("model_freshness", "BTCUSDC", at: noon)?.hasSuffix(" ok") == true)
    #expect(try connection.signal("pipeline_success_rate", "all", at: noon) == "100 ok")
    #expect(try connection.condition("no_useful_strategy", at: noon) == "clear")
  }

  /// Diagnoses that the tenth version stored are computed anew: the upgraded database says what a fresh one says of the same logs.
  @Test func storedDiagnosesFollowTheNewCounts() throws {
    let logs = [
      RunLog(
        run: "lost",
        records: [.summary("SOLUSDC", passed: 0, of: 450), .summary("BTCUSDC", passed: 0, of: nil)]),
      RunLog(run: "gateless", records: [.strategy(gain: 20)]), RunLog(run: "silent"),
    ]
    let rows: SQLText = """
      SELECT concat_ws(' ', run_id, coalesce(crypto, '*'), coalesce(candidates::text, '?'), coalesce(passed::text, '?'),
        coalesce(primary_code, '-'))
      FROM diagnostics.run_diagnosis_v1 ORDER BY run_id, crypto NULLS FIRST
      """
    let (old, fresh) = (try TestDatabase(isMigrated: false), try TestDatabase.withWholeTaxonomy())
    let (connection, other) = (try old.connect(), try fresh.connect())
    try Migrator(connection, migrations: Array(Migration.all.prefix(10)))
      .up(programVersion: "0.1.0", taxonomy: .whole())
    // Today's writer looks for a table and columns that came later.
    try connection.run(
      """
      ALTER TABLE corrparse.issue ADD COLUMN places bigint;
      ALTER TABLE corrparse.log ADD COLUMN line_format text, ADD COLUMN path_template text;
      CREATE TABLE corrparse.source_head (
        source_id bigint PRIMARY KEY, log_id bigint, digests bytea, first_run bigint)
      """)
    for log in logs {
      try log.store(connection)
      try log.store(other)
    }
    try connection.run(
      """
      DROP TABLE corrparse.source_head;
      ALTER TABLE corrparse.issue DROP COLUMN places;
      ALTER TABLE corrparse.log DROP COLUMN line_format, DROP COLUMN path_template
      """)
    try RunDiagnoses(connection).refresh()
    // What was seen before.
    #expect(
      try connection.column(rows) == [
        "gateless * 1 0 ML_SOLID", "gateless SOLUSDC 1 0 ML_SOLID", "lost * ? 0 -", "lost BTCUSDC ? 0 -",
        "lost SOLUSDC 450 0 NO_CANDIDATES", "silent * 0 0 -",
      ])
    try Migrator(connection).up(programVersion: "9", taxonomy: .whole())
    let expected = [
      "gateless * ? ? ML_SOLID", "gateless SOLUSDC ? ? ML_SOLID", "lost * 450 0 NO_CANDIDATES",
      "lost BTCUSDC ? 0 -", "lost SOLUSDC 450 0 NO_CANDIDATES", "silent * ? ? -",
    ]
    #expect(try connection.column(rows) == expected)
    #expect(try other.column(rows) == expected)
    #expect(try RunDiagnoses(connection).refresh() == 3)
    #expect(try connection.column(rows) == expected)
    #expect(try connection.value("SELECT count(*) FROM corrparse.run_change") == "0")
    #expect(try connection.value("SELECT count(*) FROM corrparse.run_diagnosis") == "6")
  }

  /// What stands in diagnostics never loses a column, changes none's type and adds new ones at the end
  /// (4-database, Views).
  @Test func laterStepsOnlyAddToTheContract() throws {
    let columns: SQLText = """
      SELECT concat_ws(' ', c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod))
      FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v' AND a.attnum > 0
      """
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    var earlier: Set<String> = []
    for version in 2...Migration.all.count {
      try Migrator(connection, migrations: Array(Migration.all.prefix(version))).up(programVersion: "1")
      let now = Set(try connection.column(columns).compactMap(\.self))
      #expect(now.isSuperset(of: earlier))
      earlier = now
    }
    #expect(earlier.count > 100)
  }

  /// Two pods of a new version start at once on a database of an earlier one.
  @Test func concurrentUpgradesApplyEachStepOnce() throws {
    let database = try TestDatabase(isMigrated: false)
    let connection = try database.connect()
    try Migrator(connection, migrations: Array(Migration.all.prefix(3))).up(programVersion: "0.1.0")
    try connection.run(Self.data)
    let outcomes = Outcomes<[Migration]>()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      outcomes.add { try Migrator(database.connect()).up(programVersion: "9") }
    }
    #expect(try outcomes.values().flatMap(\.self).map(\.version).sorted() == Array(4...Migration.all.count))
    #expect(try connection.column(RunDiagnosisTests.rows).count == 3)
  }
}

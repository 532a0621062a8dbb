import Diagnosis
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// The contract that Grafana and people query (4-database, Views).
@Suite struct ViewTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase()
    connection = try database.connect()
  }

  /// The table of 4-database, Views, copied, with what was added to it.
  static let columns: [(view: String, columns: String)] = [
    ("verdict_v1", verdictColumns), ("verdict_all_v1", verdictColumns),
    (
      "task_attempt_v1",
      "dag_id, run_id, task_id, map_index, try_number, latest_attempt, state, stated, started_at, ended_at, "
        + "duration_seconds"
    ),
    (
      "issue_v1",
      "observed_at, source, dag_id, run_id, task_id, map_index, try_number, block, line, byte_offset, kind, key, raw, places"
    ),
    (
      "ingestion_v1",
      "location, source, dag_id, run_id, task_id, map_index, try_number, status, size_bytes, blocks, replays, "
        + "issues, ingested_at, error"
    ),
    (
      "run_diagnosis_v1",
      "dag_id, run_id, crypto, started_at, ended_at, state, records, candidates, passed, primary_code, severity, "
        + "code_counts, useful"
    ),
    (
      "best_strategy_v1",
      "started_at, dag_id, run_id, crypto, observed_at, task_id, map_index, try_number, strategy_id, horizon, sl, tp, "
        + "f1_buy, baseline_f1_buy, delta, screening_gap, std_f1_buy, sortino, tp_pct, sl_pct, timeout_pct, n_trades, "
        + "gates_passed, useful, primary_code, severity, explanation, source, line, delta_points"
    ),
    (
      "strategy_v1",
      "observed_at, dag_id, run_id, task_id, map_index, try_number, block, crypto, crypto_group, horizon, timeframe, "
        + "sl, tp, fold, phase, strategy_id, model_version, f1_buy, baseline_f1_buy, delta_points, std_f1_buy, sortino, "
        + "tp_pct, sl_pct, timeout_pct, n_trades, gates, gates_passed, primary_code, severity, certainty, rank_in_run"
    ),
    ("code_share_v1", "crypto, dag_id, run_id, started_at, code, records, share, useful_share"),
    ("infra_observation_v1", "observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct, memory_pct"),
    ("drift_v1", "crypto, quantity, index, reference_records, current_records, status, reason"),
    ("global_state_history_v1", "state, since, until, reasons"),
    (
      "model_version_v1",
      "crypto, model, version, role, reason, created_at, age_days, champion_since, champion_since_earliest, run_id, url, "
        + "observed_at, origin, stage, aliases, status"
    ),
    ("model_observation_v1", "observed_at, origin, models, versions, warnings"),
    ("universe_v1", "crypto, crypto_group"), ("test_dag_v1", "dag_id, has_run"),
    (
      "next_step_v1",
      "crypto, dag_id, run_id, primary_code, runs_in_a_row, exit_criterion, met, next_step, configuration, escalate_to, "
        + "started_at, playbook"
    ),
    (
      "taxonomy_v1",
      "code, taxonomy_version, is_current, layer, severity, condition, meaning, next_step, position"
    ),
    ("golden_signal_v1", "signal, scope, value, unit, status, reason, observed_at"),
    ("global_state_condition_v1", "condition, contributes, status, evidence"),
    ("global_state_v1", "state, since, reasons"),
  ]

  static let verdictColumns =
    "observed_at, dag_id, run_id, task_id, map_index, try_number, latest_attempt, block, crypto, crypto_group, "
    + "logged_group, horizon, timeframe, sl, tp, fold, n_folds, phase, strategy_id, model_version, f1_buy, "
    + "baseline_f1_buy, delta_points, precision_buy, recall_buy, buy_rate, action_rate, std_f1_buy, theta, "
    + "sortino, tp_pct, sl_pct, timeout_pct, n_trades, gates, gates_passed, screening_f1_buy, last_fold_f1_buy, "
    + "screening_gap, n_candidates, n_passed, complete, primary_code, findings, certainty, severity, ml, "
    + "execution, infra, not_evaluated, useful, issue_count, block_end, extras, explanation, taxonomy_version, "
    + "source, line"

  @Test(arguments: columns)
  func columnsAreTheContract(view: String, columns: String) throws {
    let found = try connection.column(
      """
      SELECT attname FROM pg_attribute
      WHERE attrelid = ('diagnostics.' || $1)::regclass AND attnum > 0 ORDER BY attnum
      """, [view])
    #expect(found.compactMap(\.self).joined(separator: ", ") == columns)
  }

  @Test func groupComesFromTheUniverse() throws {
    var log = SampleLog(blocks: 2)
    log.records[0][.group] = .text("btc-core")
    log.records[1][.crypto] = .text("DOGEUSDC")
    try log.store(connection)
    #expect(
      try connection.column(
        """
        SELECT concat_ws('|', crypto, coalesce(crypto_group, '-'), coalesce(logged_group, '-'))
        FROM diagnostics.verdict_v1 ORDER BY block
        """) == ["SOLUSDC|defi|btc-core", "DOGEUSDC|-|-"])
  }

  @Test func screeningGapIsExactAndNeedsBoth() throws {
    var log = SampleLog(blocks: 2)
    log.records[0][.screeningF1Buy] = .decimal(ExactDecimal(coefficient: 9, scale: 1))
    log.records[0][.lastFoldF1Buy] = .decimal(ExactDecimal(coefficient: 60_000_000_000_000_001, scale: 17))
    log.records[1][.screeningF1Buy] = .decimal(ExactDecimal(coefficient: 9, scale: 1))
    try log.store(connection)
    #expect(
      try connection.column("SELECT screening_gap FROM diagnostics.verdict_v1 ORDER BY block")
        == ["0.29999999999999999", nil])
  }

  struct Useful: Sendable, CustomTestStringConvertible {
    var findings: [DiagnosisCode] = [.mlSolid]
    var gates: [Gate]?
    var sortino: ExactDecimal?
    var trades: Int64? = 10
    let gatesPassed: String?
    let useful: String
    let testDescription: String
  }

  /// 3-classification, Runs: findings contain ML_EXPLOITABLE or ML_SOLID and neither ML_UNSTABLE nor
  /// SCREENING_OVERFIT, and all gates passed; without gates, sortino known and not negative.
  static let useful = [
    Useful(sortino: 1, gatesPassed: nil, useful: "t", testDescription: "solid, positive sortino"),
    Useful(
      findings: [.mlExploitable], sortino: 0, gatesPassed: nil, useful: "t",
      testDescription: "exploitable, sortino zero"),
    Useful(sortino: -1, gatesPassed: nil, useful: "f", testDescription: "negative sortino"),
    Useful(sortino: nil, gatesPassed: nil, useful: "f", testDescription: "sortino not known"),
    Useful(sortino: 1, trades: 0, gatesPassed: nil, useful: "f", testDescription: "no trades, so no sortino"),
    Useful(sortino: 1, trades: nil, gatesPassed: nil, useful: "t", testDescription: "trades not known"),
    Useful(
      gates: [Gate(name: "f1", passed: true), Gate(name: "fail", passed: true)], sortino: -1,
      gatesPassed: "t",
      useful: "t", testDescription: "all gates passed, whatever sortino"),
    Useful(
      gates: [Gate(name: "f1", passed: true), Gate(name: "pass", passed: false)], sortino: 1,
      gatesPassed: "f",
      useful: "f", testDescription: "one gate failed"),
    Useful(
      findings: [.mlMarginal], sortino: 1, gatesPassed: nil, useful: "f", testDescription: "only marginal"),
    Useful(findings: [], sortino: 1, gatesPassed: nil, useful: "f", testDescription: "nothing found"),
    Useful(
      findings: [.mlUnstable, .mlSolid], sortino: 1, gatesPassed: nil, useful: "f",
      testDescription: "unstable"),
    Useful(
      findings: [.screeningOverfit, .mlExploitable], sortino: 1, gatesPassed: nil, useful: "f",
      testDescription: "overfit"),
    Useful(
      findings: [.mlSolid, .slTooTight], sortino: 1, gatesPassed: nil, useful: "t",
      testDescription: "another finding does no harm"),
  ]

  @Test(arguments: useful)
  func usefulIsPageThree(example: Useful) throws {
    var record = CorrelationRecord(gates: example.gates)
    record[.sortino] = example.sortino.map { .decimal($0) }
    record[.nTrades] = example.trades.map { .integer($0) }
    var log = SampleLog(record)
    log.verdict.findings = example.findings
    try log.store(connection)
    let row = try connection.query("SELECT gates_passed, useful FROM diagnostics.verdict_v1")
    #expect(row.text(0, 0) == example.gatesPassed)
    #expect(row.text(0, 1) == example.useful)
  }

  /// A log of one attempt at a place of its own.
  private func attempt(
    _ number: Int, task: String = "test_step", map: Int? = nil, state: TaskOutcome.State, stated: Bool = true
  ) -> SampleLog {
    var log = SampleLog(blocks: 1, location: "\(task) \(map ?? -1) \(number)")
    let identity = TaskIdentity(dagID: "d", runID: "r", taskID: task, mapIndex: map, tryNumber: number)
    log.identity = identity
    log.reading.outcomes = [
      AttemptOutcome(
        identity: identity,
        outcome: TaskOutcome(
          state: state, isStated: stated, start: LogTime("2026-03-28T02:00:00Z"),
          end: LogTime("2026-03-28T02:00:01.5Z")))
    ]
    return log
  }

  @Test func latestAttemptIsPerTaskAndMapIndex() throws {
    for log in [
      attempt(2, state: .success), attempt(1, state: .failed), attempt(10, map: 0, state: .success),
      attempt(9, map: 0, state: .failed), attempt(1, map: 1, state: .failed),
      attempt(1, task: "other", state: .success),
    ] {
      try log.store(connection)
    }
    let latest = [
      "other - 1 t", "test_step - 1 f", "test_step - 2 t", "test_step 0 9 f", "test_step 0 10 t",
      "test_step 1 1 t",
    ]
    for view: SQLText in ["diagnostics.verdict_v1", "diagnostics.task_attempt_v1"] {
      #expect(
        try connection.column(
          "SELECT concat_ws(' ', task_id, coalesce(map_index::text, '-'), try_number, latest_attempt) FROM "
            + view
            + " ORDER BY task_id, coalesce(map_index, -1), try_number") == latest)
    }
  }

  @Test func laterAttemptWithoutRecordsOrUnreadableCounts() throws {
    try attempt(1, state: .failed).store(connection)
    #expect(try connection.value("SELECT latest_attempt FROM diagnostics.verdict_v1") == "t")
    var later = attempt(2, state: .unknown)
    later.records = []
    later.reading = StoredReading(status: .failed, programVersion: "1", error: "permission denied")
    try later.store(connection)
    #expect(try connection.value("SELECT latest_attempt FROM diagnostics.verdict_v1") == "f")
  }

  @Test func recordWithoutIdentityHasNoLaterAttempt() throws {
    var log = SampleLog(blocks: 1)
    log.identity = nil
    log.name = "some/file.log"
    try log.store(connection)
    #expect(
      try connection.value(
        "SELECT concat_ws('|', latest_attempt, source, num_nulls(dag_id, run_id, task_id, map_index, try_number)) "
          + "FROM diagnostics.verdict_v1") == "t|some/file.log|5")
    #expect(try connection.value("SELECT count(*) FROM diagnostics.task_attempt_v1") == "0")
  }

  @Test func inferredFailureBecomesARetryOnceALaterAttemptExists() throws {
    try attempt(1, state: .failed, stated: false).store(connection)
    try attempt(2, state: .failed, stated: true).store(connection)
    let states: SQLText = """
      SELECT concat_ws(' ', try_number, state, stated, duration_seconds)
      FROM diagnostics.task_attempt_v1 ORDER BY try_number
      """
    #expect(try connection.column(states) == ["1 up_for_retry f 1.500000", "2 failed t 1.500000"])
    try attempt(3, state: .failed, stated: false).store(connection)
    #expect(
      try connection.column(states) == [
        "1 up_for_retry f 1.500000", "2 failed t 1.500000", "3 failed f 1.500000",
      ])
  }

  @Test func attemptIsOneRowThoughItsTriggererLogsToo() throws {
    let task = attempt(1, state: .deferred)
    var trigger = attempt(1, state: .unknown)
    trigger.location = "trigger"
    trigger.identity?.part = "trigger.7"
    try trigger.store(connection)
    try task.store(connection)
    #expect(try connection.column("SELECT state FROM diagnostics.task_attempt_v1") == ["deferred"])
    #expect(try connection.value("SELECT count(*) FROM corrparse.source") == "2")
  }

  @Test func fileOfSeveralTasksGivesEachRecordItsOwn() throws {
    var log = SampleLog(blocks: 3)
    log.identity = nil
    log.name = "pod.log"
    let first = TaskIdentity(dagID: "d", runID: "r", taskID: "a", tryNumber: 1)
    let second = TaskIdentity(dagID: "d", runID: "r", taskID: "b", mapIndex: 4, tryNumber: 2)
    log.records[0].identity = first
    log.records[1].identity = second
    log.reading.outcomes = [AttemptOutcome(identity: second, outcome: TaskOutcome(state: .success))]
    try log.store(connection)
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', task_id, map_index, try_number, source) FROM diagnostics.verdict_v1 ORDER BY block"
      )
        == ["a 1 pod.log", "b 4 2 pod.log", "pod.log"])
    #expect(
      try connection.column(
        "SELECT concat_ws(' ', task_id, map_index, try_number, state) FROM diagnostics.task_attempt_v1 ORDER BY 1"
      )
        == ["a 1 unknown", "b 4 2 success"])
  }

  @Test func currentTaxonomyDecidesWhatVerdictShows() throws {
    var log = SampleLog(blocks: 1)
    try log.store(connection)
    log.verdict.taxonomyVersion = 2
    try log.store(connection)
    #expect(try connection.column("SELECT taxonomy_version FROM diagnostics.verdict_v1") == ["1"])
    #expect(
      try connection.column("SELECT taxonomy_version FROM diagnostics.verdict_all_v1 ORDER BY 1") == [
        "1", "2",
      ])
    try connection.query("UPDATE corrparse.current_taxonomy SET taxonomy_version = 2")
    #expect(try connection.column("SELECT taxonomy_version FROM diagnostics.verdict_v1") == ["2"])
  }
}

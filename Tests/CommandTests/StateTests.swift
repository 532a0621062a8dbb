import Foundation
import TestSupport
import Testing

@testable import DiagnosticWriter

/// `state`: what it prints and how it ends.
@Suite struct StateTests {
  /// Nothing but a test DAG's run, so that everything else is unknown, and a universe of one crypto.
  private static let rows = """
    DELETE FROM corrparse.universe WHERE crypto <> 'BTCUSDC';
    DELETE FROM corrparse.test_dag WHERE dag_id <> 'launch__discovery';
    INSERT INTO corrparse.source (name, dag_id, run_id, task_id, map_index, try_number, part)
    SELECT 's' || n, 'launch__discovery', 'r' || n, 't', -1, 1, '' FROM generate_series(1, 3) AS n;
    INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
    SELECT source_id, dag_id, run_id, task_id, map_index, try_number, 'success', true,
      '2026-03-28T06:00:00Z', '2026-03-28T07:00:00Z' FROM corrparse.source;
    INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
      dag_id, run_id, task_id, map_index, try_number, crypto, f1_buy, baseline_f1_buy, sortino, gates)
    SELECT source_id, 1, 1, 0, 1, 'explicit', '2026-03-28T06:30:00Z', 'log', dag_id, run_id, task_id, map_index, try_number,
      'BTCUSDC', 0.7, 0.55123456, 0.75, '{"f1": "pass"}' FROM corrparse.source;
    INSERT INTO corrparse.verdict (source_id, block, taxonomy_version, primary_code, findings, certainty, severity, ml, execution,
      infra, not_evaluated, explanation)
    SELECT source_id, 1, 1, 'ML_SOLID', '{ML_SOLID}', 'certain', 'none', 'ML_SOLID', 'clear', 'not_applicable', '[]', ''
    FROM corrparse.source;
    INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct)
    VALUES ('2026-03-28T12:00:00Z', 'o', 0, 0, 10, 10);
    """

  private let database: CommandDatabase

  init() throws {
    database = try CommandDatabase()
  }

  @Test func emptyDatabaseIsUnknown() throws {
    let outcome = try database.run("state")
    #expect(outcome.status == 3)
    #expect(outcome.lines.first?.hasPrefix("UNKNOWN as of 20") == true)
    #expect(outcome.text.contains("  RED     infra_critical         no infra observation\n"))
    #expect(outcome.errorText == "")
  }

  @Test func exitStatusSaysTheState() throws {
    try database.execute(
      Self.rows + "DELETE FROM corrparse.universe; INSERT INTO corrparse.universe VALUES ('BTCUSDC', 'x')")
    // Nothing is stale in a core without cryptos.
    #expect(try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 0)
    // Without a universe nobody knows.
    try database.execute("DELETE FROM corrparse.universe")
    #expect(try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 3)
    try database.execute(
      """
      INSERT INTO corrparse.universe VALUES ('BTCUSDC', 'x'), ('ETHUSDC', 'btc-core');
      UPDATE corrparse.record SET crypto = 'ETHUSDC' WHERE source_id = (SELECT min(source_id) FROM corrparse.source)
      """)
    #expect(try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 0)
    #expect(try database.run("state", "--at", "2026-03-28T13:30:00Z").status == 3)
    #expect(try database.run("state", "--at", "2026-04-01").status == 2)
    try database.execute("UPDATE corrparse.task_outcome SET state = 'failed' WHERE run_id = 'r1'")
    #expect(try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 2)
    try database.execute(
      """
      INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated, started_at, ended_at)
      SELECT source_id, dag_id, 'x' || n, task_id, map_index, try_number, 'success', true, started_at, ended_at
      FROM corrparse.task_outcome CROSS JOIN generate_series(1, 3) AS n WHERE run_id = 'r2'
      """)
    #expect(
      try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 1, "new runs of unknown candidates")
    try database.execute(
      """
      INSERT INTO corrparse.record (source_id, block, line, byte_offset, grammar_version, block_end, observed_at, observed_from,
        dag_id, run_id, task_id, map_index, try_number, n_candidates, n_passed)
      SELECT source_id, 9 + substr(run_id, 2)::int, 1, 1, 1, 'explicit', started_at, 'log', dag_id, run_id, task_id, map_index, try_number, 5, 0
      FROM corrparse.task_outcome WHERE run_id LIKE 'x%'
      """)
    #expect(
      try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 2, "new runs without candidates")
    try database.execute("UPDATE corrparse.task_outcome SET dag_id = 'other' WHERE run_id LIKE 'x%'")
    #expect(try database.run("state", "--at", "2026-03-28T12:30:00Z").status == 1)
  }

  @Test func textIsForPeople() throws {
    try database.execute(Self.rows)
    let outcome = try database.run("state", "--at", "2026-03-28T12:30:00Z")
    #expect(outcome.status == 0)
    #expect(
      outcome.text == """
        GREEN as of 2026-03-28T12:30:00Z, not noted before

        clear
          RED     infra_critical         oom_kills 0, pods_down 0, pvc_pct 10, cpu_pct 10; last seen 2026-03-28T12:00:00Z by o
          ORANGE  success_rate_critical  100 %: 3 of 3 finished runs succeeded
          ORANGE  no_passing_candidates  launch__discovery: 1 of 1 in r3, 1 of 1 in r2, 1 of 1 in r1
          ORANGE  core_crypto_stale      BTCUSDC 0.25 d: last useful strategy 2026-03-28T06:30:00Z
          ORANGE  no_useful_strategy     last useful strategy 2026-03-28T06:30:00Z
          YELLOW  success_rate_low       100 %: 3 of 3 finished runs succeeded
          YELLOW  sortino_negative       BTCUSDC: 0.75 in r3, 0.75 in r2, 0.75 in r1
          YELLOW  crypto_stale           the universe has no crypto outside the core

        platform and pipelines
          infra_health           platform                       -   oom_kills 0, pods_down 0, pvc_pct 10, cpu_pct 10; last seen 2026-03-28T12:00:00Z by o
          pipeline_success_rate  all                        100 %   3 of 3 finished runs succeeded
          pipeline_success_rate  launch__discovery          100 %   3 of 3 finished runs succeeded
          pipeline_latency       launch__discovery         3600 s?  r3 took 3600 s; 2 successful runs before it in 720 h, 5 are needed for its p95

        crypto          delta         gap         std     sortino        sl %   timeout %     fresh d     pending
          BTCUSDC     14.8765*          -?          -?       0.75           -?          -?       0.25           -?

        ! critical   * warning   ? unknown

        next
          Normal operation.
            docs/operations.md#morning-check

        """)
    let colored = try database.run("state", "--at", "2026-03-28T12:30:00Z", "--color", "always")
    #expect(colored.text.hasPrefix("\u{1B}[32mGREEN\u{1B}[0m as of"))
    #expect(colored.text.contains("\u{1B}[33m  14.8765*\u{1B}[0m"))
    #expect(
      colored.text.replacing(try Regex("\u{1B}\\[[0-9;]*m"), with: "") == outcome.text)
  }

  /// Everything of it, however narrow the terminal is.
  @Test(arguments: [80, 120, 200])
  func `no line of state wraps`(columns: Int) throws {
    try database.execute(Self.rows)
    try database.execute(
      """
      INSERT INTO corrparse.universe (crypto, crypto_group)
      SELECT 'ALONGCRYPTOUSDC' || n, 'a group' FROM generate_series(1, 9) AS n;
      """)
    for arguments in [
      ["state"], ["state", "--at", "2026-03-28T12:30:00Z"], ["state", "--at", "2026-05-28"],
    ] {
      let outcome = try Program.finish(database.start(arguments, environment: ["COLUMNS": String(columns)]))
      #expect(outcome.lines.count > 20)
      for line in outcome.lines { #expect(line.count <= columns, "\(line)") }
    }
  }

  @Test func `it ends with what to do`() throws {
    try database.execute(Self.rows)
    // Weeks later the universe's one crypto is stale.
    let outcome = try database.run("state", "--at", "2026-05-28")
    #expect(outcome.status == 2)
    #expect(outcome.text.contains("\nnext\n  core_crypto_stale: The ML owner, within the day"))
    #expect(outcome.text.contains("    docs/operations.md#core_crypto_stale\n"))
    #expect(outcome.lines.last == "  corrparse next says what to do for each crypto.")
    let json = try database.run("state", "--at", "2026-05-28", "--format", "json")
    #expect(
      json.text.contains(
        #""next_steps":[{"condition":"core_crypto_stale","next_step":"The ML owner, within the day"#))
  }

  @Test func jsonIsTheWhole() throws {
    try database.execute(Self.rows)
    let outcome = try database.run("state", "--at", "2026-03-28T12:30:00Z", "--format", "json")
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    let other = try database.run("state", "--at", "2026-03-28T12:30:00Z", "--format", "ndjson")
    #expect(other.text == outcome.text)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any])
    #expect(object["state"] as? String == "GREEN")
    #expect(object["since"] as? String == "2026-03-28T12:30:00Z")
    #expect((object["reasons"] as? [String])?.isEmpty == true)
    #expect((object["conditions"] as? [[String: String]])?.map { $0["status"] == "clear" }.count { $0 } == 8)
    let signals = try #require(object["signals"] as? [[String: Any]])
    #expect(signals.count == 1 + 2 + 1 + 8)
    #expect(
      outcome.text.contains(
        #""signal":"f1_buy_delta_vs_baseline","scope":"BTCUSDC","value":14.876544,"unit":"pts","status":"warning""#
      ))
    #expect(signals.first { $0["signal"] as? String == "sl_pct" }?["value"] == nil)
  }

  /// A monitor needs no more than Grafana does.
  @Test func readersRoleSuffices() throws {
    let outcome = try database.run("state", environment: ["PGOPTIONS": "-c role=corrparse_reader"])
    #expect(outcome.status == 3)
    #expect(outcome.errorText == "")
  }

  @Test func failuresKeepTheirStatus() throws {
    let behind = try CommandDatabase(isMigrated: false)
    #expect(try behind.run("state").status == Status.configuration)
    #expect(try database.run("state", "--at", "yesterday").status == Status.usage)
    #expect(try Program.run("state", "--database", "host=/nonexistent").status == Status.unavailable)
    let full = try Program.start(
      ["state"], environment: ["DATABASE_URL": database.connection()], output: .file("/dev/full"))
    #expect(try Program.finish(full).status == Status.inputOutput)
  }
}

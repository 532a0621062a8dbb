import Foundation
import TestSupport
import Testing

/// `next`: what to do now (manual, sections 6.2 and 9).
@Suite struct NextStepTests {
  private let database: CommandDatabase
  private let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// A run of a day of March 2026, with one block of each text.
  private func run(_ day: Int, _ bodies: String...) throws {
    let blocks = bodies.enumerated().map { TaskLog.block($0.element, second: $0.offset) }.joined()
    let log = (TaskLog.line + blocks + TaskLog.success).replacing("2026-03-28", with: "2026-03-\(day)")
    try files.write(
      log, to: TaskLog.path(run: "manual__2026-03-\(day)T02:00:00+00:00"), modified: 1_774_664_100)
  }

  private func steps() throws -> [String: [String: Any]] {
    let ingested = try database.run("ingest", ".", in: files.path)
    #expect(ingested.status == 0, "\(ingested.errorText)")
    let outcome = try database.run("next", "--format", "ndjson")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    var steps: [String: [String: Any]] = [:]
    for line in outcome.lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      steps[try #require(object["crypto"] as? String)] = object
    }
    return steps
  }

  /// Sortino below 0, the stop-loss hit in 60 % of exits.
  private static func mismatch(
    _ crypto: String, horizon: String = "H3", sl: Int = 60, sortino: String = "-0.5"
  ) -> String {
    "crypto=\(crypto) horizon=\(horizon) f1_buy=0.58 baseline_f1_buy=0.50 sortino=\(sortino) tp_pct=25% sl_pct=\(sl)% timeout_pct=\(75 - sl)%"
  }

  @Test func `three runs in a row without the exit criterion are escalated`() throws {
    for day in 25...27 { try run(day, Self.mismatch("SOLUSDC")) }
    // Another code before them ends the row.
    try run(24, "crypto=SOLUSDC f1_buy=0.49 baseline_f1_buy=0.50")
    let step = try #require(try steps()["SOLUSDC"])
    #expect(step["primary_code"] as? String == "EXECUTION_MISMATCH")
    #expect(step["run_id"] as? String == "manual__2026-03-27T02:00:00+00:00")
    #expect(step["runs_in_a_row"] as? Int == 3)
    #expect(step["exit_criterion"] as? String == "sortino > 0 or sl_pct < 40")
    #expect(step["met"] as? Bool == false)
    #expect(step["escalate_to"] as? String == "ML owner")
    #expect(
      step["configuration"] as? [String: String] == ["crypto": "SOLUSDC", "sl_range": "1.2,1.5,1.8,2.0"])
    let text = try database.run("next", "--crypto", "SOLUSDC")
    #expect(text.text.contains("SOLUSDC  EXECUTION_MISMATCH, in 3 runs in a row\n"))
    #expect(text.text.contains("escalate to the ML owner"))
    #expect(
      text.text.contains(
        #"airflow dags trigger launch__discovery --conf '{"crypto": "SOLUSDC", "sl_range": "1.2,1.5,1.8,2.0"}'"#
      ))
    #expect(text.text.contains("docs/operations.md#EXECUTION_MISMATCH"))
  }

  /// `next` asked for nothing where `state` had a critical signal of the crypto.
  @Test func `a critical signal goes before a diagnosis that asks for little`() throws {
    // Three points over the baseline, and trades that lose: ML_MARGINAL has no action of its own.
    try run(27, "crypto=SOLUSDC horizon=H3 f1_buy=0.53 baseline_f1_buy=0.50 sortino=-0.5")
    let step = try #require(try steps()["SOLUSDC"])
    #expect(step["primary_code"] as? String == "ML_MARGINAL")
    let signals = try #require(step["signals"] as? [[String: Any]])
    #expect(
      signals.contains { $0["signal"] as? String == "sortino" && $0["status"] as? String == "critical" })
    let text = try database.run("next", "--crypto", "SOLUSDC").text
    #expect(text.contains("  critical  best strategy: sortino -0.5"))
    #expect(text.contains("docs/operations.md#sortino"))
    #expect(
      text.contains("  do        See to what is critical first. Of the diagnosis: No action of its own"))
  }

  /// "exit … reached" stood above "do Rerun with …", as if both were asked for.
  @Test func `a reached criterion makes the step an offer`() throws {
    try run(
      27, "crypto=SOLUSDC horizon=H3 sortino=0.7 tp_pct=10% sl_pct=30% timeout_pct=20% n_trades=50")
    let step = try #require(try steps()["SOLUSDC"])
    #expect(step["primary_code"] as? String == "TP_TOO_AMBITIOUS")
    #expect(step["met"] as? Bool == true)
    let text = try database.run("next", "--crypto", "SOLUSDC").text
    #expect(text.contains("  exit      sortino > 0 or sl_pct < 40: reached, the incident is over"))
    #expect(text.contains("  may do    "))
    #expect(!text.contains("  do        "))
  }

  /// "Escalate to the ML owner after three attempts" stood beside "reached, the incident is over".
  @Test func `an incident that is over is escalated to nobody`() throws {
    try run(27, Self.mismatch("SOLUSDC", sl: 30), Self.mismatch("BTCUSDC"))
    _ = try steps()
    let over = try database.run("next", "--crypto", "SOLUSDC").text
    #expect(over.contains("sl_pct < 40: reached, the incident is over"), "\(over)")
    // A Sortino below 0 is critical, and more than 40 % of the exits are timeouts.
    #expect(
      over.contains("cryptos show the same. Rerun with longer horizons."), "\(over)")
    #expect(!over.contains("Escalate to"), "\(over)")
    let open = try database.run("next", "--crypto", "BTCUSDC").text
    #expect(open.contains("Escalate to the ML owner after three attempts without improvement."), "\(open)")
  }

  @Test func `two runs, or a reached criterion, are not escalated`() throws {
    try run(25, Self.mismatch("BTCUSDC"))
    // The criterion was reached in the middle one of BTCUSDC's runs.
    try run(26, Self.mismatch("SOLUSDC"), Self.mismatch("BTCUSDC", sl: 30))
    try run(27, Self.mismatch("SOLUSDC"), Self.mismatch("BTCUSDC"))
    let steps = try steps()
    #expect(steps["SOLUSDC"]?["runs_in_a_row"] as? Int == 2)
    #expect(steps["SOLUSDC"]?["escalate_to"] == nil)
    #expect(steps["BTCUSDC"]?["runs_in_a_row"] as? Int == 3)
    #expect(steps["BTCUSDC"]?["met"] as? Bool == false)
    #expect(steps["BTCUSDC"]?["escalate_to"] == nil)
  }

  @Test func `a run of a group is launched again for the group, each horizon one longer`() throws {
    try run(
      27,
      "crypto=SOLUSDC horizon=H9 f1_buy=0.58 baseline_f1_buy=0.50 sortino=-0.5 tp_pct=10% sl_pct=40% timeout_pct=50%",
      "crypto=ADAUSDC horizon=H2 f1_buy=0.49 baseline_f1_buy=0.50",
      "crypto=ADAUSDC horizon=H99 f1_buy=0.48 baseline_f1_buy=0.50")
    let steps = try steps()
    #expect(
      steps["SOLUSDC"]?["configuration"] as? [String: String]
        == ["group": "defi", "horizons": "H3,H10,H99", "tp_range": "1.5,2.0,2.5"])
    // For ML_USELESS the manual names no configuration.
    #expect(steps["ADAUSDC"]?["primary_code"] as? String == "ML_USELESS")
    #expect(steps["ADAUSDC"]?["configuration"] == nil)
    #expect(steps["ADAUSDC"]?["exit_criterion"] as? String == "delta > 0.15")
    #expect(steps["ADAUSDC"]?["met"] as? Bool == false)
  }

  /// `next` gave the figures of a useful strategy and asked for nothing, as if there were none.
  @Test func `the useful strategies of the last run are named`() throws {
    let body = "crypto=ETHUSDC baseline_f1_buy=0.50 phase=testing"
    try run(26, body + " horizon=H9 f1_buy=0.58 sortino=1 gates=f1:pass")
    try run(
      27, body + " horizon=H6 sl=1.5 tp=3 fold=0 f1_buy=0.574123 sortino=1.497 gates=f1:pass",
      body + " horizon=H5 f1_buy=0.56 gates=f1:pass",
      body + " horizon=H4 f1_buy=0.56 sortino=2 gates=f1:fail",
      body + " horizon=H1 f1_buy=0.51", body + " horizon=H2 f1_buy=0.52", body + " horizon=H3 f1_buy=0.53",
      body + " horizon=H7 f1_buy=0.54")
    let step = try #require(try steps()["ETHUSDC"])
    #expect(step["primary_code"] as? String == "ML_MARGINAL")
    let useful = try #require(step["useful"] as? [[String: Any]])
    #expect(useful.map { $0["horizon"] as? String } == ["H6", "H5"])
    #expect(useful.first?["sortino"] as? Double == 1.497)
    let text = try database.run("next", "--crypto", "ETHUSDC").text
    #expect(
      text.contains(
        "  useful    H6 SL 1.5 TP 3 fold 0 delta 7.4123 pts, Sortino 1.497; H5 delta 6 pts\n"), "\(text)")
    #expect(
      text.contains(
        "  do        See to what is critical first. Of the diagnosis, which is of all strategies of the run: No action"
      ),
      "\(text)")
    #expect(text.contains("manual__2026-03-27T02:00:00+00:00, started 2026-03-27 02:"), "\(text)")
  }

  /// `model_freshness 7.126784648241 d` stood beside `state`'s 7.1267, and `delta > 0.15` beside 1.94 pts.
  @Test func `figures are cut as those of state, and a bound has their unit`() throws {
    try run(27, "crypto=ADAUSDC horizon=H2 f1_buy=0.49 baseline_f1_buy=0.50")
    _ = try steps()
    let text = try database.run("next", "--crypto", "ADAUSDC").text
    #expect(text.contains("  exit      delta > 0.15 (15 pts): not reached"), "\(text)")
    let freshness = try #require(text.firstMatch(of: /model_freshness (\S+) d/)?.output.1)
    #expect(freshness.split(separator: ".").last.map { $0.count <= 4 } == true, "\(freshness)")
  }

  @Test func `a run without candidates gets the extended grid`() throws {
    try run(27, "crypto=XRPUSDC n_candidates=12 n_passed=0 complete=true")
    let step = try #require(try steps()["XRPUSDC"])
    #expect(step["primary_code"] as? String == "NO_CANDIDATES")
    #expect(step["met"] as? Bool == false)
    let configuration = try #require(step["configuration"] as? [String: Any])
    #expect(configuration["crypto"] as? String == "XRPUSDC")
    #expect(configuration["horizons"] as? String == "H1,H2,H3,H4,H5,H6")
    #expect(configuration["sl_range"] as? String == "0.8,1.0,1.2,1.5")
    #expect(configuration["tp_range"] as? String == "1.5,2.0,2.5,3.0")
    #expect(configuration["hpo_trials"] as? Int == 50)
    #expect(configuration["backtest_days"] as? Int == 60)
  }

  @Test func `a crypto of the universe without a run is named`() throws {
    let steps = try steps()
    #expect(Set(steps.keys) == ["BTCUSDC", "ETHUSDC", "SOLUSDC", "ADAUSDC", "BONKUSDC", "XRPUSDC"])
    #expect(steps["BTCUSDC"]?["next_step"] as? String == "No test run of it is known: launch a discovery.")
    #expect(steps["BTCUSDC"]?["runs_in_a_row"] as? Int == 0)
    // `state --format json` was right, and `next --format json` was not.
    #expect(
      try database.run("next", "--format", "json").text == database.run("next", "--format", "ndjson").text)
    let reader = try database.run("next", environment: ["PGOPTIONS": "-c role=corrparse_reader"])
    #expect(reader.status == 0)
    #expect(reader.lines.last == "6 cryptos, 0 with a configuration, 0 to escalate")
  }

  @Test func `a name that a shell would obey is quoted`() throws {
    try database.execute(
      "UPDATE corrparse.universe SET crypto_group = E'd\\'f' WHERE crypto IN ('SOLUSDC', 'ADAUSDC')")
    try run(27, Self.mismatch("SOLUSDC"), Self.mismatch("ADAUSDC"))
    _ = try steps()
    let outcome = try database.run("next", "--crypto", "SOLUSDC")
    #expect(outcome.text.contains(#"--conf '{"group": "d'\''f", "sl_range": "1.2,1.5,1.8,2.0"}'"#))
  }
}

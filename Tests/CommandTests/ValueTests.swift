import TestSupport
import Testing

/// Values on their way from the log to the database: not a digit and not a character is lost
/// (1-correlation-data, Numbers; 4-database, Values in SQL).
@Suite struct ValueTests {
  let database: CommandDatabase

  init() throws { database = try CommandDatabase() }

  private func ingest(_ log: String) throws {
    let outcome = try database.run("ingest", "--stdin", "--source", "x", input: Array(log.utf8))
    #expect(outcome.status == 0)
  }

  /// What Python prints for floats, which binary floating point needs 17 digits for, and the 18 that are kept.
  @Test(arguments: [
    ("0.55123456789012345", "0.55123456789012345"), ("0.10000000000000001", "0.10000000000000001"),
    ("0.30000000000000004", "0.30000000000000004"), ("0.123456789012345678", "0.123456789012345678"),
    ("5.5123456789012345e-01", "0.55123456789012345"), ("1e-05", "0.00001"),
    ("2.2250738585072014e-13", "0.00000000000022250738585072014"),
    ("0.99999999999999999", "0.99999999999999999"),
  ])
  func digitsSurvive(logged: String, stored: String) throws {
    try ingest(TaskLog.block("crypto=SOLUSDC f1_buy=\(logged) sortino=-\(logged)", "theta: \(logged)"))
    #expect(
      try database.column("SELECT concat_ws(' ', f1_buy, sortino, theta) FROM diagnostics.verdict_v1")
        == ["\(stored) -\(stored) \(stored)"])
  }

  /// 0.55 - 0.50 is 0.05 and not more, which binary floating point denies.
  @Test(arguments: [
    ("0.55", "0.50", "ML_MARGINAL", "5"),
    ("0.5500000000000001", "0.50", "ML_EXPLOITABLE", "5.00000000000001"),
    ("0.60", "0.50", "ML_EXPLOITABLE", "10"), ("0.3", "0.1", "ML_SOLID", "20"),
    ("0.1", "0.10", "ML_USELESS", "0"),
    ("0.50000000000000001", "0.5", "ML_MARGINAL", "0.000000000000001"),
  ])
  func thresholdsAreExact(f1: String, baseline: String, code: String, points: String) throws {
    try ingest(TaskLog.block("crypto=SOLUSDC f1_buy=\(f1) baseline_f1_buy=\(baseline)"))
    #expect(
      try database.column("SELECT concat_ws(' ', primary_code, delta_points) FROM diagnostics.verdict_v1")
        == ["\(code) \(points)"])
  }

  /// Text that SQL, COPY, JSON or an array literal would read in its own way.
  @Test func hostileTextIsData() throws {
    let texts = [
      "');DROP--", #"\N"#, #"\."#, #"\\"#, #"{NULL}"#, "$1", "%s", "a'b''c", #"x\ty"#, "…é😀", "NULL", "/*",
      ";",
    ]
    let log = texts.enumerated().map { index, text in
      let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return TaskLog.block(
        "crypto=\"\(quoted)\" strategy_id=\"\(quoted)\" group=\"\(quoted)\"",
        "note=\"\(quoted)\" gates=\"\(quoted):pass\"",
        "tp=\"\(quoted)\"", second: index)
    }.joined()
    try ingest(log)
    // A name holds no quote and no `;` (1-correlation-data, Record). `NULL` is how an absent one is shown.
    let names = texts.map { $0.contains("'") || $0.contains(";") ? "NULL" : $0 }
    for (column, expected) in [
      ("crypto", names), ("strategy_id", names), ("logged_group", names), ("extras ->> 'note'", texts),
      ("(SELECT k FROM jsonb_object_keys(gates) AS k)", texts),
    ] {
      #expect(
        try database.column("SELECT \(column) FROM diagnostics.verdict_v1 ORDER BY block") == expected,
        "\(column)")
    }
    #expect(
      try database.column("SELECT raw FROM diagnostics.issue_v1 WHERE key = 'tp' ORDER BY block").count
        == texts.count)
  }

  /// A name of a source, a task, a file may hold the same.
  @Test func hostileNamesAreData() throws {
    let names = ["');DROP TABLE corrparse.record;--", #"\N"#, #"{"a":1}"#, "x\ty\nz"]
    for name in names {
      let log = Array(TaskLog.finished(blocks: 1).utf8)
      #expect(
        try database.run(
          "ingest", "--stdin", "--dag-id", name, "--run-id", name, "--task-id", name, "--try-number", "1",
          input: log
        ).status == 0)
      #expect(try database.run("ingest", "--stdin", "--source", name, input: log).status == 0)
    }
    for column in ["dag_id", "run_id", "task_id"] {
      #expect(
        try database.column("SELECT \(column) FROM diagnostics.verdict_v1 WHERE dag_id IS NOT NULL").sorted()
          == names.sorted())
    }
    #expect(
      try database.column("SELECT source FROM diagnostics.verdict_v1 WHERE dag_id IS NULL").sorted()
        == names.sorted())
  }

  /// NUL is the one character that PostgreSQL cannot hold; everything else of a JSON line arrives.
  @Test func nulAloneIsDropped() throws {
    try ingest(
      #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","logger":"t","event":"=== CORRELATION DATA ===\n"#
        + #"crypto=A\u0000B note=\"x\u0000\u0001\u0007\u202e\ud83d\ude00y\""}"# + "\n")
    #expect(
      try database.column("SELECT concat_ws(' ', crypto, extras ->> 'note') FROM diagnostics.verdict_v1")
        == ["AB x\u{1}\u{7}\u{202E}😀y"])
  }
}

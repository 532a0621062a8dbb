import Foundation
import TestSupport
import Testing

/// Questions that are answered in the terminal (5-command-line, Questions): of logs by `parse`, of the database by `verdicts`, `runs`, `logs`
/// and `issues`, with the same options.
@Suite struct QuestionTests {
  /// Four records: a mismatch with a tight stop-loss, a useful one, one whose model is useless, one of which too little is known.
  private static let log =
    TaskLog.block(
      "crypto=SOLUSDC horizon=H4 phase=testing",
      "f1_buy=0.58 baseline_f1_buy=0.50 sortino=-0.4 std_f1_buy=0.02",
      "screening_f1_buy=0.5 last_fold_f1_buy=0.5 tp_pct=30% sl_pct=60% timeout_pct=10% gates=f1:pass,sortino:fail",
      second: 1)
    + TaskLog.block(
      "crypto=BTCUSDC horizon=H1 phase=testing",
      "f1_buy=0.65 baseline_f1_buy=0.50 sortino=1.5 std_f1_buy=0.02",
      "screening_f1_buy=0.5 last_fold_f1_buy=0.5 tp_pct=50% sl_pct=30% timeout_pct=20% gates=f1:pass,sortino:pass",
      second: 2)
    + TaskLog.block(
      "crypto=SOLUSDC horizon=H2 phase=testing",
      "f1_buy=0.49 baseline_f1_buy=0.50 sortino=0.3 std_f1_buy=0.02",
      "screening_f1_buy=0.5 last_fold_f1_buy=0.5 tp_pct=50% sl_pct=30% timeout_pct=20% gates=f1:fail",
      second: 3)
    + TaskLog.block("crypto=ETHUSDC horizon=H3 f1_buy=0.49", second: 4) + TaskLog.success

  private let files: Workspace

  init() throws {
    files = try Workspace()
    try files.write(Self.log, to: TaskLog.path(), modified: 1_774_664_100)
  }

  /// Options, and the horizons of the records that are asked for, in the order in which they are to come.
  private static let questions: [([String], [String])] = [
    (["--crypto", "SOLUSDC"], ["H4", "H2"]), (["--crypto", "BTCUSDC,ETHUSDC"], ["H1", "H3"]),
    (["--code", "SL_TOO_TIGHT"], ["H4"]), (["--code", "ml_useless", "--code", "ML_SOLID"], ["H1", "H2"]),
    (["--code", "unclassified"], ["H3"]), (["--severity", "P2"], ["H4", "H2"]),
    (["--severity", "none,P3"], ["H1", "H3"]), (["--certainty", "unclassified"], ["H3"]),
    (["--useful"], ["H1"]), (["--phase", "testing"], ["H4", "H1", "H2"]),
    (["--since", "2026-03-28T02:10:02.123Z", "--until", "2026-03-28T02:10:04Z"], ["H1", "H2"]),
    (["--dag", "launch__discovery"], ["H4", "H1", "H2", "H3"]), (["--dag", "other"], []),
    (["--run", "other"], []),
    (["--sort", "sortino"], ["H4", "H2", "H1", "H3"]),
    (["--sort", "sortino,desc"], ["H1", "H2", "H4", "H3"]),
    (["--sort", "crypto", "--top", "2"], ["H1", "H3"]), (["--top", "1"], ["H4"]),
    (["--sort", "delta_points", "--crypto", "SOLUSDC"], ["H2", "H4"]),
    // Titles of the table, and names of the CSV of parse.
    (["--sort", "DELTA", "--crypto", "SOLUSDC"], ["H2", "H4"]),
    (["--sort", "f1,desc"], ["H1", "H4", "H2", "H3"]),
    (["--sort", "primary", "--top", "1"], ["H4"]), (["--sort", "VERDICT", "--top", "1"], ["H4"]),
  ]

  private static func horizons(_ outcome: Outcome) throws -> [String] {
    try outcome.lines.map { line in
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let record = object["record"] as? [String: Any] ?? object
      return record["horizon"] as? String ?? ""
    }
  }

  @Test func `logs and database answer alike`() throws {
    let database = try CommandDatabase()
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    for (options, expected) in Self.questions {
      let parsed = try Program.finish(
        Program.start(["parse", "--format", "ndjson", "."] + options, in: files.path))
      #expect(parsed.status == 0, "\(options)")
      #expect(try Self.horizons(parsed) == expected, "parse \(options)")
      let stored = try Program.finish(database.start(["verdicts", "--format", "ndjson"] + options))
      #expect(stored.status == 0, "\(options) \(stored.errorText)")
      #expect(try Self.horizons(stored) == expected, "verdicts \(options)")
    }
    let summaries = [
      try Program.run("parse", "--summary", "--format", "csv", ".", in: files.path),
      try database.run("verdicts", "--summary", "--format", "csv"),
    ]
    for summary in summaries {
      #expect(
        summary.lines == [
          "by,name,count", "all,,4", "severity,P2,2", "severity,none,2", "code,EXECUTION_MISMATCH,1",
          "code,ML_SOLID,1", "code,ML_USELESS,1", "code,unclassified,1", "certainty,certain,3",
          "certainty,unclassified,1", "crypto,SOLUSDC,2", "crypto,BTCUSDC,1", "crypto,ETHUSDC,1",
          "useful,yes,1", "not_useful,gates,1",
          "unclassified,baseline_f1_buy absent,1", "unclassified,baseline_f1_buy and sortino absent,1",
          "unclassified,screening_f1_buy and last_fold_f1_buy absent,1", "unclassified,sl_pct absent,1",
          "unclassified,std_f1_buy absent,1", "unclassified,timeout_pct absent,1",
          "unclassified,tp_pct absent,1",
        ])
    }
    // The role of Grafana suffices.
    let reader = try database.run(
      "verdicts", "--top", "1", environment: ["PGOPTIONS": "-c role=corrparse_reader"])
    #expect(reader.status == 0)
    #expect(reader.lines.count == 1)
  }

  @Test(arguments: [
    (["--code", "SL_TOO_TIGTH"], "there is no code SL_TOO_TIGTH; did you mean SL_TOO_TIGHT?"),
    (["--severity", "P7"], "there is no severity P7; did you mean P0"),
    (["--certainty", "certan"], "did you mean certain?"), (["--phase", "tasting"], "did you mean testing?"),
    (["--sort", "sortinoo"], "there is no key to sort by sortinoo; did you mean sortino?"),
    (["--sort", "GATES"], "there is no key to sort by GATES"),
    (["--sort", "verdit"], "did you mean VERDICT?"),
    (["--sort", "sortino,up"], "--sort is KEY or KEY,desc"), (["--top", "0"], "--top is a number from 1 on"),
    (["--summary", "--top", "3"], "--summary counts everything"),
  ])
  func `a filter that names nothing known is a usage error`(options: [String], text: String) throws {
    for command in ["parse", "verdicts"] {
      let outcome = try Program.finish(
        Program.start([command] + options + (command == "parse" ? ["-"] : [])))
      #expect(outcome.status == Status.usage)
      #expect(outcome.errorText.contains(text), "\(outcome.errorText)")
    }
  }

  /// Without a database there was no list of bad logs and issues, and `--summary` counted none.
  @Test func `issues and logs that are not whole are listed without a database`() throws {
    let log =
      "=== END CORRELATION DATA ===\n" + TaskLog.block("crypto=SOLUSDC f1_buy=0,5", second: 1)
      + TaskLog.block("crypto=ETHUSDC sortino=inf", second: 2)
      + TaskLog.success
    let own = try Workspace()
    try own.write(log, to: TaskLog.path())
    try own.write(Gzip.member(Self.log).dropLast(9), to: TaskLog.path(attempt: 2) + ".gz")
    let listed = try Program.run("parse", "--issues", "--format", "ndjson", ".", in: own.path)
    #expect(listed.status == Status.damagedInput)
    let rows = try listed.lines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(
      rows.compactMap { $0["kind"] as? String } == [
        "malformed_number", "non_finite", "orphan_end", "truncated",
      ])
    #expect(rows[0]["key"] as? String == "f1_buy" && rows[0]["raw"] as? String == "0,5")
    #expect(rows[0]["try_number"] as? Int == 1 && rows[3]["try_number"] as? Int == 2)
    let table = try Program.run(
      "parse", "--issues", "--format", "table", "--crypto", "SOLUSDC", ".", in: own.path)
    #expect(table.lines.last == "3 issues; kind: malformed_number 1, orphan_end 1, truncated 1")
    let counts = try Program.run("parse", "--issues", "--summary", "--format", "csv", ".", in: own.path)
    #expect(
      counts.lines == [
        "by,name,count", "all,,4", "kind,malformed_number,1", "kind,non_finite,1", "kind,orphan_end,1",
        "kind,truncated,1", "key,f1_buy,1", "key,sortino,1",
      ])
    let summary = try Program.run("parse", "--summary", "--format", "csv", ".", in: own.path)
    for row in ["issue,malformed_number,1", "issue,orphan_end,1", "log,truncated,1"] {
      #expect(summary.lines.contains(row), "\(summary.text)")
    }
    #expect(try Program.run("parse", "--issues", "--top", "3", ".", in: own.path).status == Status.usage)
  }

  @Test func `a crypto of which there is no record is named with the nearest`() throws {
    let parsed = try Program.run("--crypto", "SOLUSD", ".", in: files.path)
    #expect(parsed.status == 0)
    #expect(parsed.errorText.contains("none of 4 records is asked for\n"))
    #expect(parsed.errorText.contains("there is no record of crypto SOLUSD; did you mean SOLUSDC?"))
    // One of two that is mistyped was silent.
    let both = try Program.run("--crypto", "btcusdc,SOLUSDC", ".", in: files.path)
    #expect(both.lines.count == 2)
    #expect(both.errorText.contains("there is no record of crypto btcusdc; did you mean BTCUSDC"))
    let database = try CommandDatabase()
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    let stored = try database.run("verdicts", "--crypto", "SOLUSD")
    #expect(stored.status == Status.usage)
    #expect(stored.errorText.contains("there is no record of crypto SOLUSD; did you mean SOLUSDC?"))
    // Of the universe, though nothing is known of it.
    #expect(try database.run("verdicts", "--crypto", "BONKUSDC").status == 0)
  }

  @Test func `runs, logs and issues are listed with totals`() throws {
    let database = try CommandDatabase()
    try files.write("nothing\n", to: "stray.log", modified: 1_774_664_100)
    try files.write(
      TaskLog.block("f1_buy=0,5", second: 9), to: TaskLog.path(task: "other"), modified: 1_774_664_100)
    _ = try database.run("ingest", ".", in: files.path)
    let runs = try database.run("runs", "--format", "table")
    #expect(runs.lines.count == 4)
    #expect(runs.lines[2].hasPrefix("1 run; state: "))
    #expect(runs.lines[3].hasPrefix("? in PASSED: no block tells it, or a log was not read to its end"))
    #expect(try database.run("runs", "--crypto", "SOLUSDC", "--format", "csv").lines.count == 2)
    #expect(try database.run("runs", "--by-crypto").lines.count == 3)
    #expect(try database.run("runs", "--code", "ML_USELESS").lines.count == 1)
    #expect(try database.run("runs", "--state", "running").lines.isEmpty)
    let logs = try database.run("logs", "--format", "table")
    #expect(logs.lines.count == 5)
    #expect(logs.lines.last?.hasPrefix("3 logs; status: ") == true)
    #expect(logs.lines.last?.hasSuffix("; task: without identity 1") == true)
    let strays = try database.run("logs", "--status", "without_identity")
    #expect(strays.lines.count == 1)
    #expect(strays.text.contains("stray.log"))
    let issues = try database.run("issues", "--kind", "malformed_number", "--format", "markdown")
    #expect(issues.lines.count == 5)
    #expect(issues.lines.last == "1 issue; kind: malformed\\_number 1")
    #expect(try database.run("issues", "--key", "sortino").lines.isEmpty)
  }
}

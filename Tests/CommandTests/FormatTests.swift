import Diagnosis
import TestSupport
import Testing

/// The formats for people and spreadsheets (5-command-line, Output): nothing breaks out of its cell, nothing
/// acts on a terminal.
@Suite struct FormatTests {
  let files: Workspace

  init() throws { files = try Workspace() }

  /// A record of Airflow 3, whose JSON can carry any character into a value.
  private func jsonLog(_ body: String) -> String {
    #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","logger":"t","event":"=== CORRELATION DATA ===\n\#(body)"}"#
      + "\n"
  }

  @Test func csvCanBeParsedBack() throws {
    try files.write(
      TaskLog.block(
        #"crypto=SOLUSDC f1_buy=0.5512 baseline_f1_buy=0.4871 sortino=-0.32 gates=f1:pass,sortino:fail"#,
        #"note="a, \"b\"" quote="""#)
        + TaskLog.block("crypto=ETHUSDC complete=yes n_candidates=3 n_passed=0", second: 8), to: #"a,"b.log"#)
    let outcome = try Program.run("--format", "csv", #"a,"b.log"#, in: files.path)
    #expect(outcome.status == 0)
    let rows = try CSV.parse(outcome.text)
    #expect(rows.count == 3)
    let names = try #require(rows.first)
    #expect(Set(names).count == names.count)
    let records = rows.dropFirst().map { Dictionary(zip(names, $0)) { first, _ in first } }
    for row in rows { #expect(row.count == names.count) }
    let strategy: [String: String] = [
      "source": #"a,"b.log"#, "line": "1", "offset": "0", "block": "1",
      "observed_at": "2026-03-28T02:10:07.123Z",
      "dag_id": "", "map_index": "", "grammar": "1", "end": "explicit", "crypto": "SOLUSDC",
      "f1_buy": "0.5512",
      "baseline_f1_buy": "0.4871", "sortino": "-0.32", "tp_pct": "",
      "gates": #"{"f1":"pass","sortino":"fail"}"#,
      "extras": #"{"note":"a, \"b\"","quote":""}"#, "issues": "",
      "taxonomy": String(Taxonomy.current.version),
      "primary": "EXECUTION_MISMATCH",
      "certainty": "provisional", "severity": "P2", "findings": "EXECUTION_MISMATCH ML_EXPLOITABLE",
      "ml": "ML_EXPLOITABLE", "execution": "EXECUTION_MISMATCH", "infra": "not_applicable",
      "delta_points": "6.41",
      "not_evaluated": "SCREENING_OVERFIT ML_UNSTABLE SL_TOO_TIGHT TP_TOO_AMBITIOUS HORIZON_TOO_SHORT",
    ]
    for (name, value) in strategy { #expect(records.first?[name] == value, "\(name)") }
    #expect(records.first?["explanation"]?.contains(",") == true)
    #expect(records.last?["complete"] == "true")
    #expect(records.last?["primary"] == "NO_CANDIDATES")
  }

  /// A new field's column would have come between the others (5-command-line, CSV).
  @Test func `the columns of CSV keep their places`() throws {
    let first = """
      source,line,offset,block,observed_at,dag_id,run_id,task_id,map_index,try_number,grammar,end,crypto,group,\
      timeframe,strategy_id,model_version,horizon,phase,fold,sl,tp,n_folds,n_trades,n_candidates,n_passed,\
      oom_kills,pods_down,f1_buy,baseline_f1_buy,precision_buy,recall_buy,buy_rate,action_rate,std_f1_buy,\
      screening_f1_buy,last_fold_f1_buy,theta,sortino,tp_pct,sl_pct,timeout_pct,success_rate,pvc_pct,cpu_pct,\
      complete,gates,extras,issues,taxonomy,primary,certainty,severity,findings,ml,execution,infra,delta_points,\
      not_evaluated,explanation,useful
      """
    let head = try Program.run("--format", "csv", input: Array(TaskLog.block("crypto=SOLUSDC").utf8)).lines
      .first
    #expect(try #require(head).hasPrefix(first))
  }

  private func csvRow(_ arguments: String...) throws -> [String: String] {
    let outcome = try Program.finish(
      Program.start(["--format", "csv"] + arguments, in: files.path))
    #expect(outcome.status == 0)
    let rows = try CSV.parse(outcome.text)
    return Dictionary(zip(try #require(rows.first), try #require(rows.last))) { first, _ in first }
  }

  /// A spreadsheet takes such a text for a formula (OWASP, CSV Injection), and programs want what the log has.
  @Test(arguments: ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=\"a,b\""])
  func csvForSpreadsheetsHasNoFormulasInNames(name: String) throws {
    try files.write(TaskLog.block("crypto=SOLUSDC sortino=-0.32"), to: name)
    let (plain, safe) = (try csvRow("--", name), try csvRow("--csv-safe", "--", name))
    #expect(plain["source"]?.hasPrefix("'") == false)
    #expect(safe["source"] == "'" + (plain["source"] ?? ""))
    // Numbers are no texts.
    #expect(safe["sortino"] == "-0.32")
    #expect(safe.filter { $0.key != "source" } == plain.filter { $0.key != "source" })
  }

  @Test(arguments: ["+1", "-1", "@SUM(A1)"])
  func csvForSpreadsheetsHasNoFormulasInValues(crypto: String) throws {
    try files.write(TaskLog.block("crypto=\(crypto) delta=-1.5"), to: "a.log")
    #expect(try csvRow("a.log")["crypto"] == crypto)
    #expect(try csvRow("--csv-safe", "a.log")["crypto"] == "'" + crypto)
  }

  @Test func csvForSpreadsheetsNamesPathsAndTasksSafely() throws {
    try files.write(
      jsonLog(#"{\"crypto\":\"SOLUSDC\"}"#), to: "=a/" + TaskLog.path(dag: "@dag", run: "-run", task: "+task")
    )
    let outcome = try Program.run("--format", "csv", "--csv-safe", "=a", in: files.path)
    #expect(outcome.lines.last?.hasPrefix("'=a/dag_id=@dag/") == true)
    #expect(outcome.text.contains(",'@dag,'-run,'+task,"))
  }

  @Test func csvSafeNeedsCSV() throws {
    for arguments in [["--csv-safe", "-"], ["--csv-safe", "--format", "table", "-"]] {
      let outcome = try Program.finish(Program.start(arguments))
      #expect(outcome.status == Status.usage)
      #expect(outcome.errorText.contains("--csv-safe needs --format csv"))
    }
  }

  /// GitHub's table rules: a cell ends at a bar without backslash; backslashes and entities are undone in it.
  @Test(arguments: [#"A\B"#, "*_[x](y)_*", "~~gone~~", "<b>", #"a\nb"#])
  func markdownKeepsCellsAndText(crypto: String) throws {
    try files.write(
      TaskLog.block("crypto=\"\(crypto.replacing("\\", with: "\\\\"))\" horizon=H4"), to: "x|y.log")
    let outcome = try Program.run("--format", "markdown", "x|y.log", in: files.path)
    #expect(outcome.lines.dropFirst(3).first == "")
    let rows = outcome.lines.prefix(3).map(Markdown.cells)
    #expect(rows.allSatisfy { $0.count == rows[0].count && $0.count > 10 })
    #expect(rows[1].allSatisfy { $0 == "---" || $0 == "---:" })
    #expect(rows[2].first.map(Markdown.plainText) == crypto)
    #expect(rows[2].last.map(Markdown.plainText) == "x|y.log:1")
    #expect(!outcome.lines[2].contains("~~"))
  }

  /// Each command had one of the two names, and refused the other.
  @Test(arguments: [["parse", "-"], ["explain", "ML_SOLID"]])
  func `json and ndjson are one`(arguments: [String]) throws {
    let log = Array(TaskLog.block("crypto=SOLUSDC f1_buy=0.55").utf8)
    let outcomes = try ["json", "ndjson"].map {
      try Program.finish(Program.start(arguments + ["--format", $0]), input: log)
    }
    #expect(outcomes[0].status == 0, "\(outcomes[0].errorText)")
    #expect(outcomes[0].text.hasPrefix("{"))
    #expect(outcomes[0].text == outcomes[1].text)
  }

  /// A crypto holds no bar, but a file's name can.
  @Test(arguments: ["A|B", "A|\u{301}B", "*_`[x](y)`_*", "&lt;", "|"])
  func `Markdown keeps a file's name`(name: String) throws {
    try files.write(TaskLog.block("crypto=SOLUSDC horizon=H4"), to: name)
    let outcome = try Program.run("--format", "markdown", name, in: files.path)
    #expect(outcome.lines.dropFirst(3).first == "")
    let rows = outcome.lines.prefix(3).map(Markdown.cells)
    #expect(rows.allSatisfy { $0.count == rows[0].count })
    #expect(rows[2].last.map(Markdown.plainText) == "\(name):1")
  }

  /// What a terminal would obey, in values and in names: escapes, C0, C1, DEL, bidi, line separators, NUL.
  static let hostile = [
    "\u{1B}[31mred\u{1B}[0m", "\u{1B}]0;title\u{7}", "\u{1B}]8;;http://x\u{1B}\\y", "\u{9B}31m",
    "\u{9D}0;t\u{9C}",
    "a\u{8}\u{8}b", "\u{7F}", "\u{202E}evil", "\u{2066}x\u{2069}", "\u{200F}", "\u{2028}", "\u{2029}",
    "\u{85}",
    "\u{0}nul", "a\rb", "\u{E0041}tag", "\u{FEFF}",
  ]

  @Test(arguments: hostile, ["table", "csv", "markdown", "ndjson"])
  func terminalsAreNeverAddressed(text: String, format: String) throws {
    let escaped = text.unicodeScalars.map { scalar in
      scalar.value < 0x10000
        ? "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16) : String(scalar)
    }.joined()
    let name = String(text.unicodeScalars.filter { $0 != "\0" }.map { $0 == "/" ? "|" : Character($0) })
    let log = jsonLog(#"crypto=\"A\#(escaped)\" horizon=H4 note=\"\#(escaped)\""#)
    try files.write(log, to: "x\(name).log")
    for arguments in [
      ["--format", format, "x\(name).log"], ["--format", format, "--verbose", "missing\(name)", "."],
    ] {
      let outcome = try Program.finish(Program.start(arguments, in: files.path))
      #expect(outcome.text.contains("H4"))
      for scalar in (outcome.text + outcome.errorText).unicodeScalars where scalar != "\n" {
        switch scalar.properties.generalCategory {
        case .control: Issue.record("U+\(String(scalar.value, radix: 16)) reaches a terminal")
        // JSON is read by programs: it keeps every character that RFC 8259 lets stand (5-command-line,
        // NDJSON).
        case .format, .lineSeparator, .paragraphSeparator:
          if format != "ndjson" { Issue.record("U+\(String(scalar.value, radix: 16)) reaches a terminal") }
        default: break
        }
      }
    }
  }

  /// A control character that is no part of an ANSI sequence is data and shows as what it is.
  @Test func controlCharactersAreShown() throws {
    let log = Array(jsonLog(#"crypto=A\u0007\u202eB horizon=H4"#).utf8)
    for format in ["table", "csv", "markdown"] {
      let text = try Program.run("--format", format, input: log).text
      #expect(text.contains(format == "markdown" ? #"A\\u{7}\\u{202e}B"# : #"A\u{7}\u{202e}B"#))
    }
    #expect(try Program.run(input: log).text.contains("\"crypto\":\"A\\u0007\u{202E}B\""))
  }

  @Test func tableOfTheSections() throws {
    let log =
      TaskLog.block(
        "crypto=SOLUSDC horizon=H4 sl=1.5 tp=2 fold=3", "f1_buy=0.55 baseline_f1_buy=0.50 sortino=1.25",
        "tp_pct=30% sl_pct=40% timeout_pct=30% gates=f1:pass,sortino:fail std_f1_buy=0.02",
        "screening_f1_buy=0.5 last_fold_f1_buy=0.5")
      + TaskLog.block("crypto=ETHUSDC success_rate=0,5", second: 8)
    let outcome = try Program.run("--format", "table", input: Array(log.utf8))
    let rows = outcome.lines.prefix(3).map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(
      outcome.lines.dropFirst(3) == [
        "2 records; severity: P3 1, none 1; code: ML_MARGINAL 1, unclassified 1"
      ])
    #expect(
      rows == [
        [
          "CRYPTO", "HZN", "SL", "TP", "FOLD", "F1", "BASE", "DELTA", "SORTINO", "TP%", "SL%", "TO%", "GATES",
          "SEV",
          "VERDICT", "ALSO", "ISSUES", "AT",
        ],
        [
          "SOLUSDC", "H4", "1.5", "2", "3", "0.55", "0.5", "5", "1.25", "30", "40", "30", "1/2", "P3",
          "ML_MARGINAL", "-",
          "0", "-:1",
        ],
        [
          "ETHUSDC", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "none", "unclassified", "no",
          "rule", "applies", "1",
          "-:7",
        ],
      ])
  }

  /// script(1) runs a command on a terminal of its own.
  @Test func tableOnATerminal() throws {
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: "x.log")
    let outcome = try Program.finish(
      ChildProcess(
        "/usr/bin/script", ["-qec", "'\(Program.path)' x.log", "/dev/null"].map { Array($0.utf8) },
        environment: ["SHELL": "/bin/sh"], folder: files.path))
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("CRYPTO "))
  }
}

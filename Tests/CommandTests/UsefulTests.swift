import TestSupport
import Testing

/// Why a strategy that looks good is not useful (5-command-line, Tables).
@Suite struct UsefulTests {
  private static let good = "f1_buy=0.58 baseline_f1_buy=0.50"

  /// A strategy whose gain is 8 points, what else its block says, the words of ALSO, and the name under which a summary counts it.
  private static let strategies: [(body: String, also: String, counted: String)] = [
    ("sortino=1 gates=f1:pass,sortino:pass", "useful", "useful,yes"),
    ("sortino=1 gates=f1:fail,sortino:pass,n_trades:fail", "f1:fail n_trades:fail", "not_useful,gates"),
    ("sortino=1 phase=screening gates=f1:pass", "screening", "not_useful,screening"),
    ("sortino=1 gates=None", "doubtful", "not_useful,doubtful"),
    ("n_trades=0 sortino=1", "sortino absent", "not_useful,sortino absent"),
    ("sortino=1", "useful", "useful,yes"),
    // The findings beside the primary come first.
    (
      "sortino=1 gates=f1:fail timeout_pct=60% tp_pct=20% sl_pct=20%", "HORIZON_TOO_SHORT f1:fail",
      "not_useful,gates"
    ),
    // Another primary speaks for itself.
    ("sortino=-1 gates=f1:fail", "ML_EXPLOITABLE", "not_useful,gates"),
    ("sortino=1 gates=f1:pass std_f1_buy=0.2", "ML_EXPLOITABLE", "not_useful,ML_UNSTABLE"),
    (
      "sortino=1 gates=f1:pass screening_f1_buy=0.9 last_fold_f1_buy=0.5", "ML_EXPLOITABLE",
      "not_useful,SCREENING_OVERFIT"
    ),
  ]

  /// 11 of 85 strategies were ML_EXPLOITABLE without anything beside, and one of them was useful.
  @Test func `a table says which strategy is useful, and why a good one is not`() throws {
    let files = try Workspace()
    let blocks = Self.strategies.enumerated().map { number, strategy in
      TaskLog.block("crypto=SOLUSDC horizon=H\(number + 1) \(Self.good) \(strategy.body)", second: number)
    }
    try files.write(blocks.joined() + TaskLog.success, to: TaskLog.path())
    let database = try CommandDatabase()
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    let csv = try CSV.parse(Program.run("--format", "csv", ".", in: files.path).text)
    let place = try #require(csv.first?.firstIndex(of: "useful"))
    #expect(
      csv.dropFirst().map { $0[place] } == Self.strategies.map { $0.also == "useful" ? "true" : "false" })
    for arguments in [["parse", "."], ["verdicts"]] {
      let rows = try Program.finish(database.start(arguments + ["--format", "markdown"], in: files.path))
        .lines
        .dropFirst(2).prefix(Self.strategies.count)
      for (row, strategy) in zip(rows, Self.strategies) {
        // Gates come from the database in the order of their names.
        #expect(Set(Self.also(row)) == Set(strategy.also.split(separator: " ").map(String.init)), "\(row)")
      }
      let table = try Program.finish(database.start(arguments + ["--format", "table"], in: files.path))
      #expect(
        table.lines.contains { $0.hasPrefix("useful, or why a good signal is not, in ALSO: NAME:fail") })
      let summary = try Program.finish(
        database.start(arguments + ["--summary", "--format", "csv"], in: files.path)
      ).lines
      for name in Set(Self.strategies.map(\.counted)) {
        let count = Self.strategies.count { $0.counted == name }
        #expect(summary.contains("\(name),\(count)"), "\(name) in \(summary)")
      }
    }
  }

  private static func also(_ row: String) -> [String] {
    let cell = Markdown.plainText(Markdown.cells(row)[15])
    return cell.split(separator: " ").map(String.init)
  }

  /// `none` stood for a good strategy and for one of which nothing is known.
  @Test func `an unclassified record says what it lacks`() throws {
    let log =
      TaskLog.block("crypto=SOLUSDC f1_buy=nan baseline_f1_buy=0.5") + TaskLog.block("note=1", second: 8)
    let lines = try Program.run("--format", "markdown", input: Array(log.utf8)).lines
    #expect(lines[2].contains("| unclassified | f1\\_buy missing\\_value"), "\(lines[2])")
    #expect(lines[3].contains("| unclassified | no rule applies |"), "\(lines[3])")
  }

  /// F1 0.000012 and DELTA -44.6488 were `0.000…` and `-44.6…`.
  @Test func `a number that has no room has fewer places and no mark`() throws {
    let log = TaskLog.block("crypto=SOLUSDC f1_buy=0.000012 baseline_f1_buy=0.4465 sortino=-1234567.5")
    let cells = try Program.run("--format", "table", environment: ["COLUMNS": "120"], input: Array(log.utf8))
      .lines[1]
      .split(separator: " ").map(String.init)
    #expect(cells.contains("0.0000") && cells.contains("-44.64"), "\(cells)")
    #expect(cells.contains("-12345…"), "\(cells)")
  }

  /// Tasks that end alike could not be told apart.
  @Test func `a task that has no room keeps its beginning and its end`() throws {
    let files = try Workspace()
    for task in ["masked.test_step", "killed.test_step"] {
      try files.write(TaskLog.block("crypto=SOLUSDC") + TaskLog.success, to: TaskLog.path(task: task))
    }
    let text = try Program.run("--format", "table", ".", environment: ["COLUMNS": "120"], in: files.path).text
    #expect(text.contains("maske…step:1") && text.contains("kille…step:1"), "\(text)")
  }
}

import Glibc
import TestSupport
import Testing

/// Tables fit the terminal (5-command-line, Output): no row wraps, and what is left out is marked or counted.
@Suite struct TableWidthTests {
  private static let log =
    TaskLog.block(
      "crypto=SOLUSDC horizon=H4 sl=1.5 tp=2 fold=3",
      "f1_buy=0.561234567890123456 baseline_f1_buy=0.50 sortino=-1.2345678901",
      "tp_pct=10% sl_pct=60% timeout_pct=30% gates=f1:pass,sortino:fail", second: 1)
    + TaskLog.block(
      "crypto=\"A-VERY-LONG-NAME-\(String(repeating: "X", count: 100))\" horizon=H4", "note=\"目\"", second: 2)
    + TaskLog.success

  /// What a terminal of so many columns gets, under util-linux's `script`, without its colours.
  private static func lines(
    _ columns: Int, _ command: String, in folder: String, _ environment: [String: String] = [:]
  )
    throws -> [String]
  {
    let terminal = try ChildProcess(
      "/usr/bin/script",
      ["-qec", "stty cols \(columns) && \(command) 2>/dev/null", "/dev/null"].map { Array($0.utf8) },
      environment: environment.merging(["SHELL": "/bin/sh", "TERM": "xterm", "PATH": "/usr/bin:/bin"]) {
        own, _ in own
      },
      folder: folder)
    #expect(try terminal.finish() == .exited(0))
    // CR and LF are one character of a String.
    let text = String(String(decoding: terminal.output, as: UTF8.self).unicodeScalars.filter { $0 != "\r" })
    return text.split(separator: "\n").map { String($0).replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
  }

  @Test(arguments: [80, 120, 200])
  func `no row of parse wraps`(columns: Int) throws {
    let files = try Workspace()
    try files.write(Self.log, to: TaskLog.path(task: "a_group.with.a_long_name.test_step"))
    let lines = try Self.lines(columns, "\(Program.path) .", in: files.path)
    for line in lines { #expect(line.count <= columns, "\(line)") }
    let head = try #require(lines.first)
    for title in ["CRYPTO", "DELTA", "SORTINO", "SEV", "VERDICT", "ALSO"] { #expect(head.contains(title)) }
    #expect(head.contains(" AT") == (columns >= 120))
    #expect(head.contains("TO%") == (columns >= 200))
    try #require(lines.count > 2)
    #expect(lines[1].contains("EXECUTION_MISMATCH?"))
    // The other findings, or how many of them do not fit.
    #expect(lines[1].contains(columns == 80 ? "ML_EXPLOITABLE +2" : "ML_EXPLOITABLE"))
    #expect(lines.contains { $0.hasPrefix("2 records; severity: P2 1, none 1") })
    #expect(lines.contains { $0.hasPrefix("? provisional: a rule that stands above") })
    #expect(lines.contains { $0.hasPrefix("not shown, for want of width: ") } == (columns < 200))
  }

  @Test(arguments: [80, 120, 200])
  func `no row of the lists of the database wraps`(columns: Int) throws {
    let database = try CommandDatabase()
    let files = try Workspace()
    try files.write(Self.log, to: TaskLog.path())
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    for command in ["verdicts", "runs --by-crypto", "logs", "issues"] {
      let lines = try Self.lines(
        columns, "\(Program.path) \(command)", in: files.path, ["DATABASE_URL": database.connection()])
      #expect(lines.count >= 2 || command == "issues", "\(command)")
      for line in lines { #expect(line.count <= columns, "\(command): \(line)") }
    }
  }

  @Test func `P2 without a finding of its own says that Sortino makes it so`() throws {
    let log = TaskLog.block("crypto=A f1_buy=0.53 baseline_f1_buy=0.50 sortino=-1")
    let outcome = try Program.run("--format", "table", input: Array(log.utf8))
    #expect(outcome.lines[1].contains("P2"))
    #expect(outcome.lines[1].contains("ML_MARGINAL"))
    #expect(outcome.lines[1].contains("sortino<0"))
  }
}

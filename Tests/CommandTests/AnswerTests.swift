import TestSupport
import Testing

/// Answers that a fresh user misread, or got none to (5-command-line, Questions).
@Suite struct AnswerTests {
  private let database: CommandDatabase
  private let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// `sortino` was said to be missing where it was infinite: the first key's reason stood for all keys of a rule.
  @Test func `each key of a summary has its own reason`() throws {
    let body = "crypto=SOLUSDC f1_buy=nan baseline_f1_buy=0.5 sortino=inf std_f1_buy=0.01"
    try files.write(TaskLog.block(body) + TaskLog.success, to: TaskLog.path())
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    for summary in [
      try Program.run("parse", "--summary", "--format", "csv", ".", in: files.path),
      try database.run("verdicts", "--summary", "--format", "csv"),
    ] {
      #expect(
        summary.lines.filter { $0.hasPrefix("unclassified") } == [
          "unclassified,f1_buy missing_value,1",
          "unclassified,\"f1_buy missing_value, sortino non_finite\",1",
          "unclassified,screening_f1_buy and last_fold_f1_buy absent,1", "unclassified,sl_pct absent,1",
          "unclassified,timeout_pct absent,1", "unclassified,tp_pct absent,1",
        ], "\(summary.text)")
    }
  }

  /// A delta of 8 points stood beside ML_USELESS: the figures are of the best strategy, the diagnosis is of the run.
  @Test func `next says of which record the figures are`() throws {
    let body = "crypto=SOLUSDC horizon=H3 baseline_f1_buy=0.50"
    try files.write(
      TaskLog.block(body + " f1_buy=0.58 sortino=1.2") + TaskLog.block(body + " f1_buy=0.49", second: 1)
        + TaskLog.block(body + " f1_buy=0.48", second: 2) + TaskLog.success, to: TaskLog.path())
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    let text = try database.run("next").text
    #expect(text.contains("SOLUSDC  ML_USELESS, in the last run\n"), "\(text)")
    #expect(text.contains("  warning   best strategy: f1_buy_delta_vs_baseline 8 pts"), "\(text)")
    #expect(text.contains("A diagnosis is of the whole run: the most frequent of its strategies' primaries"))
  }

  /// `success_rate_low … 50 %` stood under clear, as if that were no matter.
  @Test func `state says why a success rate of a half is not low`() throws {
    for (run, end) in [
      ("a", TaskLog.success), ("b", TaskLog.success.replacing("as SUCCESS", with: "as FAILED")),
    ] {
      try files.write(TaskLog.block("crypto=SOLUSDC f1_buy=0.5") + end, to: TaskLog.path(run: run))
    }
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
    let text = try database.run("state", "--at", "2026-03-28T12:00:00Z").text
    let line = try #require(text.split(separator: "\n").first { $0.contains("success_rate_low") })
    #expect(line.contains("50 %") && line.hasSuffix("; worse than that: success_rate_critical"), "\(text)")
  }

  /// An empty list was the answer.
  @Test(arguments: ["verdicts", "runs", "logs", "issues"])
  func `a window that holds nothing is a usage error`(command: String) throws {
    let outcome = try database.run(command, "--since", "7d", "--until", "30d")
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("the window is empty; give them the other way round"))
  }

  @Test func `a key that no issue is about is answered with the nearest`() throws {
    let outcome = try database.run("issues", "--key", "f1,sotrino,note")
    #expect(outcome.status == 0)
    #expect(outcome.errorText.contains("no issue is about a key f1; did you mean f1_buy?"))
    #expect(outcome.errorText.contains("no issue is about a key sotrino; did you mean sortino?"))
    #expect(outcome.errorText.contains("no issue is about a key note\n"))
    #expect(try !database.run("issues", "--key", "f1_buy").errorText.contains("f1_buy"))
  }
}

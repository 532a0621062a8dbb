import Foundation
import TestSupport
import Testing

/// What a producer lets pass is counted and named, and does not fail (5-command-line, Exit codes).
@Suite struct LintAllowTests {
  private static func block(_ lines: String) -> String {
    "=== CORRELATION DATA ===\n\(lines)\n=== END CORRELATION DATA ===\n"
  }

  private static func lint(_ arguments: [String], _ log: String) throws -> Outcome {
    try Program.finish(
      try Program.start(["lint"] + arguments + ["-"]), input: Array(log.utf8))
  }

  /// The page's recipe for the keys of an event failed, and could not be let pass.
  @Test func `a structured header that is allowed is counted and does not fail`() throws {
    let log =
      #"{"timestamp":"2026-03-28T02:14:07.1Z","level":"info","event":"=== CORRELATION DATA ===","crypto":"SOLUSDC","logger":"airflow.task"}"#
      + "\n"
    #expect(try Self.lint([], log).status == 1)
    let allowed = try Self.lint(["--allow", "structured_header"], log)
    #expect(allowed.status == 0)
    #expect(allowed.text == "")
    #expect(
      allowed.errorText == "corrparse: 1 block in 1 log, 0 findings; allowed: structured_header 1\n")
  }

  @Test func `several rules are allowed, and what others find fails`() throws {
    let log = Self.block("- crypto: SOLUSDC\nf1_buy=x") + Self.block("crypto: BTCUSDC")
    let outcome = try Self.lint(["--allow", "bullet,Colon_Pair"], log)
    #expect(outcome.status == 1)
    #expect(outcome.lines.map { $0.prefix(30) } == ["<stdin>:3:8: malformed_number:"])
    #expect(
      outcome.errorText == "corrparse: 2 blocks in 1 log, 1 finding; allowed: bullet 1, colon_pair 2\n")
  }

  @Test(arguments: [
    (["--allow", "colonpair"], "there is no rule colonpair; did you mean colon_pair?"),
    (["--allow", ""], "--allow names nothing"),
    (
      ["--allow-key", "F1-Buy"],
      "--allow-key names keys of your own, and F1-Buy is a key that corrparse reads"
    ),
    (
      ["--allow-key", "Symbol"],
      "--allow-key names keys of your own, and Symbol is a key that corrparse reads"
    ),
  ])
  func `what cannot be allowed is a usage error`(arguments: [String], text: String) throws {
    let outcome = try Self.lint(arguments, Self.block("sl=1"))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains(text), "\(outcome.errorText)")
  }

  /// 40 of 66 plausible keys of a producer's own failed, and nothing but all nearly known keys could have been let pass.
  @Test func `a key of one's own is allowed in any spelling, and others are found`() throws {
    let log = Self.block("sl=1\nGPU-pct=70\nprecision=0.4\nf1_bu=0.5")
    let outcome = try Self.lint(["--allow-key", "gpu_pct,precision"], log)
    #expect(outcome.status == 1)
    #expect(outcome.lines.map { $0.prefix(35) } == ["<stdin>:5:1: nearly_known_key: f1_b"])
    #expect(outcome.errorText == "corrparse: 1 block in 1 log, 1 finding; allowed: nearly_known_key 2\n")
  }

  @Test func `GitHub gets notices and SARIF suppressions`() throws {
    let log = Self.block("crypto: SOLUSDC\nf1_buy=x")
    let github = try Self.lint(["--allow", "colon_pair", "--format", "github"], log)
    #expect(
      github.lines.map { $0.prefix { $0 != " " } } == ["::notice", "::error"])
    let sarif = try Self.lint(["--allow", "colon_pair", "--format", "sarif"], log)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(sarif.output)) as? [String: Any])
    let run = try #require((document["runs"] as? [[String: Any]])?.first)
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.map { $0["ruleId"] as? String } == ["colon_pair", "malformed_number"])
    #expect(results[0]["suppressions"] as? [[String: String]] == [["kind": "external"]])
    #expect(results[1]["suppressions"] == nil)
  }

  /// Allowed, the finding is no reason for a required key's being missing.
  @Test func `a required key without a value is one finding, and stays one where that value is allowed`()
    throws
  {
    let log = Self.block("crypto=SOLUSDC\nn_candidates=53\nn_passed=0\nf1_buy=None")
    let found = try Self.lint(["--require", "f1_buy"], log)
    #expect(found.lines.map { $0.prefix(35) } == ["<stdin>:5:8: missing_value: f1_buy:"])
    let allowed = try Self.lint(["--require", "f1_buy", "--allow", "missing_value"], log)
    #expect(allowed.status == 1)
    #expect(allowed.lines == ["<stdin>:1:1: missing_key: f1_buy; print the key"])
  }

  /// A misspelt header that is allowed would let an input pass of which nothing is read.
  @Test func `an input without a block fails where its misspelt header is allowed`() throws {
    let outcome = try Self.lint(["--allow", "unrecognised_header"], "## CORRELATION DATA\n")
    #expect(outcome.status == 1)
    #expect(outcome.lines.map { $0.prefix(22) } == ["<stdin>:1:1: no_block:"])
  }

  private static func run(in sarif: Outcome) throws -> [String: Any] {
    let document = try JSONSerialization.jsonObject(with: Data(sarif.output)) as? [String: Any]
    return try #require((document?["runs"] as? [[String: Any]])?.first)
  }

  /// SARIF had neither a result nor an invocation, and GitHub no annotation: the exit status alone told.
  @Test func `an input that cannot be read is told in every format`() throws {
    let files = try Workspace()
    try files.write(Self.block("sl=1"), to: "a.log")
    let sarif = try Program.run("lint", "--format", "sarif", "none.log", "a.log", in: files.path)
    #expect(sarif.status == Status.damagedInput)
    let invocation = try #require((try Self.run(in: sarif)["invocations"] as? [[String: Any]])?.first)
    #expect(invocation["executionSuccessful"] as? Bool == false)
    let notes = try #require(invocation["toolExecutionNotifications"] as? [[String: Any]])
    #expect(notes.count == 1)
    #expect((notes.first?["message"] as? [String: String])?["text"]?.contains("none.log") == true)
    let github = try Program.run("lint", "--format", "github", "none.log", "a.log", in: files.path)
    #expect(
      github.lines.first?.hasPrefix("::error file=none.log,title=unreadable::") == true, "\(github.text)")
    let good = try Program.run("lint", "--format", "sarif", "a.log", in: files.path)
    #expect(
      (try Self.run(in: good)["invocations"] as? [[String: Any]])?.first?["executionSuccessful"] as? Bool
        == true)
  }

  /// The place was a file of the name %3Cstdin%3E.
  @Test func `the standard input is no file of GitHub's and stdin in SARIF`() throws {
    let log = Self.block("f1_buy=x")
    let sarif = try Self.lint(["--format", "sarif"], log)
    #expect(sarif.text.contains(#""artifactLocation":{"uri":"stdin"}"#))
    let github = try Self.lint(["--format", "github"], log)
    #expect(
      github.lines.first?.hasPrefix(
        "::error title=malformed_number::<stdin>:2:8: malformed_number: f1_buy: `x`; ")
        == true, "\(github.text)")
  }
}

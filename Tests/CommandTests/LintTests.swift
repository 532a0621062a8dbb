import Foundation
import TestSupport
import Testing

/// `corrparse lint`: the strict form of the grammar (1-correlation-data; 5-command-line, Commands).
@Suite struct LintTests {
  private static let strict =
    "=== CORRELATION DATA ===\ncrypto=SOLUSDC\nf1_buy=0.55\n=== END CORRELATION DATA ===\n"

  @Test func `a strict block is clean`() throws {
    let outcome = try Program.run("lint", "-", input: Array(Self.strict.utf8))
    #expect(outcome.status == 0)
    #expect(outcome.text == "")
    #expect(outcome.errorText == "corrparse: 1 block in 1 log, 0 findings\n")
  }

  /// A log, and the finding of each line with its place.
  @Test(arguments: [
    ("crypto: SOLUSDC", ["2:1: colon_pair"]),
    ("crypto=SOLUSDC f1_buy=0.55", ["2:1: several_pairs"]),
    ("- crypto=SOLUSDC", ["2:1: bullet"]),
    ("crypto = SOLUSDC", ["2:1: blanks_at_sign"]),
    ("crypto=SOLUSDC\n--- ml ---", ["3:1: section"]),
    ("======\ncrypto=SOLUSDC", ["2:1: banner"]),
    (#"{"crypto":"SOLUSDC"}"#, ["2:1: json_body"]),
    ("crypto=SOLUSDC\nf1_buy=np.float64(0.55)", ["3:1: number_repr"]),
    ("[crypto=SOLUSDC]", ["2:1: section"]),
    ("crypto=SOLUSDC\nf1_buy=0,55", ["3:8: malformed_number: f1_buy"]),
    ("crypto=SOLUSDC\nf1_buy=None", ["3:8: missing_value: f1_buy"]),
    ("crypto=SOLUSDC\nf1_buy=1.5", ["3:8: out_of_range: f1_buy"]),
    (
      "crypto=SOLUSDC\ntp_pct=0.4\nsl_pct=0.3\ntimeout_pct=0.3",
      [
        "3:8: unit_inferred: tp_pct", "4:8: unit_inferred: sl_pct", "5:13: unit_inferred: timeout_pct",
      ]
    ),
    ("", ["1:1: empty_block"]),
  ])
  func `says where a block is not strict`(body: String, findings: [String]) throws {
    let log = "=== CORRELATION DATA ===\n\(body)\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    #expect(outcome.status == 1)
    let lines = outcome.lines.filter { !$0.isEmpty }
    #expect(lines.count == findings.count)
    for (line, finding) in zip(lines, findings) { #expect(line.hasPrefix("<stdin>:" + finding)) }
  }

  @Test func `columns are of the physical line`() throws {
    let workspace = try Workspace()
    let prefix = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
    try workspace.write(
      [prefix + "=== CORRELATION DATA ===", prefix + "f1_buy=x", ""].joined(separator: "\n"), to: "a.log")
    let outcome = try Program.run("lint", workspace("a.log"))
    #expect(outcome.status == 1)
    let column = prefix.utf8.count + 1
    #expect(
      outcome.lines[0].hasPrefix(
        "\(workspace("a.log")):1:\(column): no_end_marker: the end of the log ends it; end the block with"))
    #expect(
      outcome.lines[1].hasPrefix("\(workspace("a.log")):2:\(column + 7): malformed_number: f1_buy: `x`"))
  }

  @Test func `control characters of a log do not reach the terminal`() throws {
    let log = "=== CORRELATION DATA ===\nf1_buy=a\u{9b}31m\u{202e}b\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "--color", "always", "-", input: Array(log.utf8))
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("a\\u{9b}31m\\u{202e}b"))
    #expect(!outcome.text.unicodeScalars.contains { [0x9B, 0x202E].contains($0.value) })
  }

  @Test func `a log that cannot be read is named and the others are checked`() throws {
    let workspace = try Workspace()
    try workspace.write("=== CORRELATION DATA ===\ncrypto: X\n", to: "a.log")
    let outcome = try Program.run("lint", workspace("none.log"), workspace("a.log"))
    #expect(outcome.status == 65)
    #expect(outcome.errorText.contains("none.log"))
    #expect(outcome.text.contains("colon_pair"))
  }

  /// A producer whose program printed nothing had a green CI.
  @Test(arguments: [
    ("", "<stdin>:1:1: no_block: an input without a block; "),
    ("hello\n", "<stdin>:1:1: no_block: an input without a block; "),
    ("## CORRELATION DATA\n", "<stdin>:1:1: unrecognised_header: `## CORRELATION DATA`; "),
  ])
  func `an input without any block fails unless that is allowed`(text: String, finding: String) throws {
    let refused = try Program.run("lint", "-", input: Array(text.utf8))
    #expect(refused.status == 1)
    #expect(refused.lines.count == 1)
    #expect(refused.text.hasPrefix(finding))
    #expect(refused.errorText == "corrparse: 0 blocks in 1 log, 1 finding\n")
    let allowed = try Program.run("lint", "--allow-empty", "-", input: Array(text.utf8))
    #expect(allowed.status == (finding.contains("no_block") ? 0 : 1))
    #expect(!allowed.text.contains("no_block"))
  }

  @Test func `one input without a block among others fails`() throws {
    let workspace = try Workspace()
    try workspace.write(Self.strict, to: "a.log")
    try workspace.write("nothing\n", to: "b.log")
    let outcome = try Program.run("lint", workspace("a.log"), workspace("b.log"))
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 1)
    #expect(outcome.lines[0].hasPrefix("\(workspace("b.log")):1:1: no_block: "))
  }

  /// A key that is nearly known judges nothing, and nobody notices.
  @Test(arguments: [
    ("f1buy", "f1_buy"), ("baseline_f1", "baseline_f1_buy"), ("sortinoo", "sortino"), ("gate", "gates"),
    ("horizn", "horizon"), ("N_Trade", "n_trades"), ("num_trades", "n_trades"),
    ("trades", "n_trades"),
  ])
  func `a key that is nearly known is found`(key: String, known: String) throws {
    let log = "=== CORRELATION DATA ===\ncrypto=SOLUSDC\n\(key)=0.5\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    #expect(outcome.status == 1)
    #expect(
      outcome.lines.first?.hasPrefix("<stdin>:3:1: nearly_known_key: \(key); did you mean \(known)") == true)
  }

  @Test(arguments: ["note", "sortino_ratio", "theta_min", "seed", "precision_sell", "f1_sell"])
  func `a key of the producer's own is clean`(key: String) throws {
    let log = "=== CORRELATION DATA ===\ncrypto=SOLUSDC\n\(key)=0.5\n=== END CORRELATION DATA ===\n"
    #expect(try Program.run("lint", "-", input: Array(log.utf8)).text == "")
  }

  /// Beside a good block it was silent: the block behind the header was lost.
  @Test(arguments: [
    ("=== CORRELATON DATA ===", "1:1", "=== CORRELATION DATA ==="),
    (
      "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - ==== CORRELATIONS DATA ====", "1:48",
      "=== CORRELATION DATA ==="
    ),
    ("=== END CORELATION DATA ===", "1:1", "=== END CORRELATION DATA ==="),
    (#"{"event":"=== CORRELATION DAT ===","level":"info"}"#, "1:11", "=== CORRELATION DATA ==="),
    ("=== END CORRELATION DATA ==", "1:1", "=== END CORRELATION DATA ==="),
  ])
  func `a misspelt header or end marker beside a good block is found, with its own cure`(
    line: String, place: String, cure: String
  ) throws {
    let outcome = try Program.run("lint", "-", input: Array((line + "\n" + Self.strict).utf8))
    #expect(outcome.status == 1)
    #expect(
      outcome.lines.first?.hasPrefix("<stdin>:\(place): unrecognised_header: `") == true, "\(outcome.text)")
    #expect(
      outcome.lines.first?.hasSuffix("`; print \(cure) and nothing else on the line") == true,
      "\(outcome.text)")
    #expect(outcome.lines.count == 1)
  }

  @Test(arguments: [
    "=== CORRELATION MATRIX ===", "=== CORRELATION ===", "=== DATA ===", "a == b", "=== END ===",
  ])
  func `a heading of something else is clean`(line: String) throws {
    #expect(try Program.run("lint", "-", input: Array((line + "\n" + Self.strict).utf8)).text == "")
  }

  /// `parse` gave the header's cure for an end marker.
  @Test func `a broken end marker is not called a header`() throws {
    let log = Self.strict.replacing("DATA ===\n\n", with: "").replacing(
      "END CORRELATION DATA ===", with: "END CORRELATION DATA ==")
    let outcome = try Program.run("parse", "--format", "ndjson", input: Array(log.utf8))
    #expect(outcome.errorText.contains("looks like the end marker of a block and is none"))
    #expect(outcome.errorText.contains("print === END CORRELATION DATA === and nothing else on the line"))
    #expect(!outcome.errorText.contains("looks like the header"))
  }

  /// "print the unit of the table above" was said of a phase.
  @Test(arguments: [
    ("phase=live", "print screening, testing or wfrb"), ("horizon=4", "print H1 … H99"),
    ("f1_buy=1.5", "print a fraction from 0 to 1, or percent points with the percent sign"),
    ("sl=0", "print a number above 0"),
    ("tp_pct=120%", "print percent points from 0 to 100, with the percent sign"),
    ("gates=maybe", "print gates=f1:pass,sortino:fail"), ("complete=perhaps", "print true or false"),
  ])
  func `the cure of a value is what its key takes`(pair: String, cure: String) throws {
    let log = "=== CORRELATION DATA ===\n\(pair)\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    #expect(outcome.lines.first?.hasSuffix("`; \(cure)") == true, "\(outcome.text)")
  }

  @Test func `findings come in the order of the lines`() throws {
    let log =
      "=== CORRELATION DATA ===\nf1_buy=x\n=== END CORRELATION DATA ==\n" + Self.strict
      + "=== CORRELATON DATA ===\n=== CORRELATION DATA ===\nf1_buy=y\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    let lines = outcome.lines.compactMap { $0.split(separator: ":").dropFirst().first.flatMap { Int($0) } }
    #expect(lines == [2, 3, 8, 9, 10])
  }

  /// F1 of 0.55 percent is a slip that no value shows.
  @Test(arguments: [
    ("f1_buy=0.55%", ["2:1: doubtful_percent: f1_buy: `0.55%`; "]), ("f1_buy=55%", []), ("f1_buy=0.0055", []),
    ("std_f1_buy=0.9%", []), ("last_fold_f1_buy=100%\nf1_buy=0.0055", []),
    (
      "tp_pct=0.302%\nsl_pct=0.581%\ntimeout_pct=0.117%",
      [
        "2:1: doubtful_percent: tp_pct: `0.302%`; ", "3:1: doubtful_percent: sl_pct: `0.581%`; ",
        "4:1: doubtful_percent: timeout_pct: `0.117%`; ",
      ]
    ),
    ("tp_pct=0.5%\nsl_pct=60%\ntimeout_pct=39.5%", []),
  ])
  func `a fraction with a percent sign is found`(pairs: String, findings: [String]) throws {
    let log = "=== CORRELATION DATA ===\n\(pairs)\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    let lines = outcome.lines.filter { !$0.isEmpty }
    #expect(lines.count == findings.count, "\(outcome.text)")
    for (line, finding) in zip(lines, findings) { #expect(line.hasPrefix("<stdin>:" + finding)) }
  }

  @Test(arguments: [
    ("f1", "f1_buy"), ("tp_percent", "tp_pct"), ("stop_loss", "sl"), ("takeProfit", "tp"),
    ("ticker", "crypto"), ("cpu", "cpu_pct"),
  ])
  func `another word for a key is found where the key is missing`(key: String, known: String) throws {
    let log = "=== CORRELATION DATA ===\n\(key)=1\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("lint", "-", input: Array(log.utf8))
    #expect(
      outcome.lines.first?.hasPrefix("<stdin>:2:1: nearly_known_key: \(key); did you mean \(known)?") == true,
      "\(outcome.text)")
    let both = log.replacing(
      "\n=== END",
      with: "\n\(known)=\(known == "crypto" ? "X" : "1")\(known.hasSuffix("pct") ? "%" : "")\n=== END")
    #expect(try Program.run("lint", "-", input: Array(both.utf8)).text == "", "\(both)")
  }

  /// The run's own block has no f1_buy, and a CI that asked for it failed on every run.
  @Test func `demanded keys are asked of strategies, and those of a summary of summaries`() throws {
    let log =
      Self.strict + "=== CORRELATION DATA ===\nn_candidates=5\nn_passed=1\n=== END CORRELATION DATA ===\n"
    let strategies = try Program.run(
      "lint", "--require", "f1_buy", "--require", "crypto", "-", input: Array(log.utf8))
    #expect(strategies.status == 0, "\(strategies.text)")
    let summary = try Program.run("lint", "--require", "n_passed,complete", "-", input: Array(log.utf8))
    #expect(summary.lines.filter { !$0.isEmpty }.map { $0.prefix(31) } == ["<stdin>:5:1: missing_key: compl"])
  }

  @Test func `demanded keys may have blanks, any case and any spelling, and have to be there`() throws {
    let text = Array(Self.strict.utf8)
    let outcome = try Program.run("lint", "--require", " f1_buy, Symbol ,sortino_ratio,", "-", input: text)
    #expect(
      outcome.lines.filter { !$0.isEmpty }.map { $0.prefix(33) } == ["<stdin>:1:1: missing_key: sortino"])
    for nothing in ["", " ", ","] {
      let refused = try Program.run("lint", "--require", nothing, "-", input: text)
      #expect(refused.status == Status.usage)
      #expect(refused.errorText.contains("--require names nothing"))
    }
  }

  @Test func `keys and a verdict can be demanded`() throws {
    let outcome = try Program.run(
      "lint", "--require", "f1_buy,baseline_f1_buy,gates", "--require-verdict", "-",
      input: Array(Self.strict.utf8))
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 3)
    #expect(outcome.lines[0].hasPrefix("<stdin>:1:1: missing_key: baseline_f1_buy; "))
    #expect(outcome.lines[1].hasPrefix("<stdin>:1:1: missing_key: gates; "))
    #expect(outcome.lines[2].hasPrefix("<stdin>:1:1: unclassified_block: "))
    let mistyped = try Program.run("lint", "--require", "f1_by", "-", input: Array(Self.strict.utf8))
    #expect(mistyped.status == 64)
    #expect(mistyped.errorText.contains("did you mean f1_buy"))
    let whole =
      "=== CORRELATION DATA ===\ncrypto=SOLUSDC\nf1_buy=0.55\nbaseline_f1_buy=0.50\n=== END CORRELATION DATA ===\n"
    #expect(
      try Program.run("lint", "--require", "f1_buy", "--require-verdict", "-", input: Array(whole.utf8))
        .status == 0)
  }

  @Test func `findings are annotations of GitHub, and SARIF`() throws {
    let files = try Workspace()
    try files.write("=== CORRELATION DATA ===\nf1_buy=5%,x\n=== END CORRELATION DATA ===\n", to: "a,b:c.log")
    try files.write("nothing\n", to: "empty.log")
    let github = try Program.run("lint", "--format", "github", "a,b:c.log", "empty.log", in: files.path)
    #expect(github.status == 1)
    #expect(
      github.lines.first?.hasPrefix(
        "::error file=a%2Cb%3Ac.log,line=2,col=8,title=malformed_number::malformed_number: f1_buy: `5%25,x`; "
      ) == true,
      "\(github.text)")
    #expect(github.lines.last?.hasPrefix("::error file=empty.log,line=1,col=1,title=no_block::") == true)
    let sarif = try Program.run("lint", "--format", "sarif", "a,b:c.log", "empty.log", in: files.path)
    #expect(sarif.status == 1)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(sarif.output)) as? [String: Any])
    #expect(document["version"] as? String == "2.1.0")
    let run = try #require((document["runs"] as? [[String: Any]])?.first)
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.map { $0["ruleId"] as? String } == ["malformed_number", "no_block"])
    let place = (results[0]["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any]
    #expect((place?["artifactLocation"] as? [String: String])?["uri"] == "a%2Cb%3Ac.log")
    #expect((place?["region"] as? [String: Int]) == ["startLine": 2, "startColumn": 8])
    let driver = (run["tool"] as? [String: Any])?["driver"] as? [String: Any]
    let rules = try #require(driver?["rules"] as? [[String: Any]])
    #expect(
      Set(rules.compactMap { $0["id"] as? String }).isSuperset(of: [
        "malformed_number", "no_block", "colon_pair",
      ]))
  }

  @Test func `without a log it is a usage error`() throws {
    #expect(try Program.run("lint").status == 64)
  }

  /// The snippet of docs/correlation-data.md, run as a producer would.
  @Test func `the producer's snippet prints a strict block`() throws {
    let document = try #require(Files.bytes(Repository.path("docs/correlation-data.md")))
    let text = String(decoding: document, as: UTF8.self)
    let snippet = try #require(text.split(separator: "```python\n").dropFirst().first).split(
      separator: "```")[0]
    let python = try ChildProcess("/usr/bin/env", ["python3", "-"].map { Array($0.utf8) })
    try python.write(Array(snippet.utf8))
    #expect(try python.finish() == .exited(0))
    let outcome = try Program.run("lint", "-", input: python.output)
    #expect(outcome.text == "")
    #expect(outcome.errorText.hasPrefix("corrparse: 1 block "))
  }

  /// The issue that an example of the document gives, and the example.
  private static func named(_ example: Substring) -> (kind: Substring, log: Substring)? {
    let parts = example.split(separator: "\n", maxSplits: 1)
    return parts.count == 2 ? (parts[0], parts[1]) : nil
  }

  /// Each example of the document that says what it is.
  @Test func `the examples for producers are what they say`() throws {
    let document = try #require(Files.bytes(Repository.path("docs/correlation-data.md")))
    let text = String(decoding: document, as: UTF8.self)
    let strict = text.split(separator: "```text strict\n").dropFirst().map { $0.split(separator: "```")[0] }
    let loose = text.split(separator: "```text accepted\n").dropFirst().map { $0.split(separator: "```")[0] }
    #expect(strict.count >= 1)
    #expect(loose.count >= 3)
    let wrong = text.split(separator: "```text issue ").dropFirst().map { $0.split(separator: "```")[0] }
    #expect(wrong.count >= 7)
    for example in wrong {
      let (kind, log) = try #require(Self.named(example))
      let parsed = try Program.run("parse", "--format", "ndjson", input: Array(log.utf8))
      #expect(parsed.text.contains("\"kind\":\"\(kind)\""), "\(example)")
      #expect(text.contains("\n`\(kind)`"), "\(kind) is not explained")
    }
    for example in strict {
      #expect(try Program.run("lint", "-", input: Array(example.utf8)).status == 0, "\(example)")
    }
    for example in loose {
      #expect(try Program.run("lint", "-", input: Array(example.utf8)).status == 1, "\(example)")
      let parsed = try Program.run("parse", "--format", "ndjson", input: Array(example.utf8))
      #expect(parsed.text.contains(#""crypto":"SOLUSDC""#), "\(example)")
    }
  }
}

import TestSupport
import Testing

/// Help, version, explanations and usage errors (5-command-line, Commands).
@Suite struct UsageTests {
  @Test func versionNamesGrammarAndTaxonomy() throws {
    let outcome = try Program.run("--version")
    #expect(outcome.status == 0)
    #expect(outcome.text == "corrparse 0.1.0 (grammar 1, taxonomy 1)\n")
    #expect(outcome.errorText == "")
  }

  @Test(arguments: [
    ["--help"], ["parse", "--help"], ["ingest", "--help"], ["backfill", "--help"], ["migrate", "--help"],
    ["explain", "--help"], ["help", "backfill"],
  ])
  func helpHasExamples(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    let command = arguments.first { $0 != "--help" && $0 != "help" } ?? ""
    #expect(outcome.lines.contains { $0.hasPrefix("  ") && $0.contains("corrparse \(command)".trimmed) })
    #expect(outcome.text.contains("Example") || command.isEmpty)
  }

  /// The codes in the order of the table of 3-classification, Rules.
  @Test func explainKnowsEveryCode() throws {
    let codes = [
      "INFRA_SATURATED", "PIPELINE_DEGRADED", "NO_CANDIDATES", "ML_USELESS", "SCREENING_OVERFIT",
      "ML_UNSTABLE",
      "ML_MARGINAL", "EXECUTION_MISMATCH", "ML_EXPLOITABLE", "ML_SOLID", "SL_TOO_TIGHT", "TP_TOO_AMBITIOUS",
      "HORIZON_TOO_SHORT",
    ]
    let all = try Program.run("explain")
    #expect(all.lines.filter { !$0.isEmpty && !$0.hasPrefix(" ") } == codes)
    for code in codes {
      let one = try Program.run("explain", code.lowercased())
      #expect(one.status == 0)
      #expect(one.lines.first == code)
      for part in ["meaning", "condition", "severity", "next step"] { #expect(one.text.contains(part)) }
    }
    #expect(try Program.run("explain", "SL_TOO_TIGHT").text.contains("sl_pct > 50"))
  }

  @Test(arguments: [
    ["--nonsense"], ["--format", "xml"], ["--format"], ["explain", "NO_SUCH_CODE"], ["ingest"],
    ["ingest", "--stdin"], ["ingest", "--stdin", "--dag-id", "d"],
    ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t"],
    ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "-1"],
    ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "x"],
    ["ingest", "--stdin", "--source", "x", "file.log"], ["ingest", "--source", "x", "file.log"],
    ["ingest", "--dag-id", "d", "file.log"], ["backfill"], ["backfill", "--since", "7d"],
    ["backfill", "--since", "soon", "--log-root", "/tmp"],
    ["backfill", "--since", "2026-13-01", "--log-root", "/tmp"],
    ["backfill", "--since", "-1d", "--log-root", "/tmp"],
    ["backfill", "--since", "1d", "--until", "later", "--log-root", "/tmp"], ["migrate", "down"],
  ])
  func usageErrors(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(outcome.text == "")
    #expect(outcome.errorText.contains("Usage:"))
  }

  /// An empty name is no name: two pipes would be one source.
  @Test(arguments: [
    ["--source", ""], ["--dag-id", "", "--run-id", "r", "--task-id", "t", "--try-number", "1"],
    ["--dag-id", "d", "--run-id", "", "--task-id", "t", "--try-number", "1"],
    ["--dag-id", "d", "--run-id", "r", "--task-id", "", "--try-number", "1"],
  ])
  func emptyIdentityIsAUsageError(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(["ingest", "--stdin"] + arguments))
    #expect(outcome.status == Status.usage)
  }

  /// A message repeats what it did not understand; a terminal must not obey it.
  @Test(arguments: ["\u{1B}]0;title\u{7}", "\u{9B}31m", "\u{202E}x"])
  func usageErrorsAddressNoTerminal(text: String) throws {
    for arguments in [
      ["explain", text], ["--format", text], ["--x\(text)"], ["backfill", "--since", text],
    ] {
      let outcome = try Program.finish(Program.start(arguments))
      #expect(outcome.status == Status.usage)
      let unsafe = outcome.errorText.unicodeScalars.filter {
        $0 != "\n" && ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
      }
      #expect(unsafe.isEmpty)
    }
  }

  /// A connection string in the wrong place is repeated without its password.
  @Test(arguments: [
    ["migrate", "postgresql://u:canary@h/db"], ["migrate", "up", "host=h password=canary dbname=x"],
    ["migrate", "up", "host=h password='a canary' dbname=x"],
    ["migrate", "--databse=postgres://u:canary@h/db"],
    ["backfill", "--since", "postgres://u:x/canary@h/db"],
    ["explain", "postgres://h/db?user=u&password=canary"],
    ["--format", "postgres://u:can:ary@canary@h/db"], ["ingest", "--stdin", "postgres://u:canary@h/db"],
  ])
  func usageErrorsShowNoPassword(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(!outcome.errorText.contains("canary"))
  }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}

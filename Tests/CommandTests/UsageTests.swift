import TestSupport
import Testing

/// Help, version, explanations and usage errors (5-command-line, Commands).
@Suite struct UsageTests {
  @Test func versionNamesGrammarAndTaxonomy() throws {
    let outcome = try Program.run("--version")
    #expect(outcome.status == 0)
    let told = /corrparse [0-9][0-9A-Za-z.+~-]* \(grammar 1, taxonomy [0-9]+\)\n/
    #expect(outcome.text.wholeMatch(of: told) != nil)
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
    let section = all.lines.drop { $0 != "code" }.dropFirst().prefix { $0.hasPrefix("  ") }
    #expect(section.map { $0.split(separator: " ").first.map(String.init) } == codes)
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
    ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "0"],
    ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "x"],
    ["ingest", "--stdin", "--source", "x", "file.log"], ["ingest", "--source", "x", "file.log"],
    ["ingest", "--dag-id", "d", "file.log"], ["backfill"], ["backfill", "--since", "7d"],
    ["backfill", "--since", "soon", "--log-root", "/tmp"],
    ["backfill", "--since", "2026-13-01", "--log-root", "/tmp"],
    ["backfill", "--since", "-1d", "--log-root", "/tmp"],
    ["backfill", "--since", "1d", "--until", "later", "--log-root", "/tmp"], ["migrate", "down"],
    ["backfill", "--since", "7d", "--until", "30d", "--log-root", "/tmp"],
    ["backfill", "--since", "2026-03-02", "--until", "2026-03-01", "--log-root", "/tmp"],
    ["backfill", "--since", "7d", "--dag", "", "--log-root", "/tmp"],
  ])
  func usageErrors(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(outcome.text == "")
    #expect(outcome.errorText.contains("Usage:"))
  }

  /// Some are found when the command has been read, and some need a name in front of their own.
  @Test(arguments: [
    (["backfill", "--since", "7d"], "backfill"),
    (["backfill", "--since", "7d", "--log-root", "s3://"], "backfill"),
    (["ingest", "s3:///x"], "ingest"), (["parse", "s3://"], "parse"), (["s3://"], "parse"),
    (["explain", "NO_SUCH_CODE"], "explain"), (["observe", "prometheus"], "observe prometheus"),
    (["universe", "set", "A"], "universe set"), (["--nonsense"], "parse"),
    (["prune", "--before", "365d", "--yes", "--dry-run"], "prune"),
  ])
  func usageErrorsShowTheUsageOfTheirCommand(arguments: [String], command: String) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("\nUsage: corrparse \(command) "))
    #expect(outcome.errorText.contains("See 'corrparse \(command) --help'"))
  }

  /// The value is there, and is wrong: it is not missing.
  @Test(arguments: [
    (["--jobs", "-1"], "--jobs is a number from 1 to 64"),
    (["ingest", "--jobs", "-1", "x"], "--jobs is a number from 1 to 64"),
    (["ingest", "--retries", "-1", "x"], "--retries is a number from 0 to 100"),
    (["report", "--html", "x", "--days", "-1"], "--days is a number from 1 to 366"),
    (["observe", "prometheus", "--timeout", "-1"], "--timeout is a number from 1 to 3600"),
    (["observe", "mlflow"], "name the server with --url or MLFLOW_TRACKING_URI"),
    (["observe", "mlflow", "--url", "http://h", "--user", "u"], "--user and --password-file go together"),
    (["reclassify", "--taxonomy", "-1"], "there is no taxonomy version -1"),
    (
      ["ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "-1"],
      "--try-number counts from 1"
    ),
    (
      [
        "ingest", "--stdin", "--dag-id", "d", "--run-id", "r", "--task-id", "t", "--try-number", "1",
        "--map-index", "-1",
      ], "--map-index counts from 0"
    ), (["backfill", "--since", "-1d", "--log-root", "/tmp"], "The value '-1d' is invalid for '--since"),
    (
      ["backfill", "--since", "9d", "--until", "-1d", "--log-root", "/tmp"],
      "The value '-1d' is invalid for '--until"
    ),
    (
      ["backfill", "--since", "9d", "--shard", "-1/2", "--log-root", "/tmp"],
      "The value '-1/2' is invalid for '--shard"
    ),
    (["state", "--at", "-1d"], "The value '-1d' is invalid for '--at"),
    (["prune", "--before", "-1d"], "The value '-1d' is invalid for '--before"),
  ])
  func negativeValuesAreSaidToBeWrong(arguments: [String], text: String) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("Error: \(text)"))
  }

  /// What was typed is left out of a message where it may be a connection string, and the example in the message is not.
  @Test(arguments: [
    ["s3://"], ["ingest", "s3://bucket", "s3:///x"], ["backfill", "--since", "7d", "--log-root", "s3://"],
  ])
  func bucketIsExplainedByAnExample(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("a bucket is named as s3://bucket/prefix or s3://bucket/key\n"))
  }

  /// Before anything is done; an option wins over it.
  @Test func unknownLogLevelOfTheEnvironmentIsRefused() throws {
    let environment = ["CORRPARSE_LOG_LEVEL": "loud", "DATABASE_URL": "host=/nowhere"]
    for arguments in [["parse"], ["state"], ["migrate", "status"], ["--version"]] {
      let outcome = try Program.finish(Program.start(arguments, environment: environment))
      #expect(outcome.status == Status.configuration)
      #expect(
        outcome.errorText
          == "corrparse: CORRPARSE_LOG_LEVEL is trace, debug, info, notice, warning, error or critical, not 'loud'\n"
      )
    }
    for option in [["--log-level", "debug"], ["--log-level=debug"]] {
      let outcome = try Program.finish(
        Program.start(["migrate", "status"] + option, environment: environment))
      #expect(outcome.status == Status.unavailable)
    }
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

import TestSupport
import Testing

/// One thing that the program writes for people, with a name or value in it that is to be written.
struct TerminalWriter: Sendable, CustomTestStringConvertible {
  let name: String
  /// Whether the hostile text, or what it became, must be in the output: else the writer was not reached.
  let shows: Bool
  let run: @Sendable (Workspace, CommandDatabase?) throws -> Outcome

  var testDescription: String { name }

  /// What a terminal would obey: colours, a title, the beginning of the line, another line, another direction of writing.
  static let hostile =
    "x\u{1B}[31m\u{1B}]0;title\u{7}\u{9B}1m\rR\nINJECTED\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{2028}\u{7F}z"
  /// The same without a line feed, for values that a log can hold.
  static let hostileLine = hostile.replacing("\n", with: "")
  /// The same as JSON.
  static let hostileJSON = hostile.unicodeScalars.map { scalar in
    let digits = String(scalar.value, radix: 16)
    return scalar.value < 0x20 || scalar.value > 0x7E
      ? "\\u" + String(repeating: "0", count: 4 - digits.count) + digits : String(scalar)
  }.joined()

  /// A crypto that no log can name; whoever may write to the database can.
  static let storedCrypto = "c\u{1B}[31m\u{202E}"

  /// A log that names the hostile text wherever a log can.
  static let log =
    "[2026-03-28T02:14:07.123+0000] {test_step.py:88} INFO - === CORRELATION DATA ===\n"
    + #"{"crypto": "\#(hostileJSON)", "strategy_id": "\#(hostileJSON)", "f1_buy": "\#(hostileJSON)", "\#(hostileJSON)": 1}"#
    + "\n=== END CORRELATION DATA ===\n"
    + "[2026-03-28T02:14:08.123+0000] {test_step.py:88} INFO - == CORRELATION DATA \(hostileLine) ==\n"
    + "[2026-03-28T02:14:09.123+0000] {test_step.py:88} INFO - === END CORRELATION DATA \(hostileLine) ===\n"

  /// Its path, with a DAG, run and task of the same name.
  static let path = TaskLog.path(dag: hostile, run: hostile, task: hostile)

  private init(
    _ name: String, shows: Bool = true,
    _ run: @escaping @Sendable (Workspace, CommandDatabase?) throws -> Outcome
  ) {
    self.name = name
    self.shows = shows
    self.run = run
  }

  /// A run on files alone.
  private static func files(_ name: String, shows: Bool = true, _ arguments: String...) -> TerminalWriter {
    TerminalWriter(name, shows: shows) { files, _ in
      try Program.finish(Program.start(arguments, in: files.path))
    }
  }

  /// A run on files with a variable that has the hostile text.
  private static func variable(
    _ variable: String, shows: Bool = true, _ arguments: String...
  ) -> TerminalWriter {
    TerminalWriter("$" + variable, shows: shows) { files, _ in
      try Program.finish(Program.start(arguments, environment: [variable: hostile], in: files.path))
    }
  }

  /// A run on the database.
  private static func database(_ name: String, shows: Bool = true, _ arguments: String...) -> TerminalWriter {
    TerminalWriter(name, shows: shows) { files, database in
      try Program.finish(
        (database ?? CommandDatabase()).start(
          arguments, environment: ["CORRPARSE_LOG_ROOT": files.path], in: files.path))
    }
  }

  /// Every writer that needs no database.
  static let withoutDatabase: [TerminalWriter] = [
    .files("a table", "--format", "table", "."),
    .files("a coloured table", "--format", "table", "--color", "always", path),
    .files("CSV", "--format", "csv", path),
    .files("CSV for spreadsheets", "--format", "csv", "--csv-safe", path),
    .files("Markdown", "--format", "markdown", path), .files("parse -v", "--format", "table", "-v", "."),
    .files("a table that fits", "--format", "table", "--sort", "crypto", path),
    .files("a summary", "--format", "table", "--summary", path),
    .files("a crypto that is not there", shows: false, "--format", "table", "--crypto", hostile, path),
    .files("an unknown code", "--code", hostile, path),
    .files("an unknown sort key", "--sort", hostile, path),
    .files("a missing log", "--format", "table", "no \(hostile)"),
    .files("the nearest name", "--format", "table", "x\(hostile)/missing.log"),
    .files("a fifo", "--format", "table", "fifo \(hostile)"),
    .files("an ignored file", "-v", "--format", "table", "ignored"),
    .files("no log", "--format", "csv", "ignored"), .files("lint", "lint", path),
    .files("lint for GitHub", "lint", "--format", "github", path),
    .files("an unknown key of lint", "lint", "--require", hostile, path),
    .files("lint in colour", "lint", "--color", "always", path),
    .files("lint of a missing log", "lint", "no \(hostile)"),
    .files("lint of an empty log", "lint", "empty \(hostile)"),
    .files("corpus verify", "corpus", "verify", "."),
    .files("corpus update", "corpus", "update", "missing \(hostile)"),
    .files("explain", "explain", hostile), .files("an unknown option", "--\(hostile)"),
    .files("an unknown command", "migrate", hostile), .files("help", "help", hostile),
    .files("an unknown format", "--format", hostile), .files("an unknown time", "prune", "--before", hostile),
    .files("a metrics file", "ingest", "--metrics-file", "no \(hostile)/m", "."),
    .files("a Pushgateway", shows: false, "ingest", "--pushgateway", hostile, "."),
    .files("a line format", shows: false, "--line-format", "%(\(hostile))s"),
    .files("a path template", shows: false, "--path-template", "{{ \(hostile) }}"),
    .files("universe import", "universe", "import", "no \(hostile)"),
    .files("test-dag set", shows: false, "test-dag", "set", hostile),
    .files("universe set", shows: false, "universe", "set", hostile, "defi"),
    .files(
      "a token file", "observe", "prometheus", "--url", "http://localhost:1", "--bearer-token-file", hostile),
    .files("a server's URL", shows: false, "observe", "prometheus", "--url", "http://[\(hostile)"),
    .files("a shard", "backfill", "--since", "1d", "--shard", hostile),
    .files("a database", shows: false, "state", "--database", hostile),
    .variable("CORRPARSE_JOBS", "."), .variable("CORRPARSE_LOG_LEVEL", "."),
    .variable("CORRPARSE_LOG_FORMAT", "."),
    .variable("CORRPARSE_INFLATER", "."), .variable("CORRPARSE_LINE_FORMAT", shows: false, "."),
    .variable("CORRPARSE_PATH_TEMPLATE", shows: false, "."),
    .variable("CORRPARSE_RETRIES", "."),
  ]

  /// Every writer that needs a database.
  static let withDatabase: [TerminalWriter] = [
    .database("ingest", "ingest", "--log-level", "trace", "."),
    .database("ingest of a missing log", "ingest", "no \(hostile)"),
    .database("backfill --dry-run", "backfill", "--since", "2020-01-01", "--dry-run"),
    .database("backfill", "backfill", "--since", "2020-01-01", "--log-level", "trace"),
    .database("backfill of a DAG", "backfill", "--since", "2020-01-01", "--dag", hostile + "2"),
    .database(
      "backfill with progress", shows: false, "backfill", "--since", "2020-01-01", "--progress", "plain"),
    .database("verdicts", "verdicts", "--format", "table"),
    .database("verdicts of a crypto", "verdicts", "--crypto", hostile),
    .database("a summary of verdicts", "verdicts", "--summary", "--format", "csv"),
    .database("a summary of verdicts that fits", "verdicts", "--summary", "--format", "table"),
    .database("verdicts in Markdown", "verdicts", "--format", "markdown"),
    .database("runs", "runs", "--format", "table"),
    .database("runs in Markdown", "runs", "--format", "markdown"),
    .database("runs of a crypto", "runs", "--format", "csv", "--crypto", storedCrypto),
    .database("logs", "logs", "--format", "table"), .database("issues", "issues", "--format", "table"),
    .database("next", "next"), .database("next in colour", "next", "--color", "always"),
    .database("state", "state"), .database("state in colour", "state", "--color", "always"),
    .database("universe list", "universe", "list"),
    .database("universe import", shows: false, "universe", "import", "strange.csv"),
    .database("test-dag list", "test-dag", "list"), .database("migrate status", "migrate", "status"),
    .database("report", "report", "--html", "no \(hostile)/page.html"),
    .database("prune", shows: false, "prune", "--before", "365d"),
    .database("reclassify", shows: false, "reclassify"),
  ]
}

import ArgumentParser
import CorrelationGrammar
import Diagnosis
import DiagnosticWriter
import Ingest
import LogModel
import RecordFormats

/// What the commands of this file have in common.
private let listStatuses = """
  A role that may only read the views suffices.

  Exit status: 0 done, whatever is in the list; 64, 69, 74, 75, 77, 78 as of ingest.
  """

struct VerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdicts",
    abstract: "Print what the database holds of verdicts, by the same filters as parse has for logs.",
    discussion: """
      Verdicts of latest attempts under the current taxonomy version; --all-attempts adds those of earlier attempts. \
      The values are those of diagnostics.verdict_v1.

      Examples:
        corrparse verdicts --severity P1,P2 --since 7d
        corrparse verdicts --crypto SOLUSDC --sort sortino,desc --top 10
        corrparse verdicts --summary --since 2026-03-01
        corrparse verdicts --code SL_TOO_TIGHT --format csv > tight.csv

      \(ListOptions.helpOfKeys(StoredList.verdicts.sortKeys))

      \(listStatuses)
      """)

  @Flag(help: "Count verdicts of earlier attempts too.")
  var allAttempts = false
  @OptionGroup(title: "Which verdicts") var place: PlaceFilter
  @OptionGroup(title: "Which verdicts") var filter: VerdictFilter
  @OptionGroup(title: "How to print") var list: ListOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws { _ = try list.order(among: StoredList.verdicts.sortKeys, VerdictColumns.all) }

  func run() throws {
    var question = StoredQuestion()
    question.verdict = try filter.question()
    place.narrow(&question.verdict)
    question.isWide = allAttempts
    var output = ListOutput(
      .verdicts, columns: VerdictColumns.all, totals: RowTally.totalKinds, options: list)
    try output.write(question, from: database, logging)
  }
}

struct RunsCommand: ParsableCommand {
  private static let states = ["running", "success", "failed", "unknown"]

  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Print DAG runs with their diagnosis, the last one first.",
    discussion: """
      One row for each run; with --crypto or --by-crypto one for each crypto in it, which is what is compared over time. \
      PASSED is how many of the candidates passed; ? is unknown. The values are those of diagnostics.run_diagnosis_v1.

      Examples:
        corrparse runs --since 7d
        corrparse runs --state failed --dag launch__discovery
        corrparse runs --crypto SOLUSDC --top 3

      \(ListOptions.helpOfKeys(StoredList.runs.sortKeys))

      \(listStatuses)
      """)

  @Option(help: "Only in this state: running, success, failed, unknown; several with commas between.")
  var state: [String] = []
  @Flag(help: "A row for each crypto of each run.")
  var byCrypto = false
  @OptionGroup(title: "Which runs") var place: PlaceFilter
  @OptionGroup(title: "Which runs") var filter: DiagnosisFilter
  @OptionGroup(title: "How to print") var list: ListOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws { _ = try question() }

  private func question() throws -> StoredQuestion {
    _ = try list.order(among: StoredList.runs.sortKeys, ListColumns.runs)
    var question = StoredQuestion()
    question.verdict = try filter.question()
    place.narrow(&question.verdict)
    question.words = try Choice.checked(Choice.words(state, of: "--state"), among: Self.states, "state")
    question.isWide = byCrypto
    return question
  }

  func run() throws {
    var output = ListOutput(
      .runs, columns: byCrypto || !filter.crypto.isEmpty ? ListColumns.runs : ListColumns.wholeRuns,
      totals: ["state", "severity", "code"], options: list)
    try output.write(question(), from: database, logging)
  }
}

struct LogsCommand: ParsableCommand {
  private static let statuses = ["complete", "growing", "truncated", "corrupt", "failed", "without_identity"]

  static let configuration = CommandConfiguration(
    commandName: "logs",
    abstract: "Print the ledger: which logs were read, and what came of each.",
    discussion: """
      Statuses: complete; growing, its task still runs or its end is missing; truncated, its gzip ends early; corrupt; \
      failed, nothing of it could be read. without_identity: neither its path nor its lines tell whose it is. Files whose \
      name is no log's are in no ledger: backfill --dry-run names them. The window is of the time at which a log was \
      read. The values are those of diagnostics.ingestion_v1.

      Examples:
        corrparse logs --status failed,truncated,corrupt
        corrparse logs --status without_identity --format csv
        corrparse logs --summary

      \(ListOptions.helpOfKeys(StoredList.logs.sortKeys))

      \(listStatuses)
      """)

  @Option(help: "Only of this status; several with commas between.", completion: .list(LogsCommand.statuses))
  var status: [String] = []
  @OptionGroup(title: "Which logs") var place: PlaceFilter
  @OptionGroup(title: "How to print") var list: ListOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws { _ = try question() }

  private func question() throws -> StoredQuestion {
    _ = try list.order(among: StoredList.logs.sortKeys, ListColumns.logs)
    var question = StoredQuestion()
    place.narrow(&question.verdict)
    question.words = try Choice.checked(Choice.words(status, of: "--status"), among: Self.statuses, "status")
    return question
  }

  func run() throws {
    var output = ListOutput(.logs, columns: ListColumns.logs, totals: ["status", "task"], options: list)
    try output.write(question(), from: database, logging)
  }
}

struct IssuesCommand: ParsableCommand {
  private static let kinds = IssueKind.allCases.map(\.rawValue) + LedgerIssue.allCases.map(\.rawValue)

  static let configuration = CommandConfiguration(
    commandName: "issues",
    abstract: "Print what was wrong with blocks and logs.",
    discussion: """
      corrparse explain KIND says what a kind means and how its producer cures it. The values are those of \
      diagnostics.issue_v1; content_conflict, a log that is not stored because another one of its task attempt is, comes \
      from diagnostics.ingestion_v1.

      Examples:
        corrparse issues --summary --since 7d
        corrparse issues --kind malformed_number --key f1_buy

      \(ListOptions.helpOfKeys(StoredList.issues.sortKeys))

      \(listStatuses)
      """)

  @Option(
    help: "Only of this kind; several with commas between.",
    completion: .list(IssuesCommand.kinds))
  var kind: [String] = []
  @Option(help: "Only about this key; several with commas between.")
  var key: [String] = []
  @OptionGroup(title: "Which issues") var place: PlaceFilter
  @OptionGroup(title: "How to print") var list: ListOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws { _ = try question() }

  private func question() throws -> StoredQuestion {
    _ = try list.order(among: StoredList.issues.sortKeys, ListColumns.issues)
    var question = StoredQuestion()
    place.narrow(&question.verdict)
    question.words = try Choice.checked(Choice.words(kind, of: "--kind"), among: Self.kinds, "kind")
    question.keys = try Choice.words(key, of: "--key").map { KnownKey.canonical($0) ?? $0 }
    return question
  }

  func run() throws {
    var output = ListOutput(.issues, columns: ListColumns.issues, totals: ["kind"], options: list)
    try output.write(question(), from: database, logging)
  }
}

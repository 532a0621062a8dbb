import ArgumentParser
import DiagnosticWriter
import LogModel

struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove what is older than a point in time. Without --yes it only shows what would go.",
    discussion: """
      Whole DAG runs go: a run stays as long as anything in it happened at or after WHEN. With its records, verdicts, \
      issues and task outcomes goes the ledger of its logs, so a backfill that reaches back so far reads them again: \
      remove old logs first. Observations of the platform and of model registries \
      and the history of the global state go by their time.

      What the present is judged by stays, however old: each crypto's first record and last useful strategy; the last three runs of each \
      crypto, of each test DAG and of all of them together; the last run of each other DAG; the newest observations, who was \
      champion of a model, and the state at WHEN with the time it began. Nothing younger than 38 days goes.

      Examples:
        corrparse prune --before 365d
        corrparse prune --before 2026-01-01 --yes

      Exit status: 0 done; 69 database unreachable; 75 try again later; 77 missing rights; 78 schema and program \
      do not fit.
      """)

  @Option(parsing: .unconditional, help: "An ISO date, a timestamp, or an age (365d). At least 38 days ago.")
  var before: TimeArgument

  @Flag(help: "Remove it.")
  var yes = false

  @Flag(help: "Only show what would go; so it is without --yes, too.")
  var dryRun = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    let latest = LogTime(microseconds: LogTime.now.microseconds - Pruner.leastDays * 86_400_000_000)
    guard before.time <= latest else {
      throw ValidationError(
        "--before \(before.time) is less than \(Pruner.leastDays) days ago, and signals and state are judged by what happened since; "
          + "give \(Pruner.leastDays)d or an earlier time")
    }
    guard !(yes && dryRun) else { throw ValidationError("give either --yes or --dry-run") }
  }

  func run() throws {
    var output = StandardOutput()
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try database.connectToSchema(logging.makeLogger())
      let pruner = Pruner(connection)
      let summary = try yes ? pruner.run(before: before.time) : pruner.plan(before: before.time)
      output.line(Self.text(of: summary, yes ? "removed" : "would remove", before.time))
      if !yes, !summary.isEmpty {
        Diagnostics.say("nothing was removed; give --yes to remove it", .notice)
      }
      if summary.kept > 0 {
        Diagnostics.say(
          "\(Amount.of(summary.kept, "older source")) \(summary.kept == 1 ? "stays" : "stay"): the present is judged by "
            + "\(summary.kept == 1 ? "it, or its run" : "them, or their runs") went on after that time",
          .notice)
      }
    }
    try output.closeOrExit()
  }

  private static func text(of summary: Pruner.Summary, _ verb: String, _ time: LogTime) -> StyledText {
    """
    \(verb) what happened before \(time): \(summary.sources) sources with \(summary.logs) ledger rows, \
    \(summary.records) records, \(summary.verdicts) verdicts, \(summary.issues) issues, \(summary.outcomes) task outcomes; \
    \(summary.observations) infra observations, \(summary.states) states of the history, \(summary.registries) observations of model registries
    """
  }
}

import TestSupport
import Testing

/// An empty answer says why it is empty (5-command-line, Questions).
@Suite struct EmptyAnswerTests {
  private let database: CommandDatabase
  private let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
    try files.write(
      TaskLog.block("crypto=SOLUSDC f1_buy=0.53 baseline_f1_buy=0.50 gates=f1:fail", second: 1)
        + TaskLog.block("crypto=XRPUSDC f1_buy=0.53 baseline_f1_buy=0.50 gates=f1:fail", second: 2)
        + TaskLog.success,
      to: TaskLog.path(), modified: 1_774_664_100)
    #expect(try database.run("ingest", ".", in: files.path).status == 0)
  }

  /// `backfill --since 7d` stored the logs, and `verdicts --since 7d` printed nothing and ended with 0.
  @Test(arguments: [
    (
      "verdicts",
      "0 of 2 verdicts; the newest is of 2026-03-28T02:10:02.123Z; --since is of the time of the record"
    ),
    ("runs", "0 of 1 run; the newest is of 2026-03-28T02:10:01.123Z; --since is of the start of the run"),
    ("issues", "the database holds no issue at all"),
  ])
  func `a window without anything says how old the newest is`(command: String, text: String) throws {
    let outcome = try database.run(command, "--since", "2026-06-01")
    #expect(outcome.status == 0)
    #expect(outcome.text == "")
    #expect(outcome.errorText.contains("corrparse: \(text)"), "\(outcome.errorText)")
    let summary = try database.run(command, "--since", "2026-06-01", "--summary")
    #expect(summary.errorText.contains("corrparse: \(text)"))
  }

  @Test func `parse says so too`() throws {
    let outcome = try Program.run("parse", "--since", "2026-06-01", ".", in: files.path)
    #expect(outcome.status == 0)
    #expect(
      outcome.errorText.contains(
        "none of 2 records is asked for; the newest is of 2026-03-28T02:10:02.123Z; --since is of the time of the record, not of the file"
      ), "\(outcome.errorText)")
  }

  @Test func `an empty database says that it is empty`() throws {
    let empty = try CommandDatabase()
    let outcome = try empty.run("verdicts")
    #expect(outcome.status == 0)
    #expect(
      outcome.errorText.contains(
        "the database holds no verdict at all; corrparse backfill and ingest fill it"))
  }

  /// A typing mistake in `--dag` or `--run` was an empty list.
  @Test(arguments: ["parse", "verdicts", "runs", "logs", "issues"])
  func `a DAG and a run that nothing is known of are answered with the nearest`(command: String) throws {
    let rest = command == "parse" ? ["."] : []
    let dag = try Program.finish(
      database.start([command, "--dag", "lunch__discovery"] + rest, in: files.path))
    #expect(dag.status == 0)
    let noun = command == "parse" ? "no record of DAG" : "no DAG"
    #expect(
      dag.errorText.contains("there is \(noun) lunch__discovery; did you mean launch__discovery?"),
      "\(dag.errorText)")
    let run = try Program.finish(
      database.start([command, "--run", "manual__2026-03-28"] + rest, in: files.path))
    #expect(run.errorText.contains("; did you mean manual__2026-03-28T02:00:00+00:00?"), "\(run.errorText)")
    // One of two that is mistyped is named as well.
    let both = try Program.finish(
      database.start(
        [command, "--dag", "launch__discovery", "--dag", "launch__discover"] + rest, in: files.path))
    #expect(both.errorText.contains("launch__discover; did you mean"), "\(both.errorText)")
  }

  @Test(arguments: ["verdicts", "next"])
  func `the beginning of a crypto's name suffices for a suggestion`(command: String) throws {
    let outcome = try database.run(command, "--crypto", "sol")
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("there is no record of crypto sol; did you mean SOLUSDC?"))
    #expect(
      try database.run(command, "--crypto", "QQQ").errorText.contains("; cryptos there are SOLUSDC, XRPUSDC"))
  }

  /// P1 and NO_CANDIDATES are said of runs, also where no block has them.
  @Test func `verdicts that there are none of name the runs that have the code`() throws {
    let outcome = try database.run("verdicts", "--code", "NO_CANDIDATES")
    #expect(outcome.errorText.contains("0 of 2 verdicts\n"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("1 run has that: corrparse runs --code NO_CANDIDATES\n"))
    #expect(
      try database.run("verdicts", "--severity", "P1").errorText.contains(
        "1 run has that: corrparse runs --severity P1"))
    #expect(try !database.run("verdicts", "--code", "ML_SOLID").errorText.contains("corrparse runs"))
  }

  @Test func `an instant to come is said to be one`() throws {
    let outcome = try database.run("state", "--at", "2126-01-01")
    #expect(outcome.errorText.contains("--at 2126-01-01T00:00:00Z is still to come"))
  }
}

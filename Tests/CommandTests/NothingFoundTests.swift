import TestSupport
import Testing

/// A run that finds nothing of what it was to find says so, with where it looked and what it saw (2-log-envelopes, Folders and
/// links).
@Suite struct NothingFoundTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let old = 1_773_100_800

  private func warnings(_ outcome: Outcome) -> [String] {
    outcome.errorText.split(separator: "\n").filter { !$0.contains(" read, ") }.map(String.init)
  }

  @Test func `a folder without a log names the files that are there instead`() throws {
    for name in ["a.txt", "b/task.out", "c.json", "d.LOG"] { try files.write("x\n", to: name) }
    let ingested = try database.run("ingest", files.path)
    let parsed = try Program.run("parse", files.path)
    for outcome in [ingested, parsed] {
      #expect(outcome.status == 0)
      for part in [
        "no log was found in \(files.path)", "4 files there have other names", "a.txt, b/task.out, c.json, …",
      ] {
        #expect(outcome.errorText.contains(part), "\(part) in \(outcome.errorText)")
      }
    }
    #expect(ingested.summary.contains("; 4 files ignored; "))
    let plan = try database.run("backfill", "--since", "7d", "--dry-run", "--log-root", files.path)
    #expect(plan.errorText.contains("4 files there have other names (a.txt, b/task.out, c.json, …)"))
  }

  /// They were counted as ignored, beside logs that were read, and nobody knew which.
  @Test func `files that are nearly logs are named, with what to do`() throws {
    let log = TaskLog.finished(blocks: 1)
    try files.write(log, to: TaskLog.path())
    let folder = TaskLog.path().replacing("attempt=1.log", with: "")
    for name in ["attempt=1.log.1.gz", "attempt=2.log.gz.1", "attempt=3.log.zst", "attempt=4.log.1"] {
      try files.write("x\n", to: folder + name)
    }
    try files.write("x\n", to: folder + "notes.txt")
    try files.write(log, to: folder + "attempt=1.log.1")
    let parsed = try Program.run("parse", "-v", ".", in: files.path)
    let ingested = try database.run("ingest", files.path)
    for outcome in [parsed, ingested] {
      #expect(
        outcome.errorText.contains("4 files are not read, whose names are nearly a log's ("),
        "\(outcome.errorText)")
      #expect(outcome.errorText.contains("attempt=1.log.1.gz, "))
      #expect(outcome.errorText.contains("attempt=3.log.zst, …): a log is ….log or ….log.gz"))
    }
    #expect(parsed.errorText.contains("notes.txt: passed over: not a log's name"))
    #expect(parsed.errorText.contains("attempt=1.log: read behind its rotated parts .1\n"))
  }

  /// They were passed over without a word; only -v said so.
  @Test func `files with other names beside logs are counted`() throws {
    try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path())
    for name in ["cut.gz", "nosuffix"] { try files.write(TaskLog.finished(blocks: 1), to: name) }
    let parsed = try Program.run("parse", ".", in: files.path)
    #expect(parsed.lines.count == 1)
    #expect(
      parsed.errorText
        == "corrparse: 2 files passed over, whose names are no logs' (….log, ….log.gz): corrparse parse -v names them, and a file that is named is read whatever its name\n"
    )
    #expect(try Program.run("parse", "-v", ".", in: files.path).errorText.contains("cut.gz: passed over"))
    #expect(try Program.run("parse", "cut.gz", in: files.path).errorText == "")
  }

  @Test func `a log without a block is said to have none`() throws {
    try files.write(TaskLog.line + TaskLog.success, to: TaskLog.path(), modified: Self.old)
    for outcome in [try database.run("ingest", files.path), try Program.run("parse", files.path)] {
      #expect(outcome.status == 0)
      #expect(
        outcome.errorText.contains(
          "no CORRELATION DATA block was found in 1 log (\(files.path)); recognised: airflow2-text"))
    }
    // Nothing new is no news.
    let again = try database.run("ingest", files.path)
    #expect(again.summary.contains("1 unchanged"))
    #expect(warnings(again) == [])
    let piped = try Program.run(input: Array("hello\n".utf8))
    #expect(piped.status == 0)
    #expect(piped.errorText.contains("no CORRELATION DATA block was found in 1 log (the standard input)"))
  }

  @Test func `a log with a block brings no warning`() throws {
    try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path())
    #expect(warnings(try database.run("ingest", files.path)) == [])
    #expect(try Program.run("parse", files.path).errorText == "")
  }

  @Test func `a DAG that no log is of is named with the DAGs that are there`() throws {
    try files.write(TaskLog.finished(blocks: 1), to: TaskLog.path(dag: "launch__backtesting"))
    let other = try database.run(
      "backfill", "--since", "2000-01-01", "--log-root", files.path, "--dag", "launch__discovry")
    #expect(other.status == 0)
    #expect(
      other.errorText.contains(
        "no log of the DAG launch__discovry was found among 1 log in \(files.path): the DAGs there are launch__backtesting"
      ))
    let several = try database.run(
      "backfill", "--since", "2000-01-01", "--log-root", files.path, "--dag", "b", "--dag", "a")
    #expect(several.errorText.contains("no log of the DAGs a, b was found among 1 log in"))
    let late = try database.run("backfill", "--since", "2090-01-01", "--log-root", files.path)
    #expect(late.errorText.contains("none of 1 log in \(files.path) is in the window"))
  }

  @Test func `logs of another layout are counted, and --path-template tells whose they are`() throws {
    let path = "launch__discovery/r1/test_step/4/2.log"
    let bare = TaskLog.line + TaskLog.block("crypto=SOLUSDC f1_buy=0.5")
    try files.write(bare, to: path)
    let template =
      "{{ ti.dag_id }}/{{ ti.run_id }}/{{ ti.task_id }}/{% if ti.map_index >= 0 %}{{ ti.map_index }}/{% endif %}{{ try_number }}.log"
    let without = try database.run("ingest", files.path)
    #expect(without.summary.contains("; 1 log without task; "))
    #expect(without.errorText.contains("1 log names no task"))
    #expect(without.errorText.contains("--path-template"))
    #expect(without.errorText.contains("by lines (\(files(path)))"))
    // An hour later, and nothing was said any more.
    let again = try database.run("ingest", files.path)
    #expect(again.summary.contains("0 logs read, 1 unchanged"))
    #expect(again.summary.contains("; 1 log without task; "))
    #expect(again.errorText.contains("1 log names no task, neither by path nor by lines (\(files(path)))"))
    let with = try database.run("ingest", "--force", "--path-template", template, files.path)
    #expect(with.status == 0)
    #expect(!with.errorText.contains("without task"))
    let query =
      "SELECT concat_ws(' ', dag_id, run_id, task_id, map_index, try_number) FROM diagnostics.verdict_v1"
    #expect(try database.column(query) == ["launch__discovery r1 test_step 4 2"])
    let parsed = try Program.run("parse", files.path, environment: ["CORRPARSE_PATH_TEMPLATE": template])
    #expect(
      parsed.text.contains(
        #""task":{"dag_id":"launch__discovery","run_id":"r1","task_id":"test_step","map_index":4,"try_number":2}"#
      ))
    let wrong = try Program.run("parse", "--path-template", "{{ ti.dag_id }}.log", files.path)
    #expect(wrong.status == Status.usage)
    #expect(wrong.errorText.contains("--path-template: it has no {{ ti.task_id }}"))
    let environment = try Program.run("parse", files.path, environment: ["CORRPARSE_PATH_TEMPLATE": "{{"])
    #expect(environment.status == Status.configuration)
  }

  /// Issue 20, item 10: "none" stood for both.
  @Test func `the summary tells all clear from unclassified, and counts records without fields`() throws {
    let clear = "crypto=SOLUSDC horizon=H4 f1_buy=0.50 baseline_f1_buy=0.49 n_trades=9 sortino=1"
    let log =
      TaskLog.block(clear, second: 1) + TaskLog.block("note=x", second: 2) + TaskLog.block("a=b", second: 3)
      + TaskLog.success
    try files.write(log, to: TaskLog.path())
    let outcome = try database.run("ingest", files.path, "--metrics-file", files("m.prom"))
    #expect(outcome.status == 0)
    #expect(outcome.summary.contains("; 2 records without fields; "))
    #expect(outcome.summary.contains("unclassified 2"))
    #expect(!outcome.summary.contains("none "))
    let metrics = String(decoding: try files.read("m.prom"), as: UTF8.self)
    for line in [
      #"corrparse_last_run_verdicts{command="ingest",code="unclassified"} 2"#,
      #"corrparse_last_run_verdicts{command="ingest",code="all_clear"} 0"#,
      #"corrparse_last_run_records_without_fields{command="ingest"} 2"#,
      #"corrparse_last_run_logs_without_task{command="ingest"} 0"#,
      #"corrparse_last_run_records_left_out{command="ingest"} 0"#,
      #"corrparse_last_run_content_conflicts{command="ingest"} 0"#,
      #"corrparse_last_run_files_ignored{command="ingest"} 0"#,
    ] {
      #expect(metrics.contains(line), "\(line) in \(metrics)")
    }
  }
}

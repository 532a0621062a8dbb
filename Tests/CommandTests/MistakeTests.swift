import LogModel
import TestSupport
import Testing

/// Mistakes are answered with what may have been meant (5-command-line, Commands).
@Suite struct MistakeTests {
  @Test(arguments: [
    (["ingets"], "there is no command 'ingets'; did you mean 'ingest'?"),
    (["ingets", "x.log"], "there is no command 'ingets'; did you mean 'ingest'?"),
    (["reclasify"], "there is no command 'reclasify'; did you mean 'reclassify'?"),
    (["stat"], "there is no command 'stat'; did you mean 'state'?"),
    (["migrate", "upp"], "there is no command 'migrate upp'; did you mean 'migrate up'?"),
    (["migrate", "down"], "there is no command 'migrate down'; the commands are up, status"),
    (["universe", "lst"], "there is no command 'universe lst'; did you mean 'universe list'"),
    (
      ["observe", "prometeus"], "there is no command 'observe prometeus'; did you mean 'observe prometheus'?"
    ),
    (["help", "foo"], "there is no command 'foo'; the commands are parse, ingest,"),
    (["help", "ingets"], "there is no command 'ingets'; did you mean 'ingest'?"),
    (["help", "migrate", "upp"], "there is no command 'migrate upp'; did you mean 'migrate up'?"),
    (["--formt", "csv"], "Unknown option '--formt'. Did you mean '--format'?"),
    (["state", "--databse", "x"], "Unknown option '--databse'. Did you mean '--database'?"),
    (
      ["backfill", "--sinse", "30d"],
      "Missing expected argument '--since <since>'; there is no --sinse, did you mean --since?"
    ),
    (
      ["backfill", "--since", "0d", "--log-root", "."],
      "--since is an age of nothing, so no log would be read; give how far back to look, such as 2d\n"
    ),
    (
      ["backfill", "--since", "00h", "--log-root", "."],
      "--since is an age of nothing, so no log would be read; give how far back to look, such as 2d\n"
    ),
    (
      ["backfill", "--since", "30d", "--shard", "4/4"],
      "The value '4/4' is invalid for '--shard <i/n>': give I/N with I from 0 to N - 1; of four parts these are 0/4,"
    ),
    (
      ["backfill", "--since", "30d", "--log-root", "gs://x/y"],
      "gs:// is nothing that logs are read from: give a folder,"
    ),
    (
      ["ingest", "s3:/bucket/x"],
      "a bucket is named as s3://bucket/prefix or s3://bucket/key, with two slashes"
    ),
    (
      ["file:///logs/1.log"],
      "file:// is nothing that logs are read from: give a folder, a file or s3://bucket/prefix;"
    ),
    (["summary", "."], "there is no command and no file 'summary'; did you mean --summary?"),
    (["verdicts", "--limit", "3"], "Unknown option '--limit'. Did you mean '--top'?\n"),
    (["--order", "sortino"], "Unknown option '--order'. Did you mean '--sort'?\n"),
    (
      ["explain", "--format", "jsn"],
      "The value 'jsn' is invalid for '--format <format>'. Please provide one of 'text' and 'json'. Did you mean json?"
    ),
    (
      ["runs", "--since", "yesterday"],
      "The value 'yesterday' is invalid for '--since <since>': give a date (2026-03-28), a timestamp"
    ),
  ])
  func `a mistyped command or option is answered with the nearest`(arguments: [String], text: String) throws {
    let files = try Workspace()
    let outcome = try Program.finish(Program.start(arguments, in: files.path))
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.hasPrefix("Error: \(text)"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("\nUsage: corrparse"))
    #expect(outcome.text == "")
  }

  /// Somebody may have a log of that name.
  @Test func `a file whose name is nearly a command's is read`() throws {
    let files = try Workspace()
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: "ingets")
    let outcome = try Program.run("ingets", in: files.path)
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
  }

  @Test(arguments: [
    ("attempt=1.log", "attempt=1.log.gz"), ("attempt=2.log.gz", "attempt=1.log.gz"),
    ("dag_id=lauch__discovery/run_id=r1/x.log", "dag_id=launch__discovery"),
    ("dag_id=launch__discovery/run_id=r2/x.log", "dag_id=launch__discovery/run_id=r1"),
    ("./Attempt=1.log.gz", "./attempt=1.log.gz"),
  ])
  func `a missing file is named with the nearest`(missing: String, near: String) throws {
    let files = try Workspace()
    try files.write("", to: "attempt=1.log.gz")
    try files.write("", to: "dag_id=launch__discovery/run_id=r1/other.txt")
    for command in [["parse"], ["lint"]] {
      let outcome = try Program.finish(Program.start(command + [missing], in: files.path))
      #expect(outcome.status == Status.damagedInput)
      #expect(
        outcome.errorText.contains(
          "\(missing): cannot be opened: No such file or directory; did you mean \(near)?"),
        "\(outcome.errorText)")
    }
    let far = try Program.run("nothing-like-it", in: files.path)
    #expect(far.status == Status.damagedInput)
    #expect(!far.errorText.contains("did you mean"))
  }

  /// `corrparse logs` beside a folder of that name printed the ledger, and `corrparse --format table verdicts` looked for a file.
  @Test func `a word that is a command and a path is said to be taken as the command`() throws {
    let files = try Workspace()
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: "logs/a.log")
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: "parse")
    let ledger = try CommandDatabase().run("logs", in: files.path)
    #expect(ledger.errorText.contains("corrparse: logs is taken as the command"))
    #expect(ledger.errorText.contains("; the file or folder of this name is ./logs\n"))
    #expect(try Program.run("./logs", in: files.path).errorText == "")
    // What is read is named.
    #expect(try Program.run("parse", "logs", in: files.path).errorText == "")
  }

  @Test(arguments: [
    (["--format", "table", "verdicts"], "verdicts is a command, which goes first: corrparse verdicts"),
    (
      ["--code", "ML_SOLID", "ML_USELESS"],
      "ML_USELESS is a code; an option takes several with commas between: --code A,ML_USELESS"
    ),
    (["--sort", "sortino", "desc"], "the direction goes behind the key with a comma: --sort KEY,desc"),
  ])
  func `a word that is taken for a file and is none is said to be what it may be`(
    arguments: [String], text: String
  )
    throws
  {
    let files = try Workspace()
    let outcome = try Program.finish(Program.start(arguments, in: files.path))
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.contains("No such file or directory; \(text)"), "\(outcome.errorText)")
  }

  /// Under a terminal of its own (util-linux's `script`), which would wait for somebody to type a log.
  @Test(arguments: [
    ("", "USAGE: corrparse", 0), ("parse", "Error: name a log", 64),
    ("--format csv", "Error: name a log", 64),
  ])
  func `on a terminal without input there is help`(arguments: String, text: String, status: Int) throws {
    let terminal = try ChildProcess(
      "/usr/bin/script", ["-qec", "\(Program.path) \(arguments)", "/dev/null"].map { Array($0.utf8) })
    #expect(try terminal.finish() == .exited(Int32(status)))
    #expect(String(decoding: terminal.output, as: UTF8.self).contains(text))
  }

  /// What is in the environment is easily forgotten.
  @Test(
    arguments: [
      (
        ["--database", "host=/nowhere"], ["DATABASE_URL": "host=/elsewhere"],
        "(the connection is from --database)"
      ),
      (
        [], ["DATABASE_URL": "host=/nowhere", "PGHOST": "/elsewhere"], "(the connection is from DATABASE_URL)"
      ),
      ([], ["PGHOST": "/nowhere", "PGUSER": "somebody"], "(the connection is from PGHOST, PGUSER)"),
      (
        [], [:],
        "(no connection was given: there is neither --database nor DATABASE_URL nor PGHOST, so libpq's defaults count)"
      ),
    ] as [([String], [String: String], String)])
  func `a failing connection says where it came from`(
    arguments: [String], environment: [String: String], text: String
  ) throws {
    let outcome = try Program.finish(Program.start(["state"] + arguments, environment: environment))
    // A server may listen at libpq's default socket. It does not know the database of this user, or has no tables of the program.
    if !environment.isEmpty { #expect(outcome.status == Status.unavailable) }
    #expect(outcome.status != 0)
    #expect(
      outcome.errorText.contains(text) || outcome.errorText.contains("migrate up"), "\(outcome.errorText)")
  }

  @Test func `version is a command`() throws {
    let outcome = try Program.run("version")
    #expect(outcome.status == 0)
    #expect(try outcome.text == Program.run("--version").text)
  }

  /// Who looks what there is to do does not want it done.
  @Test func `migrate alone changes nothing`() throws {
    let database = try CommandDatabase(isMigrated: false)
    let outcome = try database.run("migrate")
    #expect(outcome.status == Status.configuration)
    #expect(outcome.lines.allSatisfy { $0.hasSuffix("  pending") })
    #expect(try database.column("SELECT count(*) FROM pg_namespace WHERE nspname = 'corrparse'") == ["0"])
  }

  @Test(arguments: [
    ("ingets", ["ingest"]), ("INGEST", ["ingest"]), ("igest", ["ingest"]), ("ingestt", ["ingest"]),
    ("ixxyyt", []),
    ("x", []), ("", []), ("pars", ["parse"]), ("state.log", ["state"]),
  ])
  func `near is what few edits lead to`(name: String, near: [String]) {
    #expect(NearestNames.of(name, among: ["parse", "ingest", "state"]) == near)
  }

  @Test func `of long names more may be different`() {
    #expect(NearestNames.of("abcdef", among: ["abcxyz", "abwxyz"]) == [])
    #expect(NearestNames.of("abcdef", among: ["abcxyz", "abwxyz"], charactersPerEdit: 2) == ["abcxyz"])
  }

  @Test func `the nearest comes first and three are enough`() {
    #expect(
      NearestNames.of("abcdefghi", among: ["abcdefgzz", "abcdefghj", "abcdefgh", "abcdefzz", "other"]) == [
        "abcdefgh", "abcdefghj", "abcdefgzz",
      ])
  }
}

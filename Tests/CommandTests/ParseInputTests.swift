import Glibc
import TestSupport
import Testing

/// Where `parse` reads from: standard input, files and folders, gzip or not (2-log-envelopes, Files;
/// 5-command-line, Commands).
@Suite struct ParseInputTests {
  let files: Workspace
  private let log = TaskLog.finished(blocks: 2)

  init() throws { files = try Workspace() }

  /// The sources of the records, in order.
  private func sources(_ outcome: Outcome) -> [String] {
    outcome.lines.compactMap { line in
      guard line.contains(#""verdict":"#), let start = line.firstRange(of: #""source":""#)?.upperBound else {
        return nil
      }
      return String(line[start...].prefix { $0 != "\"" })
    }
  }

  @Test(arguments: [
    [], ["-"], ["parse"], ["parse", "-"], ["--format", "ndjson"], ["parse", "--format=ndjson", "-"],
  ])
  func standardInput(arguments: [String]) throws {
    for input in [Array(log.utf8), Gzip.member(log), Gzip.member(Gzip.member(log))] {
      let outcome = try Program.finish(Program.start(arguments), input: input)
      #expect(outcome.status == 0)
      #expect(outcome.errorText == "")
      #expect(sources(outcome) == ["-", "-"])
    }
  }

  /// `zcat *.gz | corrparse`: two writers in one log made records of the others doubtful, and every record was said to be of the first log's
  /// task. Nothing on stderr told why.
  @Test func `logs that are joined in one pipe are told apart, or a warning says to name the files`() throws {
    let start = { (task: String) in
      "[2026-03-28T02:14:06.000+0000] {taskinstance.py:1138} INFO - Exporting env vars: AIRFLOW_CTX_DAG_ID='d' "
        + "AIRFLOW_CTX_TASK_ID='\(task)' AIRFLOW_CTX_DAG_RUN_ID='r' AIRFLOW_CTX_TRY_NUMBER='1'\n"
    }
    let joined =
      start("test_step") + TaskLog.block("crypto=A n_trades=1") + start("other_step")
      + TaskLog.block("crypto=B n_trades=2")
    let outcome = try Program.run(input: Array(joined.utf8))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines[0].contains(#""task_id":"test_step""#))
    #expect(!outcome.lines[1].contains(#""task":"#), "\(outcome.lines[1])")
    #expect(outcome.errorText.contains("1 record cannot be told whose they are; name the files instead"))
    // Two writers on one stream, and behind them another log's block over several records.
    let lines = [
      "=== CORRELATION DATA ===", "=== CORRELATION DATA ===", "crypto=A", "crypto=B", "f1_buy=0.5",
      "f1_buy=0.6",
      "=== END CORRELATION DATA ===",
    ]
    func logged(_ lines: [String]) -> String {
      lines.map { "[2026-03-28T02:14:07.123+0000] {a.py:88} INFO - \($0)\n" }.joined()
    }
    let mixed =
      start("test_step") + logged(lines) + start("other_step") + logged([lines[0], "crypto=B", lines[6]])
    let doubted = try Program.run(input: Array(mixed.utf8))
    #expect(doubted.lines.count { $0.contains(#""kind":"interleaved""#) } == 3)
    #expect(doubted.errorText.contains("3 records are interleaved, maybe for another log's sake"))
    // One log alone is warned of in no way.
    #expect(
      try Program.run(input: Array((start("test_step") + TaskLog.block("crypto=A n_trades=1")).utf8))
        .errorText == "")
  }

  /// Gzip is found by content: names say the opposite here.
  @Test func contentDecidesNotTheName() throws {
    try files.write(log, to: "plain.log.gz")
    try files.write(Gzip.member(log), to: "packed.log")
    try files.write(Gzip.member("") + Gzip.member(log), to: "members.txt")
    try files.write("", to: "empty.log")
    let outcome = try Program.run(
      "plain.log.gz", "packed.log", "members.txt", "empty.log", in: files.path)
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(
      sources(outcome) == [
        "plain.log.gz", "plain.log.gz", "packed.log", "packed.log", "members.txt", "members.txt",
      ])
  }

  /// A folder gives its logs in order. Of what is no task log in it the files with other names are counted.
  @Test func folders() throws {
    try files.write(log, to: "root/b.log")
    try files.write(Gzip.member(log), to: "root/a/attempt=1.log.gz")
    try files.write(log, to: "root/like.log/inner.log")
    try files.write(log, to: "root/notes.txt")
    try files.write(log, to: "root/scheduler/x.log")
    try files.makePipe("root/pipe.log")
    #expect(symlink(files("outside.log"), files("root/link.log")) == 0)
    try files.write(log, to: "outside.log")
    for name in ["root", "root/"] {
      let outcome = try Program.run(name, in: files.path)
      #expect(outcome.status == 0)
      #expect(outcome.errorText.hasPrefix("corrparse: 1 file passed over, whose name is no log's "))
      #expect(
        sources(outcome) == [
          "root/a/attempt=1.log.gz", "root/a/attempt=1.log.gz", "root/b.log", "root/b.log",
          "root/like.log/inner.log", "root/like.log/inner.log",
        ])
    }
    let verbose = try Program.run("--verbose", "root", in: files.path)
    for passedOver in ["scheduler", "pipe.log", "link.log"] {
      #expect(verbose.errorText.contains("\(passedOver): passed over"))
    }
    #expect(sources(try Program.run("root/scheduler/x.log", "root/link.log", in: files.path)).count == 4)
    #expect(sources(try Program.run("root/like.log", in: files.path)).count == 2)
  }

  /// One bad input never stops the rest: each is named on stderr with its reason. The status is that of the failed read.
  @Test func badInputsBetweenGoodOnes() throws {
    try files.write(log, to: "first.log")
    try files.write(log, to: "last.log")
    try files.makePipe("pipe")
    try files.write(Array(Gzip.member(log).prefix(40)), to: "cut.gz")
    try files.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 0xff, 0xff, 0xff], to: "garbage.gz")
    let outcome = try Program.run(
      "first.log", "missing.log", "pipe", "cut.gz", "garbage.gz", "/dev/null", "/proc/self/mem",
      "missing/folder/",
      "first.log/below", "last.log", in: files.path)
    #expect(outcome.status == Status.inputOutput)
    #expect(sources(outcome) == ["first.log", "first.log", "last.log", "last.log"])
    let errors = outcome.errorText.split(separator: "\n")
    let reasons = [
      "missing.log: cannot be opened: No such file or directory", "pipe: is a named pipe",
      "cut.gz: byte 40: the compressed stream ends before its end", "garbage.gz: byte",
      "/dev/null: is a device", "/proc/self/mem: byte 0: cannot be read: Input/output error",
      "missing/folder: cannot be opened: No such file or directory",
      "first.log/below: cannot be opened: Not a directory",
    ]
    #expect(errors.count == reasons.count)
    for (error, reason) in zip(errors, reasons) { #expect(error.hasPrefix("corrparse: " + reason)) }
  }

  @Test func closedStandardInput() throws {
    let outcome = try Program.finish(Program.start([], input: .closed))
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.hasPrefix("corrparse: standard input: "))
    #expect(outcome.errorText.contains("Bad file descriptor"))
  }

  @Test func folderAsStandardInput() throws {
    let outcome = try Program.finish(Program.start([], input: .file(files.path)))
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.hasPrefix("corrparse: standard input: is a folder"))
  }

  /// Root may read everything, so the program then runs as nobody, from a copy that nobody can reach.
  @Test(.enabled(if: geteuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0, "needs setpriv to leave root"))
  func unreadableFilesAndFolders() throws {
    try files.write(log, to: "root/open.log")
    try files.write(log, to: "root/closed.log")
    try files.write(log, to: "root/sub/hidden.log")
    try files.write(log, to: "root/zlast.log")
    chmod(files("root/closed.log"), 0)
    chmod(files("root/sub"), 0)
    defer { chmod(files("root/sub"), 0o755) }
    var command = [Program.path, files("root")]
    if geteuid() == 0 {
      try files.write(readFile(Program.path), to: "corrparse")
      chmod(files("corrparse"), 0o755)
      command = [
        "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", files("corrparse"),
        files("root"),
      ]
    }
    let outcome = try Program.finish(
      ChildProcess(command[0], command.dropFirst().map { Array($0.utf8) }))
    #expect(outcome.status == Status.missingRights)
    #expect(
      sources(outcome)
        == ["root/open.log", "root/open.log", "root/zlast.log", "root/zlast.log"].map { files($0) })
    let errors = outcome.errorText.split(separator: "\n")
    #expect(errors.count == 2)
    #expect(
      errors.first?.hasPrefix("corrparse: \(files("root/closed.log")): cannot be opened: Permission denied")
        == true)
    #expect(errors.last?.hasPrefix("corrparse: \(files("root/sub")): cannot be") == true)
  }

  /// Names are bytes: a line feed, no UTF-8 at all, and the longest path that the system takes.
  @Test(arguments: [
    Array("new\nline.log".utf8), Array("caf".utf8) + [0xE9] + Array(".log".utf8),
    [0xFF, 0xFE] + Array(".log".utf8),
    Array(#"back\slash.log"#.utf8), Array("-dash.log".utf8), Array("\u{1B}[31m.log".utf8),
  ])
  func oddNames(name: [UInt8]) throws {
    try files.write(log, to: Array("root/".utf8) + name)
    let found = try Program.run("root", in: files.path)
    #expect(found.status == 0)
    #expect(found.lines.count == 2)
    let named = try Program.finish(
      ChildProcess(Program.path, [Array("--".utf8), name], folder: files("root")))
    #expect(named.status == 0)
    #expect(named.errorText == "")
    #expect(named.lines.count == 2)
    // The same log has the same name either way.
    #expect(named.text.replacing(#""source":""#, with: #""source":"root/"#) == found.text)
  }

  /// Two names that differ only in bytes that are no text.
  @Test func namesThatAreAlikeAsText() throws {
    let names: [[UInt8]] = [[0xE9, 0x2E, 0x67], [0xE8, 0x2E, 0x67]]
    try files.write(TaskLog.block("crypto=SOLUSDC"), to: names[0])
    try files.write(TaskLog.block("crypto=ETHUSDC"), to: names[1])
    let outcome = try Program.finish(ChildProcess(Program.path, names.reversed(), folder: files.path))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines.first?.contains(#""source":"\\xe8.g""#) == true)
    #expect(outcome.lines.first?.contains("ETHUSDC") == true)
    #expect(outcome.lines.last?.contains("SOLUSDC") == true)
  }

  @Test func longestPath() throws {
    let depth = (4000 - files.path.utf8.count) / 200
    let name = (0..<depth).map { _ in String(repeating: "d", count: 199) }.joined(separator: "/") + "/x.log"
    try files.write(log, to: name)
    #expect(files(name).utf8.count > 3700)
    for argument in [files(name), files.path] {
      let outcome = try Program.run(argument)
      #expect(outcome.status == 0)
      #expect(sources(outcome) == [files(name), files(name)])
    }
  }

  /// Many files: in order, and none stays open.
  @Test func twoThousandFiles() throws {
    let names = (0..<2000).map { "root/task_\($0 / 100)/\(1000 + $0).log" }
    for (index, name) in names.enumerated() {
      let text = TaskLog.block("crypto=SOLUSDC n_trades=\(index + 1)")
      try files.write(index.isMultiple(of: 2) ? Array(text.utf8) : Gzip.member(text, level: 1), to: name)
    }
    let outcome = try Program.finish(
      ChildProcess(
        "/bin/sh", ["-c", "ulimit -n 101; exec \"$@\"", "sh", Program.path, "root"].map { Array($0.utf8) },
        folder: files.path))
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(sources(outcome) == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
  }
}

import Glibc
import TestSupport
import Testing

/// What becomes of standard output: it streams, ends quietly with its reader, and tells of every failed write.
@Suite struct OutputTests {
  private static let block = Array(TaskLog.block("crypto=SOLUSDC f1_buy=0.55").utf8)

  /// A record appears as soon as its block has ended, while the log goes on.
  @Test(arguments: ["ndjson", "csv", "markdown", "table"])
  func recordsAppearWhileInputIsOpen(format: String) throws {
    let process = try Program.start(["--format", format])
    let head = ["ndjson": 0, "csv": 1, "table": 1, "markdown": 2][format] ?? 0
    for number in 1...3 {
      try process.write(Array(TaskLog.block("crypto=SOLUSDC n_trades=\(number)", second: number).utf8))
      try process.waitForOutput { output in output.count { $0 == 0x0A } == head + number }
      #expect(String(decoding: process.output, as: UTF8.self).contains("SOLUSDC"))
    }
    #expect(try process.finish() == .exited(0))
    // Totals end what is for people, in Markdown below an empty line.
    let end = ["table": 1, "markdown": 2][format] ?? 0
    #expect(process.output.count { $0 == 0x0A } == head + 3 + end)
  }

  /// `tail -f` may write a line in pieces.
  @Test func recordAppearsWithTheLastByteOfItsEnd() throws {
    let process = try Program.start([])
    for byte in Self.block.dropLast() { try process.write([byte]) }
    #expect(process.output.isEmpty)
    try process.write([0x0A])
    try process.waitForOutput { $0.last == 0x0A }
    #expect(try process.finish() == .exited(0))
  }

  @Test(arguments: ["ndjson", "table"])
  func brokenPipeEndsQuietly(format: String) throws {
    // Far more than a pipe holds.
    let log = (1...2000).map { TaskLog.block("crypto=SOLUSDC n_trades=\($0)", second: $0 % 3000) }.joined()
    let process = try Program.start(["--format", format])
    try process.write(Array(log.utf8.prefix(40_000)))
    try process.waitForOutput { $0.contains(0x0A) }
    process.closeOutput()
    try process.write(Array(log.utf8.dropFirst(40_000)))
    #expect(try process.finish() == .exited(0))
    #expect(process.errors.isEmpty)
  }

  /// As in a shell, where the reader ends by itself.
  @Test func headOfAPipeline() throws {
    let files = try Workspace()
    for number in 1...500 {
      try files.write(TaskLog.block("crypto=SOLUSDC n_trades=\(number)"), to: "\(number).log")
    }
    let outcome = try Program.finish(
      ChildProcess(
        "/bin/bash",
        ["-c", "\"$0\" . | head -n 1 >&2; echo ${PIPESTATUS[0]}", Program.path].map { Array($0.utf8) },
        environment: ["PATH": "/usr/bin:/bin"], folder: files.path))
    #expect(outcome.text == "0\n")
    #expect(outcome.errorText.split(separator: "\n").count == 1)
  }

  /// A limit on the size of files stops a write like a full disk; the signal that comes with it does not end the program.
  @Test func largestFileSizeUnderStandardOutput() throws {
    let files = try Workspace()
    let process = try ChildProcess(
      "/bin/sh", ["-c", "ulimit -f 1; exec \"$0\" >records", Program.path].map { Array($0.utf8) },
      environment: ["PATH": "/usr/bin:/bin"], folder: files.path)
    let outcome = try Program.finish(
      process, input: Array(repeating: Self.block, count: 20).flatMap(\.self))
    #expect(outcome.status == Status.inputOutput)
    #expect(outcome.errorText.contains("standard output cannot be written: File too large"))
  }

  static let printing: [[String]] = [
    [], ["--format", "table"], ["--format", "csv"], ["--format", "markdown"], ["explain"],
    ["explain", "ML_SOLID"], ["--version"], ["--help"], ["parse", "--help"], ["help", "ingest"],
  ]

  @Test(arguments: printing)
  func fullDiskUnderStandardOutput(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments, output: .file("/dev/full")), input: Self.block)
    #expect(outcome.status == Status.inputOutput)
    #expect(outcome.errorText.contains("No space left on device"))
  }

  @Test(arguments: printing)
  func closedStandardOutput(arguments: [String]) throws {
    let outcome = try Program.finish(Program.start(arguments, output: .closed), input: Self.block)
    #expect(outcome.status == Status.inputOutput)
    #expect(outcome.errorText.contains("standard output cannot be written"))
  }

  /// A log that is opened must not become standard output, nor messages get into it.
  @Test func filesNeverTakeTheNumbersOfClosedDescriptors() throws {
    let files = try Workspace()
    try files.write(Self.block, to: "x.log")
    let outcome = try Program.finish(
      Program.start(["x.log", "missing.log"], in: files.path, input: .closed, errors: .closed))
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.lines.count == 2)
    #expect(try readFile(files("x.log")) == Self.block)
  }

  @Test func standardErrorThatIsFullIsNobodysBusiness() throws {
    let outcome = try Program.finish(
      Program.start(["-", "/missing.log"], errors: .file("/dev/full")), input: Self.block)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.lines.count == 2)
  }
}

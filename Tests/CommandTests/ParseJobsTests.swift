import TestSupport
import Testing

/// `parse --jobs`: what comes out, and in which order, does not depend on how many threads read.
@Suite struct ParseJobsTests {
  let files: Workspace

  init() throws { files = try Workspace() }

  /// A log of which more is printed than a thread keeps while it is not its turn, in few blocks.
  private static func wordy(blocks: Int) -> String {
    let note = String(repeating: "x", count: 5000)
    return (0..<blocks)
      .map { TaskLog.block("crypto=SOLUSDC n_trades=\($0 + 1) note=\(note)", second: $0) }.joined()
  }

  /// Logs of very different sizes, some damaged, some empty, one with much to print before the others' turn.
  private func writeLogs() throws {
    try files.write(Self.wordy(blocks: 1000), to: "root/00.log")
    for number in 1...60 {
      let log = TaskLog.finished(blocks: number % 7)
      let name = "root/\(number < 10 ? "0" : "")\(number).log"
      switch number % 5 {
      case 0: try files.write(Array(Gzip.member(log).dropLast(9)), to: name)
      case 1: try files.write("", to: name)
      case 2: try files.write(Gzip.member(log) + Array("garbage".utf8), to: name)
      default: try files.write(log, to: name)
      }
    }
    try files.write(Self.wordy(blocks: 900), to: "root/98.log")
    try files.write(TaskLog.finished(blocks: 1), to: "root/99.log")
  }

  private func run(_ arguments: [String]) throws -> Outcome {
    try Program.finish(Program.start(arguments, in: files.path))
  }

  @Test(arguments: [[], ["-v"], ["--format", "csv"]]) func orderIsThatOfTheLogs(options: [String]) throws {
    try writeLogs()
    let inputs = ["root", "missing.log", "root/99.log"]
    let one = try run(["--jobs", "1"] + options + inputs)
    #expect(one.status == 65)
    #expect(one.lines.count > 1900)
    for jobs in ["2", "3", "16"] {
      let several = try run(["--jobs", jobs] + options + inputs)
      #expect(several.status == 65)
      let isSame = several.output == one.output && several.errorText == one.errorText
      #expect(isSame, "--jobs \(jobs)")
    }
  }

  /// Logs that are large enough to be inflated beside their scanning, where a core is free.
  private static var large: [(name: String, bytes: [UInt8])] {
    let lines = String(repeating: TaskLog.line, count: 30_000)
    let log = Array((TaskLog.finished(blocks: 20) + lines + wordy(blocks: 600) + TaskLog.success).utf8)
    let whole = Gzip.member(log, level: 0)
    var broken = whole
    for place in [broken.count / 2, broken.count / 2 + 1] { broken[place] ^= 0xFF }
    let parts = [log.prefix(2_000_000), log.dropFirst(2_000_000)].map { Gzip.member(Array($0), level: 0) }
    return [
      ("whole", whole), ("plain", log), ("cut", Array(whole.dropLast(9))), ("broken", broken),
      ("two members", parts[0] + parts[1]), ("garbage", whole + Array("garbage".utf8)),
    ]
  }

  @Test func largeLogsGiveTheSameWhereACoreIsFree() throws {
    for (name, bytes) in Self.large {
      #expect(bytes.count > 4 << 20, "too small: \(name)")
      try files.write(bytes, to: "large.log")
      let one = try run(["-v", "--jobs", "1", "large.log"])
      #expect(one.lines.count > 10, "\(name)")
      let two = try run(["-v", "--jobs", "2", "large.log"])
      let isSame = two.status == one.status && two.output == one.output && two.errorText == one.errorText
      #expect(isSame, "\(name)")
    }
  }

  @Test func brokenPipeEndsAReadingAhead() throws {
    try files.write(Self.large[0].bytes, to: "large.log")
    let process = try Program.start(["--jobs", "2", "large.log"], in: files.path)
    try process.waitForOutput { $0.count > 1000 }
    process.closeOutput()
    #expect(try process.finish() == .exited(0))
    #expect(process.errors == [])
  }

  /// A reader that goes away ends all threads, quietly.
  @Test func brokenPipeEndsAllThreads() throws {
    try writeLogs()
    let process = try Program.start(["--jobs", "4", "root", "root", "root"], in: files.path)
    try process.waitForOutput { $0.count > 1000 }
    process.closeOutput()
    #expect(try process.finish() == .exited(0))
    #expect(process.errors == [])
  }

  @Test(arguments: ["0", "65", "many"]) func numberOfJobsIsChecked(number: String) throws {
    #expect(try Program.run("--jobs", number).status == 64)
    #expect(try Program.run("--jobs", "1", environment: ["CORRPARSE_JOBS": number]).status == 0)
    #expect(try Program.run(environment: ["CORRPARSE_JOBS": number]).status == 78)
  }
}

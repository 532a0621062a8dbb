import TestSupport
import Testing

/// Limits that users set, and those that the system sets (6-bars, Limits; 5-command-line, Exit codes).
@Suite struct LimitTests {
  private static let log = Array(TaskLog.block("crypto=SOL", "sl=1", "tp=2").utf8)

  @Test(arguments: [["block-lines=2"], ["block-lines=100", "block-lines=2"]])
  func theLastLimitGivenCounts(limits: [String]) throws {
    let arguments = ["--format", "ndjson"] + limits.flatMap { ["--limit", $0] }
    let outcome = try Program.finish(Program.start(arguments), input: Self.log)
    #expect(outcome.text.contains(#""end":"implicit:limit""#))
    #expect(outcome.text.contains(#""kind":"block_too_long""#))
  }

  @Test func theEnvironmentCountsLessThanAFlag() throws {
    let environment = ["CORRPARSE_LIMITS": "block-lines=2 block-bytes=1KiB"]
    let cut = try Program.run("--format", "ndjson", environment: environment, input: Self.log)
    #expect(cut.text.contains(#""end":"implicit:limit""#))
    let whole = try Program.run(
      "--format", "ndjson", "--limit", "block-lines=3", environment: environment, input: Self.log)
    #expect(whole.text.contains(#""end":"explicit""#))
  }

  @Test(
    arguments: [
      ("block-lines=0", "--limit: block-lines is a number from 1 to 1000000"),
      ("block-lines=1x", "--limit: block-lines is a number from 1 to 1000000"),
      ("decompressed=9223372036854775807GiB", "--limit: decompressed is a number from 1 to"),
      ("lines=5", "--limit: 'lines=5' is no limit; there are decompressed, expansion, path-depth, "),
    ])
  func aLimitThatIsNoneIsRefused(limit: String, message: String) throws {
    let flag = try Program.run("--limit", limit)
    #expect(flag.status == 64)
    #expect(flag.errorText.contains(message))
    let variable = try Program.run(environment: ["CORRPARSE_LIMITS": limit])
    #expect(variable.status == 78)
    #expect(variable.errorText.contains(message.dropFirst("--limit: ".count)))
  }

  /// What a message advises can be done.
  @Test func aLogThatIsTooLongIsReadWithTheLimitThatTheMessageNames() throws {
    let files = try Workspace()
    let size = Self.log.count
    try files.write(Self.log, to: "a.log")
    let refused = try Program.run("--limit", "decompressed=\(size - 1)", files("a.log"))
    #expect(refused.status == 65)
    #expect(
      refused.errorText.contains(
        "longer than \(size - 1) bytes when decompressed; what came before was read; if the log is genuine, "
          + "raise --limit decompressed"))
    #expect(try Program.run("--limit", "decompressed=\(size)", files("a.log")).status == 0)
  }

  @Test(arguments: [
    ("ulimit -s 100", "", "the stack may have 100 KiB only; raise its limit to 256 KiB (ulimit -s)"),
    (
      "ulimit -v 130000", "parse --jobs 1",
      "the address space may have 126 MiB only, and 1 job needs 128 MiB; raise its limit (ulimit -v)"
    ),
    (
      "ulimit -v 200000", "parse --jobs 3",
      "the address space may have 195 MiB only, and 3 jobs need 320 MiB; raise its limit (ulimit -v), or lower --jobs"
    ),
  ])
  func memoryThatIsTooLittleIsSaidAtTheStart(limit: String, arguments: String, message: String) throws {
    let process = try ChildProcess(
      "/bin/sh", ["-c", "\(limit); exec \(Program.path) \(arguments) </dev/null"].map { Array($0.utf8) })
    let ending = try process.finish()
    #expect(ending == .exited(71))
    #expect(String(decoding: process.errors, as: UTF8.self) == "corrparse: \(message)\n")
  }
}

import Glibc
import TestSupport
import Testing

/// A killed run leaves the old state or the new one, and a rerun converges to the rows of an undisturbed run
/// (4-database, Exactly once).
@Suite(.serialized) struct KillTests {
  @Test(arguments: [SIGKILL, SIGTERM])
  func rerunAfterAKillEqualsAnUndisturbedRun(signal: Int32) throws {
    let files = try Workspace()
    for number in 0..<40 {
      let text = TaskLog.finished(blocks: 12, salt: number)
      try files.write(
        number.isMultiple(of: 2) ? Array(text.utf8) : Gzip.member(text),
        to: TaskLog.path(run: "r\(number)") + (number.isMultiple(of: 2) ? "" : ".gz"))
    }
    let arguments = ["backfill", "--since", "2026-01-01", "--log-root", files.path]
    let reference = try CommandDatabase()
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try Program.finish(reference.start(arguments)).status == 0)
    let whole = clock.now - start
    let expected = try reference.logicalState()
    #expect(expected.count > 1000)

    var random = SeededGenerator(seed: UInt64(signal))
    let database = try CommandDatabase()
    var killed = 0
    for _ in 0..<12 {
      // Reading everything again, so that every run lasts as long as the first.
      let process = try database.start(arguments + ["--force"])
      let share = Double.random(in: 0...1, using: &random)
      usleep(
        UInt32(
          Double(whole.components.attoseconds / 1_000_000_000_000 + whole.components.seconds * 1_000_000)
            * share))
      process.send(signal: signal)
      let ending = try process.finish()
      if ending != .exited(0) {
        // Before the program is up, SIGTERM does what the system does with it.
        #expect(ending == .killed(signal: signal) || signal == SIGTERM && ending == .exited(143))
        killed += 1
      }
      // Never half a log: what is there of a source is all of it.
      #expect(
        try database.column(
          "SELECT source FROM diagnostics.verdict_v1 GROUP BY source HAVING count(*) <> 12") == [])
    }
    #expect(killed > 0)
    #expect(try Program.finish(database.start(arguments)).status == 0)
    #expect(try database.logicalState() == expected)
  }
}

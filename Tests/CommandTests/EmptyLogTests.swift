import CorrelationGrammar
import Glibc
import LogModel
import SystemPackage
import TestSupport
import Testing

@testable import Ingest
@testable import LogInput

/// A log without a byte is not opened, and comes to the same as one that is.
@Suite struct EmptyLogTests {
  @Test(arguments: [true, false])
  func `an empty log that is not opened comes to the same`(mayStillGrow: Bool) throws {
    let files = try Workspace()
    try files.write("", to: TaskLog.path())
    var walk = try LogWalk(FilePath(files.path))
    guard case .log(let fresh) = walk.next() else {
      Issue.record("no log was found")
      return
    }
    let state = try #require(try FileState(ofRegularFileAt: fresh.path))
    let old = FoundLog(
      root: fresh.root, path: fresh.relativeBytes, state: state,
      listed: LogTime(microseconds: state.changed.microseconds + 3_600_000_000))
    #expect(old.isEmpty && !fresh.isEmpty)
    var pipeline = LogPipeline(fingerprints: true)
    func read(_ log: FoundLog) -> (scan: LogScan, parts: [LogState?], ends: Int) {
      var (parts, ends): ([LogState?], Int) = ([], 0)
      let scan = pipeline.read(
        .found(log), of: GivenTask(log.logPath), mayStillGrow: { _, _ in mayStillGrow },
        handle: { (part) throws(Never) in
          if case .opened(let state) = part { parts.append(state) } else { Issue.record("\(part)") }
        }, chunkEnd: { () throws(Never) in ends += 1 })
      return (scan, parts, ends)
    }
    let opened = read(fresh)
    for _ in 0..<2 {
      let unopened = read(old)
      #expect(unopened.parts == opened.parts)
      #expect(unopened.ends == opened.ends)
      #expect(unopened.scan.status == (mayStillGrow ? .growing : .complete))
      #expect(String(describing: unopened.scan) == String(describing: opened.scan))
    }
  }
}

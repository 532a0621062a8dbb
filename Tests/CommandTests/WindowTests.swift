import Ingest
import LogModel
import Testing

/// Which logs `backfill --since --until` takes (5-command-line, Commands).
@Suite struct WindowTests {
  /// The log of a run at noon of 2026-03-28 (20,540 days after the epoch) that was modified an hour later.
  @Test(
    arguments: [
      (13, nil, true), (14, nil, false), (12, 13, true), (13, 14, true), (14, 15, false), (0, 13, true),
      (0, 12, false),
    ] as [(Int64, Int64?, Bool)])
  func `a window is about run and modification`(since: Int64, until: Int64?, isIn: Bool) {
    func hour(_ hour: Int64) -> LogTime { LogTime(microseconds: (20_540 * 24 + hour) * 3_600_000_000) }
    let window = IngestWindow(since: hour(since), until: until.map(hour))
    #expect(window.contains(modified: hour(13), run: hour(12)) == isIn)
  }

  @Test func `without a time in its run, the modification alone puts a log in a window`() {
    let modified = LogTime(microseconds: 5)
    func isIn(_ since: Int64, _ until: Int64?) -> Bool {
      IngestWindow(
        since: LogTime(microseconds: since), until: until.map(LogTime.init(microseconds:))
      ).contains(modified: modified, run: nil)
    }
    #expect(isIn(5, 6))
    #expect(!isIn(6, nil))
    #expect(!isIn(0, 5))
  }
}

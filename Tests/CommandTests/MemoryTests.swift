import TestSupport
import Testing

/// Memory does not grow with the log (6-bars, Bars).
@Suite struct MemoryTests {
  private static let bar = 64 << 20

  @Test func parsingALargeLogStaysUnderTheBar() throws {
    let chunk = Array((String(repeating: TaskLog.line, count: 60_000) + TaskLog.block("crypto=SOLUSDC")).utf8)
    let process = try Program.start([])
    var peak = 0
    for _ in 0..<16 {
      try process.write(chunk)
      peak = max(peak, try process.peakMemory())
    }
    #expect(try process.finish() == .exited(0))
    #expect(peak < Self.bar, "\(peak >> 20) MiB after \(16 * chunk.count >> 20) MiB")
    #expect(process.output.count { $0 == 0x0A } == 1, "the same block at the same time is a replay")
  }

  /// A line without end is not held, whatever it begins with.
  @Test(arguments: ["{\"event\":\"", "x", "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - ", " "])
  func endlessLine(beginning: String) throws {
    let process = try Program.start([])
    try process.write(Array(beginning.utf8))
    let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 4 << 20)
    var peak = 0
    for _ in 0..<25 {
      try process.write(chunk)
      peak = max(peak, try process.peakMemory())
    }
    try process.write(Array(("\n" + TaskLog.block("crypto=SOLUSDC")).utf8))
    #expect(try process.finish() == .exited(0))
    #expect(peak < Self.bar, "\(peak >> 20) MiB")
    #expect(String(decoding: process.output, as: UTF8.self).contains("SOLUSDC"))
  }
}

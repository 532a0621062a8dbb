import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// The result does not depend on where the chunks of a log are cut (issue 2, item 2).
@Suite struct ChunkBoundaryTests {
  /// Splitting in two everywhere takes time in the square of the length; longer logs are cut in each line at once.
  private static let longestSplitEverywhere = 500
  private static let longestSplitInColumns = 6_000

  struct NamedLog: Sendable, CustomStringConvertible {
    var name: String
    var bytes: [UInt8]
    var description: String { name }
  }

  private static let logs = Corpus.plainLogs.map { NamedLog(name: $0.name, bytes: $0.bytes) }

  @Test(arguments: logs)
  func `every cut of the corpus finds the same`(log: NamedLog) {
    let expected = scan(log.bytes)
    #expect(!log.bytes.isEmpty || expected.events.isEmpty)
    var cuts = Chunking.few(for: log.bytes.count, randomCuts: 20)
    if log.bytes.count <= Self.longestSplitEverywhere {
      cuts += Chunking.all(for: log.bytes.count, randomCuts: 0)
    } else if log.bytes.count <= Self.longestSplitInColumns {
      cuts += Chunking.columns(of: log.bytes)
    }
    for cut in cuts { expectSame(scan(log.bytes, cut: cut), expected, cut) }
  }

  /// Longer lines than the corpus has: cuts around every place where a limit is reached.
  @Test(arguments: [65_535, 65_536, 65_537, 131_072, 131_073, 200_000])
  func `cuts around the limits of a line find the same`(length: Int) {
    let long = "note=" + String(repeating: "x", count: length - 5)
    let lines =
      [Log.text(Log.header), "crypto=SOLUSDC", "theta=" + String(repeating: "1", count: length - 6), "sl=1"]
      + [Log.end, Log.text(long), long, Log.text(Log.header), "tp=2", long, "tp=3", Log.text("bye")]
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    let expected = scan(bytes)
    #expect(expected.records.count == 2)
    for size in [1_000, 4_096, 65_535, 65_536, 65_537, 131_072] {
      expectSame(scan(bytes, cut: .equal(bytes.count, size)), expected, .equal(bytes.count, size))
    }
    for cut in Chunking.few(for: bytes.count, seed: 7, randomCuts: 10).dropFirst(3) {
      expectSame(scan(bytes, cut: cut), expected, cut)
    }
  }

  /// A line may begin with more blanks than a text line is long.
  @Test(arguments: [131_071, 131_072, 131_073, 150_000])
  func `a line that begins with very many blanks`(blanks: Int) {
    let indent = String(repeating: " ", count: blanks)
    let lines = [indent + Log.header, indent + "crypto=SOLUSDC", indent + Log.end, Log.json("done")]
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    let expected = scan(bytes)
    for cut in Chunking.few(for: bytes.count, seed: 3, randomCuts: 5).filter({ $0.ranges.count < 100 }) {
      expectSame(scan(bytes, cut: cut), expected, cut)
    }
    let first = blanks + 10
    let behindBlanks = Chunking(name: "behind the blanks", ranges: [0..<blanks, blanks..<bytes.count])
    let inHeader = Chunking(name: "in the header", ranges: [0..<first, first..<bytes.count])
    expectSame(scan(bytes, cut: behindBlanks), expected, behindBlanks)
    expectSame(scan(bytes, cut: inHeader), expected, inHeader)
  }

  private func expectSame(_ got: Scanned, _ expected: Scanned, _ cut: Chunking) {
    guard
      got.events != expected.events || got.outcome != expected.outcome
        || got.blockCount != expected.blockCount || got.replayCount != expected.replayCount
    else { return }
    Issue.record(
      "\(cut): \(got.summaries), \(got.outcome) instead of \(expected.summaries), \(expected.outcome)")
  }
}

extension Chunking {
  /// Every line cut behind its first byte, every line cut behind its second, and so on: together each place
  /// between two bytes of the log.
  static func columns(of bytes: [UInt8]) -> [Chunking] {
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == 0x0A { starts.append(index + 1) }
    let ends = starts.dropFirst() + [bytes.count]
    let longest = zip(starts, ends).map { $1 - $0 }.max() ?? 0
    return (0..<longest).map { column in
      let cuts = zip(starts, ends).filter { $0 + column < $1 }.map { $0.0 + column }
      let bounds = [0] + cuts + [bytes.count]
      return Chunking(
        name: "each line at column \(column)", ranges: zip(bounds, bounds.dropFirst()).map { $0..<$1 })
    }
  }

  /// Chunks of one size, but for the last.
  static func equal(_ count: Int, _ size: Int) -> Chunking {
    let starts = Array(stride(from: 0, to: count, by: size))
    return Chunking(name: "every \(size) bytes", ranges: starts.map { $0..<min(count, $0 + size) })
  }
}

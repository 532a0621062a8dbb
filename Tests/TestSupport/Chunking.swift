/// One way to cut bytes into chunks. What is read must not depend on it.
public struct Chunking: Sendable, CustomStringConvertible {
  /// What the cut is, for the test's report.
  public let name: String
  /// The chunks in order; together they are all bytes, some may be empty.
  public let ranges: [Range<Int>]

  /// A way to cut.
  public init(name: String, ranges: [Range<Int>]) {
    self.name = name
    self.ranges = ranges
  }

  /// The name.
  public var description: String { name }

  /// Gives each chunk of some bytes, in order.
  public func forEachChunk<Failure: Error>(
    of bytes: [UInt8], _ body: (Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    for range in ranges { try body(bytes.span.extracting(range)) }
  }

  /// Every way that is worth trying on `count` bytes: those of ``few(for:seed:randomCuts:)`` and each split in
  /// two. Reading them all takes time in the square of `count`: for some thousand bytes.
  public static func all(for count: Int, seed: UInt64 = 1, randomCuts: Int = 50) -> [Chunking] {
    few(for: count, seed: seed, randomCuts: randomCuts)
      + (0...count).map { Chunking(name: "split at \($0)", ranges: [0..<$0, $0..<count]) }
  }

  /// Whole, every byte, every byte with an empty chunk before and behind it, and seeded random cuts.
  public static func few(for count: Int, seed: UInt64 = 1, randomCuts: Int = 50) -> [Chunking] {
    var list = [
      Chunking(name: "whole", ranges: [0..<count]),
      Chunking(name: "every byte", ranges: (0..<count).map { $0..<$0 + 1 }),
      Chunking(
        name: "every byte, empty chunks between",
        ranges: [0..<0] + (0..<count).flatMap { [$0..<$0 + 1, $0 + 1..<$0 + 1] }),
    ]
    var generator = SeededGenerator(seed: seed)
    for number in 0..<randomCuts {
      let cuts = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        Int.random(in: 0...count, using: &generator)
      }
      let ends = [0] + cuts.sorted() + [count]
      list.append(
        Chunking(
          name: "random cut \(number) of seed \(seed)",
          ranges: zip(ends, ends.dropFirst()).map { $0..<$1 }))
    }
    return list
  }
}

/// Random numbers that are the same for the same seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator at the start of its sequence.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

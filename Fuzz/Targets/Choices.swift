import TestSupport

/// Choices that an input makes for itself: the same input always makes the same ones, so that a finding is found
/// again, and a seed can be a plain log, archive or number without bytes that mean something else.
struct Choices {
  private var generator: SeededGenerator

  /// The choices of an input (FNV-1a over its bytes begins the sequence).
  init(of input: [UInt8]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in input { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    generator = SeededGenerator(seed: hash)
  }

  /// A number in a range.
  mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// One of two.
  mutating func flag() -> Bool { Bool.random(using: &generator) }

  /// A way to cut so many bytes: now and then every byte, else at up to twelve places, some of them the same.
  mutating func cut(of count: Int) -> Chunking {
    if count < 1024, number(in: 0...3) == 0 {
      return Chunking(name: "every byte", ranges: (0..<count).map { $0..<$0 + 1 })
    }
    let places = (0..<number(in: 1...12)).map { _ in number(in: 0...count) }
    let ends = [0] + places.sorted() + [count]
    return Chunking(name: "cut at \(ends)", ranges: zip(ends, ends.dropFirst()).map { $0..<$1 })
  }
}

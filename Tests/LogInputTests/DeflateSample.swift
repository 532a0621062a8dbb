import TestSupport
import Testing

/// Archives whose deflate streams differ in kind: block types, window, matches.
struct DeflateSample: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let archive: [UInt8]

  init(_ name: String, _ archive: [UInt8]) {
    (testDescription, self.archive) = (name, archive)
  }

  static let small: [DeflateSample] = [
    DeflateSample("dynamic block", Gzip.member(lines(0..<30))),
    DeflateSample("fixed block", Gzip.member(Array("fixed, fixed, fixed!".utf8))),
    DeflateSample("stored block", Gzip.member(lines(0..<2), level: 0)),
    DeflateSample("one byte repeated", Gzip.member([UInt8](repeating: 97, count: 3000))),
    DeflateSample("noise", Gzip.member(noise(300, seed: 3, bits: 6))),
    DeflateSample("empty and not", Gzip.member([]) + Gzip.member(lines(0..<3), level: 1)),
    DeflateSample("gzip in gzip", Gzip.member(Gzip.member(lines(0..<8)))),
    // One code for all distances, as some compressors write it: "a" and a match of 258 at distance 1.
    DeflateSample("a single distance", singleDistance),
  ]

  static let large: [DeflateSample] = [
    DeflateSample("text", Gzip.member(lines(0..<20_000), level: 6)),
    DeflateSample("text, fast", Gzip.member(lines(0..<8000), level: 1)),
    DeflateSample("noise of few letters", Gzip.member(noise(300_000, seed: 4, bits: 3))),
    DeflateSample("noise, stored", Gzip.member(noise(200_000, seed: 5, bits: 8))),
    DeflateSample("zeros", Gzip.member([UInt8](repeating: 0, count: 3_000_000))),
    DeflateSample(
      "text and noise", Gzip.member(lines(0..<3000) + noise(100_000, seed: 6, bits: 8) + lines(0..<3000))),
    DeflateSample("long distances", Gzip.member(longDistances)),
    DeflateSample("gzip in gzip", Gzip.member(Gzip.member(lines(0..<10_000)))),
  ]

  private static func noise(_ count: Int, seed: UInt64, bits: UInt8) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      32 &+ UInt8.random(in: 0...UInt8(truncatingIfNeeded: 1 << Int(bits) - 1), using: &generator)
    }
  }

  /// Noise that comes again at nearly the whole window's distance.
  private static let longDistances: [UInt8] = {
    let piece = noise(32_400, seed: 7, bits: 8)
    return piece + piece + piece + lines(0..<100) + piece + piece
  }()

  /// Written by hand (RFC 1951, section 3.2.7), lowest bit first. The lengths' code: 1 for 1 and 18, 2 for 2.
  private static let singleDistance: [UInt8] = {
    var bits = BitWriter()
    bits.add(1, 1)
    bits.add(2, 2)
    // 286 symbols, one distance, lengths of the lengths' code up to that for 1.
    bits.add(29, 5)
    bits.add(0, 5)
    bits.add(14, 4)
    // 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1: 18 in one bit, 1 and 2 in two.
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] { bits.add(length, 3) }
    // Codes: 18 = 0, 1 = 10, 2 = 11, the first bit first.
    func zeros(_ count: Int) {
      bits.add(0, 1)
      bits.add(count - 11, 7)
    }
    zeros(97)
    bits.add(0b01, 2)  // "a": 1 bit
    zeros(138)
    zeros(20)
    bits.add(0b11, 2)  // the end: 2 bits
    zeros(28)
    bits.add(0b11, 2)  // 258: 2 bits
    bits.add(0b01, 2)  // the distance 1: 1 bit
    bits.add(0, 1)  // "a"
    bits.add(0b11, 2)  // 258
    bits.add(0, 1)  // 1 back
    bits.add(0b01, 2)  // the end
    let content = [UInt8](repeating: 97, count: 259)
    let trailer = Gzip.member(content).suffix(8)
    return Gzip.Header().bytes + bits.bytes + trailer
  }()
}

/// Writes bits, the lowest of a byte first.
struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var count = 0

  mutating func add(_ value: Int, _ bits: Int) {
    for bit in 0..<bits {
      if count % 8 == 0 { bytes.append(0) }
      bytes[count / 8] |= UInt8(value >> bit & 1) << UInt8(count % 8)
      count += 1
    }
  }
}

/// A 128-bit hash of a block's body-lines, by which a block that an upload repeated is known again
/// (2-log-envelopes, Replays).
///
/// Two lanes take eight bytes at a time, as FNV-1a takes one, with different primes. The hash is the same on every machine, and two different
/// bodies practically never have the same one.
struct BodyHash: Hashable {
  private var first: UInt64 = 0xCBF2_9CE4_8422_2325
  private var second: UInt64 = 0x9AE1_6A3B_2F90_404F

  /// Adds a line; where lines begin and end counts.
  @inline(__always) mutating func add(_ line: Span<UInt8>) {
    for place in 0..<line.count / 8 { mix(line.word(at: 8 * place)) }
    var rest: UInt64 = 0
    if line.count >= 8 {
      // The last bytes as a number, the last one the lowest.
      rest = line.word(at: line.count - 8).byteSwapped & ~(UInt64.max << UInt64(8 * (line.count & 7)))
    } else {
      for place in 0..<line.count { rest = rest << 8 | UInt64(line[place]) }
    }
    mix(rest)
    mix(UInt64(line.count))
  }

  /// Adds another hash.
  mutating func add(_ other: BodyHash) {
    mix(other.first)
    mix(other.second)
  }

  /// Half of the hash, for what need not be the same on every machine.
  var half: Int { Int(truncatingIfNeeded: first ^ second) }

  /// The hash as 16 bytes.
  var bytes: [UInt8] {
    [first, second].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  @inline(__always) private mutating func mix(_ word: UInt64) {
    first = (first ^ word) &* 0x0000_0100_0000_01B3
    first ^= first >> 32
    second = (second ^ word) &* 0x9E37_79B9_7F4A_7C15
    second ^= second >> 29
  }
}

extension [UInt8] {
  /// Longer names are kept abridged. No name of a task, a logger or a program is so long.
  static let longestName = 512

  /// The name as ``append(name:)`` appends it.
  var abridged: [UInt8] {
    var name: [UInt8] = []
    name.append(name: span)
    return name
  }

  /// Appends a name by which something is known again. A long one becomes its beginning and a hash.
  /// - Returns: Whether the name is abridged.
  @discardableResult
  mutating func append(name: Span<UInt8>) -> Bool {
    guard name.count > Self.longestName else {
      append(name)
      return false
    }
    append(name.extracting(0..<Self.longestName / 2))
    var hash = BodyHash()
    hash.add(name)
    append(contentsOf: hash.bytes)
    return true
  }
}

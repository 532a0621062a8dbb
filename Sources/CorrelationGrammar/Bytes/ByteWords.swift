/// Questions about short runs of bytes, eight bytes at a time: most keys and values are shorter than a call of a search would be worth.
extension Span<UInt8> {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The first place of a byte, which stands near the beginning.
  @inline(__always) func nearIndex(of byte: UInt8) -> Int? {
    let pattern = Self.ones &* UInt64(byte)
    var place = 0
    while place + 8 <= count {
      let difference = word(at: place) ^ pattern
      let equal = (difference &- Self.ones) & ~difference & Self.highBits
      if equal != 0 { return place + equal.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < count {
      if self[place] == byte { return place }
      place += 1
    }
    return nil
  }

  /// Whether two runs of bytes differ, as the last bytes of times mostly do.
  @inline(__always) func differs(from other: Span<UInt8>) -> Bool {
    if count >= 8, other.count == count, word(at: count - 8) != other.word(at: count - 8) { return true }
    return !equals(other)
  }

  /// The first bytes as a number, at most eight, the first one the lowest.
  @inline(__always) func firstWord(_ length: Int) -> UInt64 {
    if length >= 8 { return word(at: 0) }
    if count >= 8 { return word(at: 0) & ~(UInt64.max << UInt64(8 * length)) }
    var word: UInt64 = 0
    for place in 0..<length { word |= UInt64(self[place]) << UInt64(8 * place) }
    return word
  }

  /// Whether all bytes from a place on are letters, digits or one of `+ , - . / : _`.
  @inline(__always) func areValueBytes(from start: Int) -> Bool {
    var place = start
    while place + 8 <= count {
      if !Self.areValueBytes(word(at: place)) { return false }
      place += 8
    }
    let rest = count - place
    guard rest > 0 else { return true }
    // The places that the rest leaves free hold the digit 0.
    let zeros: UInt64 = 0x3030_3030_3030_3030 << UInt64(8 * rest)
    if count >= 8 { return Self.areValueBytes(word(at: count - 8) >> UInt64(8 * (8 - rest)) | zeros) }
    return Self.areValueBytes(extracting(place..<count).firstWord(rest) | zeros)
  }

  /// The same for eight bytes.
  @inline(__always) private static func areValueBytes(_ word: UInt64) -> Bool {
    let lowerCase = word | ones &* 0x20
    let found =
      inRange(lowerCase, UInt8(ascii: "a"), UInt8(ascii: "z"))
      | inRange(word, UInt8(ascii: "+"), UInt8(ascii: ":"))
      | inRange(word, UInt8(ascii: "_"), UInt8(ascii: "_"))
    return word & highBits == 0 && found & highBits == highBits
  }

  /// Sets the highest bit of each byte in a range of ASCII. No byte may be above ASCII.
  @inline(__always) private static func inRange(_ word: UInt64, _ first: UInt8, _ last: UInt8) -> UInt64 {
    (word &+ ones &* UInt64(0x80 - first)) & ~(word &+ ones &* UInt64(0x7F - last))
  }
}

import CByteScan

/// A set of bytes, such as the letters of a word or the digits.
struct ByteSet: Hashable, Sendable {
  private var words = SIMD4<UInt64>.zero

  /// The set of some bytes.
  init(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  }

  /// The set of the characters of a text.
  init(_ text: String) {
    self.init(text.utf8)
  }

  static let digits = ByteSet("0123456789")
  static let capitals = ByteSet(UInt8(ascii: "A")...UInt8(ascii: "Z"))
  static let letters = capitals.union(ByteSet(UInt8(ascii: "a")...UInt8(ascii: "z")))
  /// Space and tab.
  static let blanks = ByteSet(" \t")
  /// The bytes that times are written with, whatever their form.
  static let time = digits.union(ByteSet("-:.,+TZ "))
  /// Every byte but LF, which ends the line.
  static let any = ByteSet((0...0xFF).filter { $0 != 0x0A })

  /// The bytes of both sets.
  func union(_ other: ByteSet) -> ByteSet {
    var all = self
    all.words |= other.words
    return all
  }

  func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

  /// The set as the searches over whole chunks take it.
  var forScan: byte_set { byte_set(words: (words[0], words[1], words[2], words[3])) }
}

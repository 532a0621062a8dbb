/// Bytes that JSON and CSV write as they are: printable ASCII without quote and backslash.
enum PlainBytes {
  /// Zero where all eight bytes are plain. Each sum has the highest bit of a byte set where the byte is not plain; a carry from the byte below
  /// can only come where that one is not plain.
  @inline(__always) static func special(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
    let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
    let special =
      word | (word &- ones &* 0x20) | (word &+ ones) | (quote &- ones) | (backslash &- ones)
    return special & (ones &* 0x80)
  }
}

extension Span<UInt8> {
  /// Eight bytes from a place on as a number, the first one the lowest.
  func word(at place: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
  }
}

extension Span<UInt8> {
  /// Whether all bytes are printable ASCII, and none of them is a quote or a backslash: JSON and CSV write such a text as it is.
  var isPlain: Bool {
    guard count >= 8 else {
      for index in 0..<count where !Self.isPlain(self[index]) { return false }
      return true
    }
    var place = 0
    while place + 8 < count {
      if !Self.arePlain(word(at: place)) { return false }
      place += 8
    }
    // The last eight bytes may overlap the ones before.
    return Self.arePlain(word(at: count - 8))
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// The same for eight bytes at once. Each difference has the highest bit of a byte set where the byte is not plain; a borrow from the byte
  /// below can only come where that one is not plain.
  private static func arePlain(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
    let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
    let delete = word ^ ones &* 0x7F
    let special =
      word | (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones) | (delete &- ones)
    return special & (ones &* 0x80) == 0
  }

  /// Eight bytes from a place on as a number, the first one the lowest.
  func word(at place: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
  }
}

extension OutputSpan<UInt8> {
  /// Appends the first `count` of some bytes. All of them are copied, for which there must be room, so that none are counted.
  mutating func append(_ bytes: SIMD32<UInt8>, count: Int) {
    precondition(bytes.scalarCount <= freeCapacity && 0...bytes.scalarCount ~= count)
    unsafe withUnsafeMutableBufferPointer { buffer, end in
      guard let base = buffer.baseAddress else { return }
      unsafe UnsafeMutableRawPointer(base + end).storeBytes(of: bytes, as: SIMD32<UInt8>.self)
      end += count
    }
  }

  /// Appends a run of bytes at once. Traps where there is no room for them.
  @inlinable package mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity)
    unsafe withUnsafeMutableBufferPointer { buffer, count in
      unsafe bytes.withUnsafeBufferPointer { source in
        guard let to = buffer.baseAddress, let from = source.baseAddress else { return }
        unsafe (to + count).initialize(from: from, count: source.count)
        count += source.count
      }
    }
  }
}

/// The place of the next byte in memory. Whoever makes a cursor has made the room for all that is written with it, so that no byte is
/// counted by itself (``Swift/OutputSpan/writing(_:_:)``).
@safe struct ByteCursor {
  private var place: UnsafeMutableRawPointer

  @unsafe init(_ place: UnsafeMutableRawPointer) {
    unsafe self.place = place
  }

  /// How many bytes stand between another place and this one.
  @unsafe func distance(from start: UnsafeMutableRawPointer) -> Int { unsafe place - start }

  @inline(__always) mutating func put(_ byte: UInt8) {
    unsafe place.storeBytes(of: byte, as: UInt8.self)
    unsafe place += 1
  }

  /// Writes the first bytes of eight, the lowest one first. There must be room for all eight.
  @inline(__always) mutating func put(_ bytes: UInt64, count: Int) {
    unsafe place.storeBytes(of: bytes.littleEndian, as: UInt64.self)
    unsafe place += count
  }

  /// Writes the first bytes of 32. There must be room for all of them.
  @inline(__always) mutating func put(_ bytes: SIMD32<UInt8>, count: Int) {
    unsafe place.storeBytes(of: bytes, as: SIMD32<UInt8>.self)
    unsafe place += count
  }

  @inline(__always) mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { bytes in
      guard let from = bytes.baseAddress else { return }
      unsafe place.copyMemory(from: from, byteCount: bytes.count)
      unsafe place += bytes.count
    }
  }

  /// Writes a text that is printable ASCII without quote and backslash, and returns true. Of another text it may have overwritten what comes
  /// next, and the cursor stays. There must be room for eight bytes, however short the text is.
  @inline(__always) mutating func putPlain(_ text: Span<UInt8>) -> Bool {
    let isPlain = unsafe text.withUnsafeBytes { bytes in
      guard let from = bytes.baseAddress else { return true }
      return unsafe bytes.count >= 8
        ? Self.copyPlain(from, bytes.count, to: place) : Self.copyFewPlain(from, bytes.count, to: place)
    }
    if isPlain { unsafe place += text.count }
    return isPlain
  }

  @inline(__always) private static func copyPlain(
    _ from: UnsafeRawPointer, _ count: Int, to place: UnsafeMutableRawPointer
  ) -> Bool {
    var special: UInt64 = 0
    let last = count &- 8
    var index = 0
    while index < last {
      let word = unsafe from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      unsafe place.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
      special |= PlainBytes.special(word)
      index &+= 8
    }
    // The last eight bytes may overlap the ones before.
    let word = unsafe from.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    unsafe place.storeBytes(of: word, toByteOffset: last, as: UInt64.self)
    return special | PlainBytes.special(word) == 0
  }

  /// The same for fewer than eight bytes.
  @inline(__always) private static func copyFewPlain(
    _ from: UnsafeRawPointer, _ count: Int, to place: UnsafeMutableRawPointer
  ) -> Bool {
    // Blanks stand for the bytes that are not there.
    var word: UInt64 = 0x2020_2020_2020_2020 &<< UInt64(8 &* count)
    if count >= 4 {
      let (first, last) = unsafe (
        from.loadUnaligned(as: UInt32.self), from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      )
      word |= UInt64(UInt32(littleEndian: first))
      word |= UInt64(UInt32(littleEndian: last)) &<< UInt64(8 &* (count &- 4))
    } else {
      for index in 0..<count {
        word |= UInt64(unsafe from.load(fromByteOffset: index, as: UInt8.self)) &<< UInt64(8 &* index)
      }
    }
    unsafe place.storeBytes(of: word.littleEndian, as: UInt64.self)
    return PlainBytes.special(word) == 0
  }
}

extension OutputSpan<UInt8> {
  /// Appends what the closure writes, at most so many bytes. Traps where there is no room for them.
  @inline(__always) mutating func writing(_ most: Int, _ write: (inout ByteCursor) -> Void) {
    precondition(0...freeCapacity ~= most)
    unsafe withUnsafeMutableBufferPointer { buffer, count in
      guard let base = buffer.baseAddress else { return }
      let start = UnsafeMutableRawPointer(base)
      var cursor = unsafe ByteCursor(start + count)
      write(&cursor)
      count = unsafe cursor.distance(from: start)
    }
  }

  /// Appends a run of bytes at once. Traps where there is no room for them.
  @inlinable @inline(__always) package mutating func append(copying bytes: Span<UInt8>) {
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

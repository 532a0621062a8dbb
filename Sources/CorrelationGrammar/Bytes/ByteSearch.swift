import Glibc
import LogModel

/// A place in the decompressed log.
struct LogPosition: Sendable, Hashable {
  /// The physical line, from 1.
  var line: Int
  /// The byte at which that line begins, from 0.
  var offset: Int
}

/// Searches over bytes. The only file of the grammar that touches pointers.
extension Span<UInt8> {
  /// The first place of a byte at or after `start`.
  func index(of byte: UInt8, from start: Int = 0) -> Int? {
    guard start < count else { return nil }
    return unsafe withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte), buffer.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
  }

  /// The last place of a byte before `end`.
  func lastIndex(of byte: UInt8, before end: Int) -> Int? {
    var index = end - 1
    while index >= 0 {
      if self[index] == byte { return index }
      index -= 1
    }
    return nil
  }

  /// The first place of a short pattern at or after `start`.
  func index(of pattern: StaticString, from start: Int = 0) -> Int? {
    let first = unsafe pattern.utf8Start.pointee
    var position = start
    while let candidate = index(of: first, from: position) {
      if has(pattern, at: candidate) { return candidate }
      position = candidate + 1
    }
    return nil
  }

  /// Whether the pattern stands at `start`.
  func has(_ pattern: StaticString, at start: Int = 0) -> Bool {
    let length = pattern.utf8CodeUnitCount
    guard start >= 0, start + length <= count else { return false }
    return unsafe withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return length == 0 }
      return unsafe memcmp(base + start, pattern.utf8Start, length) == 0
    }
  }

  /// Whether the bytes in a range are the pattern, all of it.
  func `is`(_ pattern: StaticString, in range: Range<Int>) -> Bool {
    range.count == pattern.utf8CodeUnitCount && has(pattern, at: range.lowerBound)
  }

  /// Whether the bytes in a range are the pattern in any case. The pattern is given in lower case.
  func isCaseless(_ pattern: StaticString, in range: Range<Int>) -> Bool {
    let length = pattern.utf8CodeUnitCount
    guard range.count == length else { return false }
    return pattern.withUTF8Buffer { expected in
      for index in 0..<length {
        let byte = unsafe expected[index]
        if self[range.lowerBound + index].asciiLowercased != byte { return false }
      }
      return true
    }
  }

  /// Whether two runs of bytes are equal.
  func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBufferPointer { buffer in
      unsafe other.withUnsafeBufferPointer { otherBuffer in
        guard let base = buffer.baseAddress, let otherBase = otherBuffer.baseAddress else { return true }
        return unsafe memcmp(base, otherBase, buffer.count) == 0
      }
    }
  }
}

extension [UInt8] {
  /// Whether the bytes are the same. Faster than `==`, which compares arrays byte by byte.
  func hasSameBytes(as other: [UInt8]) -> Bool { span.equals(other.span) }

  /// Removes all bytes, and keeps the buffer if it is small.
  ///
  /// Where another array has the buffer, too, a new one is made that has as much room or more. Kept without a limit it would grow each time.
  mutating func empty() { removeAll(keepingCapacity: capacity <= 256) }

  /// Becomes these bytes. Where there are as many as before, as of most times of a log, none is moved.
  mutating func become(_ bytes: Span<UInt8>) {
    guard count == bytes.count else {
      empty()
      append(bytes)
      return
    }
    unsafe withUnsafeMutableBufferPointer { target in
      unsafe bytes.withUnsafeBufferPointer { source in
        guard let to = target.baseAddress, let from = source.baseAddress else { return }
        unsafe to.update(from: from, count: source.count)
      }
    }
  }

  /// Appends a run of bytes.
  mutating func append(_ bytes: Span<UInt8>, in range: Range<Int>) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends all the bytes.
  mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

extension Span<UInt8> {
  /// The bytes in a range as text; invalid UTF-8 becomes U+FFFD, and the flag says so.
  func text(in range: Range<Int>) -> (text: String, isValid: Bool) {
    let slice = extracting(range)
    if let valid = try? UTF8Span(validating: slice) {
      return (String(copying: valid), true)
    }
    let text = unsafe slice.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    return (text, false)
  }

  /// At most 200 bytes of a range, cut at a character, for an issue's raw text.
  func rawText(in range: Range<Int>) -> String {
    var end = range.upperBound
    if range.count > 200 {
      end = range.lowerBound + 200
      // A character has at most three bytes behind its first. More such bytes are no UTF-8, and are cut anywhere.
      end = (end - 3...end).last { self[$0] & 0xC0 != 0x80 } ?? end
    }
    return text(in: range.lowerBound..<end).text
  }

  /// Eight bytes from a place on as a number, the first one the lowest.
  func word(at place: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// The range without blanks at both ends.
  func trimmingBlanks(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, self[lower].isBlank { lower += 1 }
    while upper > lower, self[upper - 1].isBlank { upper -= 1 }
    return lower..<upper
  }
}

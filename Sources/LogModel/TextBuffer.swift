/// A text that is written piece by piece, as bytes. Its memory stays for the next text.
@safe package struct TextBuffer: ~Copyable {
  @usableFromInline var bytes: UnsafeMutableRawPointer
  @usableFromInline var count = 0
  @usableFromInline var capacity: Int

  /// An empty text.
  package init() {
    capacity = 512
    unsafe bytes = .allocate(byteCount: capacity, alignment: 1)
  }

  deinit { unsafe bytes.deallocate() }

  /// Whether nothing has been written.
  package var isEmpty: Bool { count == 0 }

  /// Forgets the text.
  package mutating func removeAll() { count = 0 }

  /// Appends words.
  @inlinable @inline(__always) package mutating func append(_ words: StaticString) {
    words.withUTF8Buffer { unsafe append(copying: UnsafeRawBufferPointer($0)) }
  }

  @inlinable @inline(__always) mutating func append(copying words: UnsafeRawBufferPointer) {
    guard let from = words.baseAddress else { return }
    if words.count > capacity &- count { grow(words.count) }
    unsafe (bytes + count).copyMemory(from: from, byteCount: words.count)
    count &+= words.count
  }

  /// Appends words that are no literal.
  package mutating func append(_ words: String) {
    unsafe words.utf8.span.withUnsafeBytes { unsafe append(copying: $0) }
  }

  /// Appends a number in its exact form.
  package mutating func append(_ number: ExactDecimal) {
    if number.mostBytes > capacity &- count { grow(number.mostBytes) }
    let start = unsafe bytes + count
    var cursor = unsafe ByteCursor(start)
    cursor.put(number)
    count &+= unsafe cursor.distance(from: start)
  }

  /// Makes room for so many bytes more.
  @usableFromInline @inline(never) mutating func grow(_ room: Int) {
    let larger = max(2 * capacity, count + room)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 1)
    unsafe moved.copyMemory(from: bytes, byteCount: count)
    unsafe bytes.deallocate()
    unsafe bytes = moved
    capacity = larger
  }

  /// The text so far.
  package var text: String {
    unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
}

extension TextBuffer: @unchecked Sendable {}

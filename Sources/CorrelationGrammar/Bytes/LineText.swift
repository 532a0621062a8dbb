/// Lines, each with a LF, in a buffer that is filled anew for each record. Its bytes are written over and never moved, as those of an array
/// would be checked and moved for each line.
struct LineText {
  private var bytes: [UInt8] = []
  /// How many of the bytes are lines.
  private(set) var count = 0

  /// Forgets all lines.
  mutating func removeAll() { count = 0 }

  /// Appends a line.
  mutating func append(_ line: Span<UInt8>) {
    let end = count + line.count + 1
    if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: max(256, end))) }
    let start = count
    unsafe bytes.withUnsafeMutableBufferPointer { target in
      unsafe line.withUnsafeBufferPointer { source in
        guard let to = target.baseAddress else { return }
        if let from = source.baseAddress { unsafe (to + start).update(from: from, count: source.count) }
        unsafe to[end - 1] = 0x0A
      }
    }
    count = end
  }

  /// The place behind a line, if it stands at `start`.
  func end(of line: Span<UInt8>, at start: Int) -> Int? {
    let end = start + line.count
    guard end < count, bytes[end] == 0x0A, bytes.span.extracting(start..<end).equals(line) else { return nil }
    return end + 1
  }
}

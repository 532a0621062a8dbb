/// Takes head and body of an answer as they come, and holds no more of the body than a bound.
final class StreamReceiver {
  /// How much libcurl hands over at a time, at most.
  static let bufferBytes = 128 << 10
  private static let longestHead = 64 << 10

  private(set) var head = HTTPHead()
  private(set) var hasHead = false
  /// Bytes of head and body that came.
  private(set) var received = 0
  /// Whether libcurl was told to wait because there was no room.
  var isPaused = false

  private var body: [UInt8] = []
  private var start = 0

  /// Whether no byte of the body waits.
  var isEmpty: Bool { start == body.count }

  /// Whether the next piece can be taken.
  var hasRoom: Bool { body.count - start < Self.bufferBytes }

  /// Makes ready for another answer.
  func reset() {
    head = HTTPHead()
    hasHead = false
    received = 0
    isPaused = false
    body.removeAll(keepingCapacity: true)
    start = 0
  }

  /// Takes a line of a head; says whether it may go on. Heads before the last one (`100 Continue`) are forgotten.
  func takeHead(_ line: [UInt8]) -> Bool {
    received += line.count
    guard !hasHead else { return true }
    guard received <= Self.longestHead else { return false }
    if line.starts(with: "HTTP/".utf8) {
      head = HTTPHead()
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      head.status = words.count > 1 ? Int(String(decoding: words[1].prefix(3), as: UTF8.self)) ?? 0 : 0
    } else if line.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) {
      hasHead = head.status >= 200
    } else {
      head.add(line)
    }
    return true
  }

  /// Takes a piece of the body.
  func takeBody(_ piece: UnsafeRawBufferPointer) {
    received += piece.count
    if isEmpty {
      body.removeAll(keepingCapacity: true)
      start = 0
    }
    unsafe body.append(contentsOf: piece)
  }

  /// Moves what waits into a buffer, from its start; says how many bytes that are.
  func take(into buffer: inout [UInt8]) -> Int {
    let count = min(buffer.count, body.count - start)
    buffer.replaceSubrange(0..<count, with: body[start..<start + count])
    start += count
    return count
  }
}

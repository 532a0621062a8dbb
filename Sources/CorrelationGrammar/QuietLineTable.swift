/// The tails of JSON lines that were read whole, so that the next line with the same tail can be passed over and is
/// known all the same: it names the same task instance, which was compared with the path's, and has the same stream.
///
/// Tails that differ on every line, because a logger binds numbers to its events, are read every time.
struct QuietLineTable {
  private struct Shape {
    var tail: [UInt8] = []
    /// The lane of the line (``RecordLane/tag``).
    var tag: [UInt8] = []
    var stream = 0
  }

  private static let size = 64

  private var shapes = [Shape](repeating: Shape(), count: size)

  /// The stream of a line with a tail that was read before; nil where it was not.
  func stream(of line: Span<UInt8>, _ tail: Range<Int>, tag: [UInt8]) -> Int? {
    let shape = shapes[Self.slot(of: line, tail)]
    return shape.tail.span.equals(line.extracting(tail)) && shape.tag == tag ? shape.stream : nil
  }

  /// Takes note of a line that was read.
  mutating func add(_ line: Span<UInt8>, _ tail: Range<Int>, tag: [UInt8], stream: Int) {
    let slot = Self.slot(of: line, tail)
    shapes[slot].tail.removeAll(keepingCapacity: true)
    shapes[slot].tail.append(line, in: tail)
    shapes[slot].tag = tag
    shapes[slot].stream = stream
  }

  /// Forgets all lines, because the streams were numbered anew.
  mutating func removeAll() {
    for slot in shapes.indices { shapes[slot] = Shape() }
  }

  /// A few bytes of the tail tell most tails from each other.
  private static func slot(of line: Span<UInt8>, _ tail: Range<Int>) -> Int {
    var hash = UInt(tail.count)
    var index = tail.lowerBound
    while index < tail.upperBound {
      hash = hash &* 31 &+ UInt(line[index])
      index += 7
    }
    return Int(hash % UInt(size))
  }
}

/// The last time in each stream, for headers whose own line has none (page 2, *Times*).
struct StreamTimes {
  /// A hostile log names a stream of its own on every line.
  private static let most = 1024

  private var indices: [[UInt8]: Int] = [:]
  private var keys: [[UInt8]] = []
  private var times: [[UInt8]] = []
  private var last = 0

  /// The number of a stream; `didOverflow` where there were too many, and all were forgotten.
  mutating func index(of key: [UInt8]) -> (index: Int, didOverflow: Bool) {
    if last < keys.count, keys[last] == key { return (last, false) }
    if let found = indices[key] {
      last = found
      return (found, false)
    }
    let didOverflow = keys.count >= Self.most
    if didOverflow { self = StreamTimes() }
    last = keys.count
    indices[key] = last
    keys.append(key)
    times.append([])
    return (last, didOverflow)
  }

  /// Takes note of a time, if it is one.
  mutating func note(_ line: Span<UInt8>, _ time: Range<Int>, stream index: Int) {
    guard LogTime(line.extracting(time)) != nil else { return }
    times[index].removeAll(keepingCapacity: true)
    times[index].append(line, in: time)
  }

  /// The last time as written; empty where there was none.
  func time(of key: [UInt8]) -> [UInt8] { indices[key].map { times[$0] } ?? [] }
}

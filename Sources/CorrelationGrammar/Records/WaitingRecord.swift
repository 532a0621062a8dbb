/// A record of which only the end of its last line tells the source (``RecordShape/untilContext(_:)``). Its lines wait here until that
/// end has come, or the next record shows that it will not come.
struct WaitingRecord {
  /// One message line with what is known of its physical line.
  struct Line {
    var text: Range<Int>
    var attributes: LineSplitter.Attributes
  }

  private(set) var isActive = false
  /// The envelope's number in the list.
  private(set) var envelope = 0
  private(set) var text: [UInt8] = []
  private(set) var lines: [Line] = []
  private(set) var time: [UInt8] = []
  private(set) var level: [UInt8] = []

  mutating func begin(_ envelope: Int, _ line: Span<UInt8>, _ head: RecordHead) {
    clear()
    isActive = true
    self.envelope = envelope
    time.append(name: line.extracting(head.time))
    level.append(name: line.extracting(head.origin.level))
  }

  mutating func append(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let start = text.count
    text.append(message)
    lines.append(Line(text: start..<text.count, attributes: attributes))
  }

  /// About how many bytes of memory the record takes, buffers for a later one included.
  var memory: Int { text.capacity + lines.capacity * MemoryLayout<Line>.stride }

  mutating func clear() {
    isActive = false
    text.removeAll(keepingCapacity: text.capacity <= 262_144)
    lines.removeAll(keepingCapacity: true)
    time.empty()
    level.empty()
  }
}

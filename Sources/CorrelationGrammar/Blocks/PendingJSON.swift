/// Lines of one log record that may together be one JSON object.
struct PendingJSON {
  /// One of the lines, kept so that it can be read again as what it is.
  struct Line {
    var text: [UInt8]
    var position: LogPosition
  }

  private(set) var text: [UInt8] = []
  private(set) var record = 0
  /// The record before has ended or suspended the block; whether the object goes on with it shows at its end.
  private(set) var decides = false
  private var lines: [Line] = []

  var isPending: Bool { !lines.isEmpty }
  /// Where the first line stands.
  var position: LogPosition { lines.first?.position ?? LogPosition(line: 0, offset: 0) }

  mutating func begin(_ line: Span<UInt8>, at position: LogPosition, record: Int, decides: Bool = false) {
    clear()
    self.record = record
    self.decides = decides
    append(line, at: position)
  }

  mutating func append(_ line: Span<UInt8>, at position: LogPosition) {
    text.append(line)
    text.append(0x0A)
    var copy: [UInt8] = []
    copy.append(line)
    lines.append(Line(text: copy, position: position))
  }

  /// Whether one more line makes the lines an object.
  func completes(with line: Span<UInt8>) -> Bool {
    guard isPending else { return false }
    var longer = self
    longer.append(line, at: LogPosition(line: 0, offset: 0))
    return JSONBody(longer.text.span) != nil
  }

  mutating func takeLines() -> [Line] {
    let taken = lines
    clear()
    return taken
  }

  mutating func clear() {
    text.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
  }
}

import LogModel

/// Lines that may together be one object (1-correlation-data, Objects): of one log record, or of several records of a
/// line stream.
struct CollectedObject: Equatable {
  /// All the lines, a LF behind each.
  private(set) var text: [UInt8] = []
  private(set) var lines: [HeldLine] = []
  private var shape = ObjectShape()
  /// What the first line says of the value before it, where the lines are no object.
  var cut = BlockLine.Cut.no

  /// Begins with an object's first line.
  init(_ line: Span<UInt8>, at position: LogPosition, in record: BlockRecord) {
    append(line, at: position, in: record)
  }

  /// Where the first line stands.
  var position: LogPosition { lines[0].position }

  /// The record of the last line.
  var lastRecord: BlockRecord { lines[lines.count - 1].record }

  /// The object as pairs; nil while the lines are no whole object.
  var body: JSONBody? { JSONBody(text.span) }

  /// Whether the lines can still become an object.
  var canGoOn: Bool { shape.canGoOn }

  /// Whether the last brace has closed.
  var isClosed: Bool { shape.isClosed }

  /// Whether a line can carry the object on, which has not closed.
  func canGoOn(with line: Span<UInt8>) -> Bool {
    var longer = shape
    longer.take(line)
    return longer.canGoOn
  }

  mutating func append(_ line: Span<UInt8>, at position: LogPosition, in record: BlockRecord) {
    shape.take(line)
    text.append(line)
    text.append(0x0A)
    lines.append(HeldLine(line, at: position, in: record))
  }

  /// Whether one more line makes the lines an object.
  func isCompleted(by line: Span<UInt8>) -> Bool {
    var longer = text
    longer.append(line)
    return JSONBody(longer.span) != nil
  }

  /// The line that holds a byte of `text`.
  func line(at offset: Int) -> HeldLine {
    var end = 0
    for line in lines {
      end += line.text.count + 1
      if offset < end { return line }
    }
    return lines[lines.count - 1]
  }
}

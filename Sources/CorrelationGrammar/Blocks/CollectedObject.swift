/// Lines of one log record that may together be one JSON object (1-correlation-data, Grammar).
struct CollectedObject: Equatable {
  /// One of the lines, kept so that it can be read again as what it is.
  struct Line: Equatable {
    var text: [UInt8]
    var position: LogPosition
  }

  /// All the lines, a LF behind each.
  private(set) var text: [UInt8] = []
  private(set) var lines: [Line] = []

  /// Begins with an object's first line.
  init(_ line: Span<UInt8>, at position: LogPosition) {
    append(line, at: position)
  }

  /// Where the first line stands.
  var position: LogPosition { lines[0].position }

  /// The object as pairs; nil while the lines are no whole object.
  var body: JSONBody? { JSONBody(text.span) }

  mutating func append(_ line: Span<UInt8>, at position: LogPosition) {
    text.append(line)
    text.append(0x0A)
    var copy: [UInt8] = []
    copy.append(line)
    lines.append(Line(text: copy, position: position))
  }

  /// Whether one more line makes the lines an object.
  func isCompleted(by line: Span<UInt8>) -> Bool {
    var longer = text
    longer.append(line)
    return JSONBody(longer.span) != nil
  }
}

import LogModel

/// The text of a header's beginning, or of an end marker, on a line that is neither (1-correlation-data, Near-miss headers): the writer ended
/// one text without LF, and the next one stands on the same line.
struct GluedMark: Equatable {
  /// Where the first such text begins in the line.
  let place: Int
  /// Whether that text is an end marker's.
  let isEndMarker: Bool

  /// The mark of a line. Nil where the line holds no such text, or is a header or an end marker. Of an overlong line only the beginning is
  /// there; `holdsHeader` says that the line holds a header's text.
  init?(in line: Span<UInt8>, holdsHeader: Bool = false) {
    if let first = Self.first(in: line) {
      if first.place == 0, line.isEndMarker || MessageLine.isHeader(line) { return nil }
      self = first
    } else if holdsHeader {
      self.init(place: line.count, isEndMarker: false)
    } else {
      return nil
    }
  }

  private init(place: Int, isEndMarker: Bool) {
    self.place = place
    self.isEndMarker = isEndMarker
  }

  /// Whether a part of a line holds such a text.
  static func isHeld(by text: Span<UInt8>) -> Bool { first(in: text) != nil }

  private static func first(in text: Span<UInt8>) -> GluedMark? {
    var position = 0
    while let place = text.index(of: MessageLine.mark, from: position) {
      if text.has(MessageLine.headerStart, at: place) { return GluedMark(place: place, isEndMarker: false) }
      if text.has(MessageLine.endText, at: place) { return GluedMark(place: place, isEndMarker: true) }
      position = place + 1
    }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether a line is the end marker with its text.
  var isEndMarker: Bool { self.is(MessageLine.endText, in: 0..<count) }
}

extension MessageLine {
  /// Where a header begins on a line that is the end marker and, directly behind it or behind blanks, a header. The line is both, one after the
  /// other.
  static func headerBehindEndMarker(_ line: Span<UInt8>) -> Int? {
    guard line.has(endText) else { return nil }
    let start = PairLexer.skipBlanks(line, from: endText.utf8CodeUnitCount, limit: line.count)
    return isHeader(line.extracting(start..<line.count)) ? start : nil
  }

  /// Whether a line begins as a header, or is an end marker and a header.
  static func holdsHeader(_ line: Span<UInt8>) -> Bool {
    line.has(headerStart) || headerBehindEndMarker(line) != nil
  }
}

/// ECMA-48 escape sequences, which terminals obey and the grammar removes before it reads a line
/// (2-log-envelopes, How prefixes and lines are read).
enum ANSIEscapes {
  static let escape: UInt8 = 0x1B

  /// Appends `bytes` without escape sequences to `plain`. An ESC that begins no sequence is kept.
  static func strip(_ bytes: Span<UInt8>, in range: Range<Int>, into plain: inout [UInt8]) {
    var position = range.lowerBound
    var ends = StringEnds()
    while position < range.upperBound {
      guard let start = bytes.index(of: escape, from: position), start < range.upperBound else { break }
      plain.append(bytes, in: position..<start)
      if let end = endOfSequence(in: bytes, at: start, limit: range.upperBound, &ends) {
        position = end
      } else {
        plain.append(escape)
        position = start + 1
      }
    }
    plain.append(bytes, in: position..<range.upperBound)
  }

  /// The position after the sequence that begins with the ESC at `start`; nil where none is complete.
  private static func endOfSequence(
    in bytes: Span<UInt8>, at start: Int, limit: Int, _ ends: inout StringEnds
  ) -> Int? {
    var position = start + 1
    guard position < limit else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "["):
      position += 1
      while position < limit, 0x30...0x3F ~= bytes[position] { position += 1 }
      while position < limit, 0x20...0x2F ~= bytes[position] { position += 1 }
      guard position < limit, 0x40...0x7E ~= bytes[position] else { return nil }
      return position + 1
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
      // OSC, DCS, SOS, PM, APC: up to BEL or ESC backslash. Without an end nothing is removed, so that an
      // unfinished title never swallows data.
      return ends.end(in: bytes, from: position + 1, limit: limit)
    default:
      while position < limit, 0x20...0x2F ~= bytes[position] { position += 1 }
      guard position < limit, 0x30...0x7E ~= bytes[position] else { return nil }
      return position + 1
    }
  }

  /// Where the strings of a line end: at a BEL or at ESC backslash.
  ///
  /// The end that was found last is remembered, so that a line with many beginnings is looked through once.
  private struct StringEnds {
    /// The last end that was found: its first byte, and the place behind it.
    private var found = 0..<0
    /// No end stands behind the last one.
    private var isOver = false

    /// The place behind the first end that begins at `start` or later. Each `start` is greater than the one before.
    mutating func end(in bytes: Span<UInt8>, from start: Int, limit: Int) -> Int? {
      if start <= found.lowerBound { return found.upperBound }
      if isOver { return nil }
      for position in start..<max(start, limit) {
        if bytes[position] == 0x07 {
          found = position..<position + 1
          return found.upperBound
        }
        if bytes[position] == escape, position + 1 < limit, bytes[position + 1] == UInt8(ascii: "\\") {
          found = position..<position + 2
          return found.upperBound
        }
      }
      isOver = true
      return nil
    }
  }
}

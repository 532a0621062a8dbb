/// The byte order mark with which a log may begin (2-log-envelopes, How prefixes and lines are read). It is no text of the log.
struct ByteOrderMark {
  private static let bytes: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// How many bytes of a mark the log has begun with.
  private var matched = 0
  /// The log's beginning is known: what comes now is text.
  private(set) var isPast = false

  /// How many bytes came that may be a part of a mark.
  var pending: Int { isPast ? 0 : matched }

  /// What the beginning of a log turned out to be.
  enum Beginning {
    /// So far a part of a mark.
    case unclear
    /// A mark, behind which the log's text begins at this place of the chunk.
    case mark(length: Int, end: Int)
    /// No mark. These bytes of it came in earlier chunks, and are text.
    case text(earlier: [UInt8])
  }

  /// Looks at the next bytes of the log's beginning.
  mutating func take(_ chunk: Span<UInt8>) -> Beginning {
    let earlier = matched
    var place = 0
    while matched < Self.bytes.count {
      guard place < chunk.count else { return .unclear }
      guard chunk[place] == Self.bytes[matched] else {
        isPast = true
        return .text(earlier: Array(Self.bytes[..<earlier]))
      }
      matched += 1
      place += 1
    }
    isPast = true
    return .mark(length: matched, end: place)
  }

  /// The log has ended: the bytes of a mark that did not come to its end.
  mutating func finish() -> [UInt8] {
    defer { isPast = true }
    return isPast ? [] : Array(Self.bytes[..<matched])
  }
}

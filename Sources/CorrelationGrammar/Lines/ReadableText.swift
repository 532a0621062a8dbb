import LogModel

/// What of a message line is read (2-log-envelopes, Group markers and redrawn lines).
extension Span<UInt8> {
  /// The part of a message line that is read: what stands behind a group marker, and behind the last CR of a line that a progress bar
  /// drew again and that then says something. The range has no blanks at its ends, and neither has the result.
  func readable(_ range: Range<Int>) -> Range<Int> {
    var range = range
    if extracting(range).index(of: 0x0D) != nil, let last = lastIndex(of: 0x0D, before: range.upperBound) {
      let behind = trimmingBlanks(last + 1..<range.upperBound)
      if MessageLine.speaksForItself(extracting(behind)) { range = behind }
    }
    return range.isEmpty || self[range.lowerBound] != MessageLine.groupMark ? range : withoutMarker(range)
  }

  /// Whether a group marker was taken off the part of a message line that is read.
  func isBehindGroupMarker(_ range: Range<Int>) -> Bool {
    var end = range.lowerBound
    while end > 0, self[end - 1].isBlank { end -= 1 }
    guard end > 1, self[end - 1] == MessageLine.groupMark, self[end - 2] == MessageLine.groupMark else {
      return false
    }
    return MessageLine.groupMarkers.contains { has($0, at: end - $0.utf8CodeUnitCount) }
  }

  private func withoutMarker(_ range: Range<Int>) -> Range<Int> {
    for marker in MessageLine.groupMarkers where has(marker, at: range.lowerBound) {
      let start = range.lowerBound + marker.utf8CodeUnitCount
      if start <= range.upperBound { return trimmingBlanks(start..<range.upperBound) }
    }
    return range
  }
}

extension MessageLine {
  /// What Airflow's interface folds lines by, and the byte with which each of these begins.
  static let groupMarkers: [StaticString] = ["::group::", "::endgroup::"]
  static let groupMark = UInt8(ascii: ":")

  /// Whether a line is a header, an end marker, or begins with a known key: whatever stands around it, such a line is a block's.
  static func speaksForItself(_ text: Span<UInt8>) -> Bool {
    guard let first = text.isEmpty ? nil : text[0] else { return false }
    if first == mark { return isHeader(text) || text.isEndMarker || headerBehindEndMarker(text) != nil }
    return keyOfCutLine(text).map { KeyName(text, in: $0).isKnown } ?? false
  }
}

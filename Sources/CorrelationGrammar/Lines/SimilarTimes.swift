import LogModel

/// Tells times from other texts, among texts that differ in nothing but digits, as the times of one log do.
///
/// Of the times of one minute only the first is read.
struct SimilarTimes {
  /// The first sixteen bytes of the last time, `2026-03-28T02:14`. 0 as long as there was none.
  private var minute = SIMD2<UInt64>.zero

  /// Whether a text is a time.
  @inline(__always) mutating func isTime(_ text: Span<UInt8>) -> Bool {
    guard Self.isUsual(text) else { return LogTime(text) != nil }
    let minute = SIMD2(text.word(at: 0), text.word(at: 8))
    // Every second but a leap second will do, and so will every fraction.
    if minute == self.minute, text[17] < UInt8(ascii: "6") { return true }
    guard LogTime(text) != nil else { return false }
    self.minute = minute
    return true
  }

  /// Whether the tens of the seconds stand behind 17 bytes, and the zone is `Z` or `+0000`.
  @inline(__always) private static func isUsual(_ text: Span<UInt8>) -> Bool {
    let last = text.count - 1
    guard last > 18, text[10] == UInt8(ascii: "T"), text[16] == UInt8(ascii: ":") else {
      return false
    }
    return text[last] == UInt8(ascii: "Z") || text.word(at: last - 7) >> 24 == 0x30_3030_302B
  }
}

/// The beginning of a line that comes in pieces, held as far as its limit allows.
///
/// Dropped bytes are searched for a header's text. A JSON line that is too long to be read is then reported if it held a header
/// (1-correlation-data, Issues).
struct PartialLine {
  private(set) var bytes: [UInt8] = []
  /// Bytes of the line so far, dropped ones included.
  private(set) var count = 0
  private var seam: [UInt8] = []
  private var droppedHeader = false
  /// Of a line that was let go of so much is held.
  private static let fewBytes = 1024

  var isEmpty: Bool { count == 0 }
  /// More bytes came than are held.
  var isOverlong: Bool { count > bytes.count }
  /// Whether the header's text stands anywhere in an overlong line.
  var holdsHeader: Bool { isOverlong && (droppedHeader || Self.holdsHeader(bytes.span)) }

  static func holdsHeader(_ bytes: Span<UInt8>) -> Bool { bytes.index(of: MessageLine.headerStart) != nil }

  /// Takes the next piece; of the whole line not more than `limit` bytes are held.
  mutating func append(_ chunk: Span<UInt8>, in range: Range<Int>, limit: Int) {
    let isFirstDrop = count == bytes.count
    // Leading blanks were held up to the limit of JSON. The line proved to be text, whose limit is less.
    if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
    let held = isFirstDrop ? min(range.count, max(0, limit - bytes.count)) : 0
    count += range.count
    bytes.append(chunk, in: range.lowerBound..<range.lowerBound + held)
    guard held < range.count, !droppedHeader else { return }
    // The header's text may lie across two pieces, so each piece is searched together with the last bytes before it.
    let overlap = MessageLine.headerStart.utf8CodeUnitCount - 1
    var seam = self.seam
    if isFirstDrop { seam.append(bytes.span, in: max(0, bytes.count - overlap)..<bytes.count) }
    seam.append(chunk, in: range.lowerBound + held..<range.upperBound)
    droppedHeader = Self.holdsHeader(seam.span)
    self.seam = Array(seam.suffix(overlap))
  }

  /// About how many bytes of memory the line takes.
  var memory: Int { bytes.capacity }

  /// Holds only the beginning of the line from now on: it counts as overlong.
  mutating func letGo() {
    guard bytes.capacity > Self.fewBytes else { return }
    droppedHeader = droppedHeader || Self.holdsHeader(bytes.span)
    seam = Array(bytes.suffix(MessageLine.headerStart.utf8CodeUnitCount - 1))
    bytes = Array(bytes.prefix(Self.fewBytes))
  }

  /// A piece came without its end, because it was too long. The line counts as overlong.
  mutating func markOverlong() {
    count += 1
  }

  /// Forgets the line. The buffer is kept for the next one if it has room for at most `keeping` bytes.
  mutating func clear(keeping: Int) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= keeping)
    count = 0
    seam.removeAll(keepingCapacity: true)
    droppedHeader = false
  }
}

/// The beginning of a line that comes in pieces, held as far as its limit allows.
///
/// What is dropped is still looked through for a header's text, so that a JSON line that is too long to be
/// read can say that it held one (1-correlation-data, Issues).
struct PartialLine {
  private(set) var bytes: [UInt8] = []
  /// Bytes of the line so far, dropped ones included.
  private(set) var count = 0
  private var seam: [UInt8] = []
  private var droppedHeader = false

  var isEmpty: Bool { count == 0 }
  /// More bytes came than are held.
  var isOverlong: Bool { count > bytes.count }
  /// Whether the header's text stands anywhere in an overlong line.
  var holdsHeader: Bool { isOverlong && (droppedHeader || Self.holdsHeader(bytes.span)) }

  static func holdsHeader(_ bytes: Span<UInt8>) -> Bool { bytes.index(of: MessageLine.headerStart) != nil }

  /// Takes the next piece; of the whole line not more than `limit` bytes are held.
  mutating func append(_ chunk: Span<UInt8>, in range: Range<Int>, limit: Int) {
    let isFirstDrop = count == bytes.count
    // Blanks were held as if JSON might follow; what followed is text.
    if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
    let held = isFirstDrop ? min(range.count, max(0, limit - bytes.count)) : 0
    count += range.count
    bytes.append(chunk, in: range.lowerBound..<range.lowerBound + held)
    guard held < range.count, !droppedHeader else { return }
    // The header's text may lie across pieces, so the last bytes before each are looked at again with it.
    let overlap = MessageLine.headerStart.utf8CodeUnitCount - 1
    var seam = self.seam
    if isFirstDrop { seam.append(bytes.span, in: max(0, bytes.count - overlap)..<bytes.count) }
    seam.append(chunk, in: range.lowerBound + held..<range.upperBound)
    droppedHeader = Self.holdsHeader(seam.span)
    self.seam = Array(seam.suffix(overlap))
  }

  /// A piece was itself too long to be held: the line can only be passed over.
  mutating func markOverlong() {
    count += 1
  }

  /// Forgets the line; room for more than `keeping` bytes is given back.
  mutating func clear(keeping: Int) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= keeping)
    count = 0
    seam.removeAll(keepingCapacity: true)
    droppedHeader = false
  }
}

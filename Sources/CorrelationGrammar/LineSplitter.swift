/// Cuts chunks into physical lines at LF, whatever the cuts between the chunks.
///
/// A line that lies within one chunk is handed on in place. Of a line over its limit only the beginning is held
/// and handed on: a JSON line (its first byte that is no blank is `{`) must be read whole, a text line only as
/// far as a message line of a block may reach.
struct LineSplitter {
  /// One physical line without its LF.
  struct Attributes {
    /// Where the line begins.
    var position: LogPosition
    /// More bytes than are held: the rest was dropped.
    var isOverlong = false
    /// An overlong line that has the header's text somewhere.
    var holdsHeader = false
    /// The input ended before the line's LF.
    var isCut = false
  }

  private let textLimit: Int
  private let jsonLimit: Int
  private var carry: [UInt8] = []
  private var carriedBytes = 0
  private var seam: [UInt8] = []
  private var droppedHeader = false
  /// Where the line that is being read begins.
  private(set) var position = LogPosition(line: 1, offset: 0)

  init(textLimit: Int, jsonLimit: Int) {
    self.textLimit = textLimit
    self.jsonLimit = jsonLimit
  }

  /// Whether a line has begun and not ended.
  var isWithinLine: Bool { carriedBytes > 0 }

  /// Bytes taken so far.
  var bytesConsumed: Int { position.offset + carriedBytes }

  /// Hands every line that ends in `chunk` to `body`, and keeps the beginning of one that does not.
  mutating func split(_ chunk: Span<UInt8>, _ body: (Span<UInt8>, Attributes) -> Void) {
    var start = 0
    while let end = chunk.index(of: 0x0A, from: start) {
      if carriedBytes > 0 {
        carry(chunk, in: start..<end)
        handOn(isCut: false, body)
        advance(by: carriedBytes + 1)
        dropCarry()
      } else {
        let line = chunk.extracting(start..<end)
        let limit = limit(of: line)
        if line.count <= limit {
          body(line, Attributes(position: position))
        } else {
          body(
            line.extracting(0..<limit),
            Attributes(position: position, isOverlong: true, holdsHeader: Self.holdsHeader(line)))
        }
        advance(by: line.count + 1)
      }
      start = end + 1
    }
    if start < chunk.count { carry(chunk, in: start..<chunk.count) }
  }

  /// Hands on a last line without LF, if there is one.
  mutating func finish(_ body: (Span<UInt8>, Attributes) -> Void) {
    guard carriedBytes > 0 else { return }
    handOn(isCut: true, body)
    position.offset += carriedBytes
    dropCarry()
  }

  private mutating func advance(by bytes: Int) {
    position.line += 1
    position.offset += bytes
  }

  private func handOn(isCut: Bool, _ body: (Span<UInt8>, Attributes) -> Void) {
    let isOverlong = carriedBytes > carry.count
    body(
      carry.span,
      Attributes(
        position: position, isOverlong: isOverlong,
        holdsHeader: isOverlong && (droppedHeader || Self.holdsHeader(carry.span)), isCut: isCut))
  }

  private mutating func carry(_ chunk: Span<UInt8>, in range: Range<Int>) {
    let limit = limit(of: carry.span, or: chunk.extracting(range))
    let isFirstDrop = carriedBytes == carry.count
    // Blanks were held as if JSON might follow; what followed is text.
    if carry.count > limit { carry.removeLast(carry.count - limit) }
    let held = min(range.count, max(0, limit - carry.count))
    carriedBytes += range.count
    carry.append(chunk, in: range.lowerBound..<range.lowerBound + held)
    guard held < range.count, !droppedHeader else { return }
    // The header's text may lie across pieces, so the last bytes before each are looked at again with it.
    let overlap = Self.headerText.utf8CodeUnitCount - 1
    var seam = self.seam
    if isFirstDrop { seam.append(carry.span, in: max(0, carry.count - overlap)..<carry.count) }
    seam.append(chunk, in: range.lowerBound + held..<range.upperBound)
    droppedHeader = Self.holdsHeader(seam.span)
    self.seam = Array(seam.suffix(overlap))
  }

  private mutating func dropCarry() {
    carry.removeAll(keepingCapacity: carry.capacity <= textLimit * 2)
    carriedBytes = 0
    seam.removeAll(keepingCapacity: true)
    droppedHeader = false
  }

  private func limit(of line: Span<UInt8>) -> Int {
    // A line of blanks so far may still turn out to be JSON; the greater limit then costs only blanks.
    firstByte(of: line).map { $0 == UInt8(ascii: "{") ? jsonLimit : textLimit } ?? jsonLimit
  }

  /// The limit of a line of which `beginning` is held and `more` comes now.
  private func limit(of beginning: Span<UInt8>, or more: Span<UInt8>) -> Int {
    firstByte(of: beginning) == nil ? limit(of: more) : limit(of: beginning)
  }

  private func firstByte(of line: Span<UInt8>) -> UInt8? {
    for index in 0..<line.count where !line[index].isBlank { return line[index] }
    return nil
  }

  private static let headerText: StaticString = "=== CORRELATION DATA"

  private static func holdsHeader(_ bytes: Span<UInt8>) -> Bool {
    bytes.index(of: headerText) != nil
  }
}

import LogModel

/// Cuts chunks into physical lines at LF, whatever the cuts between the chunks.
///
/// A line that lies within one chunk is handed on in place. Of a line over its limit only the beginning is held and handed on. The
/// limit depends on the envelope (``EnvelopeList/limit(of:message:whole:)``). A list of records is handed on element by element, so
/// that the limit holds for each element.
struct LineSplitter {
  /// One physical line without its LF, or one element of a list of records.
  struct Attributes {
    /// Where the line begins.
    var position: LogPosition
    /// More bytes than are held: the rest was dropped.
    var isOverlong = false
    /// An overlong line that has the header's text somewhere.
    var holdsHeader = false
    /// The input ended before the line's LF.
    var isCut = false
    /// An element of a list of records.
    var isElement = false
    /// A message line whose group marker was taken off.
    var isGrouped = false
  }

  private let textLimit: Int
  private let jsonLimit: Int
  private let envelopes: EnvelopeList
  private var held = PartialLine()
  /// Reads the line at hand as a list of records, for as long as it may be one.
  private var list: RecordListReader
  /// The line at hand is a list of records; its bytes are not held.
  private var isList = false
  private var listBytes = 0
  /// A line that was a list of records ended before the list did.
  private var hasUnfinishedList = false
  /// The length of a byte order mark before the first line, until that line has ended. It is no text of the line.
  private var markBytes = 0
  /// Where the line that is being read begins.
  private(set) var position = LogPosition(line: 1, offset: 0)

  init(_ envelopes: EnvelopeList, textLimit: Int, jsonLimit: Int) {
    self.envelopes = envelopes
    list = RecordListReader(envelopes)
    self.textLimit = textLimit
    self.jsonLimit = jsonLimit
  }

  /// Makes ready for another log.
  mutating func reset() {
    held.clear(keeping: textLimit * 2)
    list.reset()
    isList = false
    listBytes = 0
    hasUnfinishedList = false
    markBytes = 0
    position = LogPosition(line: 1, offset: 0)
  }

  private var pendingBytes: Int { isList ? listBytes : held.count }

  /// Whether a line has begun and not ended.
  var isWithinLine: Bool { pendingBytes > 0 }

  /// Bytes taken so far.
  var bytesConsumed: Int { position.offset + markBytes + pendingBytes }

  /// The log begins with a byte order mark.
  mutating func skipMark(_ length: Int) { markBytes = length }

  /// Hands the line on that goes on at `start` and ends in `chunk`.
  /// - Returns: The place behind its LF. If the chunk has no LF, the line's beginning is kept and the chunk's end is returned.
  mutating func takeLine(
    _ chunk: Span<UInt8>, from start: Int, _ body: (Span<UInt8>, Attributes) -> Void
  ) -> Int {
    guard let end = chunk.index(of: 0x0A, from: start) else {
      hold(chunk, from: start, body)
      return chunk.count
    }
    if pendingBytes > 0 {
      carry(chunk, in: start..<end, body)
      if !isList { handOn(isCut: false, body) }
      advance(lines: 1, bytes: pendingBytes + 1)
      hasUnfinishedList = hasUnfinishedList || isList && !list.isFinished
      dropCarry()
    } else {
      let line = chunk.extracting(start..<end)
      let isList = takeList(line, body)
      if !isList { takeWhole(line, body) }
      advance(lines: 1, bytes: line.count + 1)
      hasUnfinishedList = hasUnfinishedList || isList && !list.isFinished
    }
    return end + 1
  }

  /// Keeps the beginning of a line whose end has not come; of a list of records the elements are handed on.
  mutating func hold(_ chunk: Span<UInt8>, from start: Int, _ body: (Span<UInt8>, Attributes) -> Void) {
    if start < chunk.count { carry(chunk, in: start..<chunk.count, body) }
  }

  /// Goes on behind whole lines that somebody else has looked at.
  mutating func advance(lines: Int, bytes: Int) {
    position.line += lines
    position.offset += bytes + markBytes
    markBytes = 0
  }

  /// Whether a list of records lacks its end: that of the line that is being read, or of an earlier line.
  var lacksEndOfList: Bool { hasUnfinishedList || isList && !list.isFinished }

  /// Hands on a last line without LF, if there is one.
  mutating func finish(_ body: (Span<UInt8>, Attributes) -> Void) {
    guard pendingBytes > 0 else { return }
    if !isList { handOn(isCut: true, body) }
    position.offset += markBytes + pendingBytes
    markBytes = 0
    dropCarry()
  }

  private func takeWhole(_ line: Span<UInt8>, _ body: (Span<UInt8>, Attributes) -> Void) {
    if line.count <= textLimit || line.count <= limit(of: line) {
      body(line, Attributes(position: position))
    } else {
      body(
        line.extracting(0..<limit(of: line)),
        Attributes(position: position, isOverlong: true, holdsHeader: PartialLine.holdsHeader(line)))
    }
  }

  /// Takes a whole line if it is a list of records.
  private mutating func takeList(
    _ line: Span<UInt8>, _ body: (Span<UInt8>, Attributes) -> Void
  ) -> Bool {
    guard list.mayBegin(line) else { return false }
    list.begin(limit: jsonLimit)
    let attributes = Attributes(position: position, isElement: true)
    list.take(line) { element, isOverlong, holdsHeader in
      var attributes = attributes
      (attributes.isOverlong, attributes.holdsHeader) = (isOverlong, holdsHeader)
      body(element, attributes)
    }
    return list.isList
  }

  private func handOn(isCut: Bool, _ body: (Span<UInt8>, Attributes) -> Void) {
    body(
      held.bytes.span,
      Attributes(
        position: position, isOverlong: held.isOverlong, holdsHeader: held.holdsHeader, isCut: isCut))
  }

  private mutating func carry(
    _ chunk: Span<UInt8>, in range: Range<Int>, _ body: (Span<UInt8>, Attributes) -> Void
  ) {
    if pendingBytes == 0 {
      list.begin(limit: jsonLimit)
      isList = false
      listBytes = 0
    }
    if list.mayBeList {
      let attributes = Attributes(position: position, isElement: true)
      list.take(chunk.extracting(range)) { element, isOverlong, holdsHeader in
        var attributes = attributes
        (attributes.isOverlong, attributes.holdsHeader) = (isOverlong, holdsHeader)
        body(element, attributes)
      }
      if list.isList {
        if !isList { listBytes = held.count }
        isList = true
        listBytes += range.count
        return
      }
    }
    held.append(chunk, in: range, limit: limit(of: held.bytes.span, or: chunk.extracting(range)))
  }

  private mutating func dropCarry() {
    held.clear(keeping: textLimit * 2)
    isList = false
    listBytes = 0
  }

  /// A line's limit shows in its first bytes, however they came.
  private var headBytes: Int { min(128, textLimit) }

  private func limit(of line: Span<UInt8>) -> Int {
    let beginning = line.extracting(0..<min(line.count, headBytes))
    // Any number of blanks may stand before an object.
    let isAllBlank = firstByte(of: beginning) == nil
    if isAllBlank, let first = firstByte(of: line) {
      return first == UInt8(ascii: "{") ? jsonLimit : textLimit
    }
    return envelopes.limit(of: beginning, message: textLimit, whole: jsonLimit)
  }

  /// The limit of a line of which `beginning` is held and `more` comes now.
  private func limit(of beginning: Span<UInt8>, or more: Span<UInt8>) -> Int {
    if beginning.count >= headBytes {
      guard firstByte(of: beginning) == nil else { return limit(of: beginning) }
    } else {
      var head: [UInt8] = []
      head.append(beginning)
      head.append(more, in: 0..<min(more.count, headBytes - beginning.count))
      guard firstByte(of: head.span) == nil else { return limit(of: head.span) }
    }
    // The line has only blanks so far. JSON may follow, which has the greater limit.
    return firstByte(of: more).map { $0 == UInt8(ascii: "{") ? jsonLimit : textLimit } ?? jsonLimit
  }

  private func firstByte(of line: Span<UInt8>) -> UInt8? {
    for index in 0..<line.count where !line[index].isBlank { return line[index] }
    return nil
  }
}

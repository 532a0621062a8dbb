import LogModel

/// Looks for the words of a header in a log that gives no block (1-correlation-data, Unread headers).
///
/// The search reads the log's bytes alone, because the envelope of such a log may be unknown.
struct UnreadHeaders {
  /// So many lines are remembered, to find out whether one of them has an issue anyway.
  fileprivate static let mostLines = 4096

  /// The lines that hold the words.
  private var whole = WordPlaces()
  /// The lines that hold a part of words that a line's end cut in two. They count where no line holds the words.
  private var cut = WordPlaces()
  private var words = HeaderWords()
  private var linesWithIssue: Set<Int> = []
  /// Something else says that the log has a header, or a line with the words has an issue.
  private(set) var isOver = false
  /// The beginning of the line that has not ended.
  private var head: [UInt8] = []
  /// The line and the byte of the log at which the bytes at hand begin.
  private var chunkLine = LogPosition(line: 1, offset: 0)
  private var chunkOffset = 0
  /// How far their lines have been counted.
  private var counted = LineCount(line: 1, begin: 0)

  /// Makes ready for another log.
  mutating func reset() { self = UnreadHeaders() }

  /// The log gives a block, or says already what is to be said.
  mutating func stop() {
    reset()
    isOver = true
  }

  /// The source has an issue. An end marker without its header is what a lost header leaves, and a task's name tells of no header: these
  /// say nothing.
  mutating func issueCame(_ issue: GrammarIssue) {
    if issue.kind != .orphanEnd, issue.kind != .identityConflict { issueCame(atLine: issue.line) }
  }

  /// The source has such an issue at a line.
  mutating func issueCame(atLine line: Int) {
    guard !isOver, linesWithIssue.count < Self.mostLines else { return }
    linesWithIssue.insert(line)
    if cut.lines.contains(line) { cut.haveIssue = true }
    if whole.lines.contains(line) { stop() }
  }

  /// The next bytes of the log come. The first of them belongs to the line at `position`.
  mutating func begin(_ chunk: Span<UInt8>, of position: LogPosition, at offset: Int) {
    guard !isOver else { return }
    (chunkLine, chunkOffset) = (position, offset)
    counted = LineCount(line: position.line, begin: 0)
    whole.goOn(chunk)
    cut.goOn(chunk)
    let words = words
    words.lookAtTail(and: chunk) { note($0, at: 0, of: chunk) }
  }

  /// Looks through a part of these bytes. Nobody has to look through lines that were passed over: they have no part of the words.
  mutating func look(through chunk: Span<UInt8>, _ range: Range<Int>) {
    guard !isOver, !range.isEmpty else { return }
    let words = words
    words.look(through: chunk, range) { note($0, at: $1, of: chunk) }
  }

  /// These bytes have been looked through.
  mutating func end(_ chunk: Span<UInt8>) {
    guard !isOver else { return }
    words.keepTail(of: chunk)
    keepHead(of: chunk)
  }

  /// The `unread_header` of a log that has ended; nil if the log gave a block or never had the words.
  func issue() -> GrammarIssue? {
    let places = whole.first == nil ? cut : whole
    guard !isOver, !places.haveIssue, let first = places.first else { return nil }
    return GrammarIssue(
      kind: .unreadHeader, line: first.line, offset: first.offset,
      raw: places.raw.span.rawText(in: 0..<places.raw.count), places: places.count)
  }

  /// Takes note of words that were found, or of a part of them. Parts say nothing where words were found before.
  private mutating func note(_ found: HeaderWords.Found, at place: Int, of chunk: Span<UInt8>) {
    guard !isOver, found == .whole || whole.first == nil else { return }
    counted.goOn(to: place, of: chunk)
    let (line, beginning) = position(counted)
    let hasIssue = linesWithIssue.contains(line.line)
    switch found {
    case .whole:
      whole.note(line, beginning, chunk, from: counted.begin)
      if hasIssue { stop() }
    case .part:
      cut.note(line, beginning, chunk, from: counted.begin)
      if hasIssue { cut.haveIssue = true }
    }
  }

  /// Where a line of the chunk begins in the log, with what came of it before the chunk.
  private func position(_ lines: LineCount) -> (line: LogPosition, beginning: [UInt8]) {
    if lines.begin == 0 { return (chunkLine, head) }
    return (LogPosition(line: lines.line, offset: chunkOffset + lines.begin), [])
  }

  private mutating func keepHead(of chunk: Span<UInt8>) {
    let begin = ByteScan.lastLineEnd(chunk, from: 0)
    if begin > 0 { head.removeAll(keepingCapacity: true) }
    head.append(
      chunk, in: begin..<min(chunk.count, begin + max(0, WordPlaces.shownBytes - head.count)))
  }
}

/// A line of the bytes at hand, and where in them it begins.
private struct LineCount {
  var line: Int
  var begin: Int
  /// Where it ends, once that was looked for.
  private var end = -1

  init(line: Int, begin: Int) {
    self.line = line
    self.begin = begin
  }

  /// Goes on to the line that a place belongs to.
  mutating func goOn(to place: Int, of chunk: Span<UInt8>) {
    while true {
      if end < begin { end = chunk.index(of: 0x0A, from: begin) ?? chunk.count }
      guard end < place else { return }
      line += 1
      begin = end + 1
    }
  }
}

/// Lines of a log that say something of a header.
private struct WordPlaces {
  /// So many bytes of a line are shown.
  static let shownBytes = 200

  private(set) var first: LogPosition?
  private(set) var count = 0
  /// The beginning of the first line.
  private(set) var raw: [UInt8] = []
  /// That line has not ended, and more of it is to be shown.
  private var isRawOpen = false
  /// The lines, as many as are remembered.
  private(set) var lines: Set<Int> = []
  /// One of them has another issue.
  var haveIssue = false
  private var lastLine = 0

  /// Counts a line, unless it was the last one, and keeps the first to be shown: its beginning, and the bytes of the chunk from `start` on.
  mutating func note(_ line: LogPosition, _ beginning: [UInt8], _ chunk: Span<UInt8>, from start: Int) {
    guard line.line != lastLine else { return }
    lastLine = line.line
    count += 1
    if lines.count < UnreadHeaders.mostLines { lines.insert(line.line) }
    guard first == nil else { return }
    first = line
    raw = beginning
    append(chunk.extracting(start..<chunk.count))
  }

  /// The next bytes of the log come.
  mutating func goOn(_ chunk: Span<UInt8>) {
    if isRawOpen { append(chunk) }
  }

  private mutating func append(_ bytes: Span<UInt8>) {
    let end = bytes.index(of: 0x0A) ?? bytes.count
    raw.append(bytes, in: 0..<min(end, max(0, Self.shownBytes - raw.count)))
    isRawOpen = end == bytes.count && raw.count < Self.shownBytes
  }
}

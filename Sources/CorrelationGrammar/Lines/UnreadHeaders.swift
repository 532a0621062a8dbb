import LogModel

/// Looks for the words of a header in a log that gives no block (1-correlation-data, Unread headers).
///
/// The search reads the log's bytes alone, because the envelope of such a log may be unknown.
struct UnreadHeaders {
  /// The words. Logs seldom have an R as a capital.
  static let words = RareText("CORRELATION DATA", seldom: 2)
  /// So many bytes of a line are shown.
  private static let shownBytes = 200
  /// So many lines are remembered, to find out whether one of them has an issue anyway.
  private static let mostLines = 4096

  /// The first line with the words.
  private var first: LogPosition?
  /// The beginning of that line.
  private var raw: [UInt8] = []
  /// The line has not ended, and more of it is to be shown.
  private var isRawOpen = false
  private var count = 0
  private var lastLine = 0
  private var lines: Set<Int> = []
  private var linesWithIssue: Set<Int> = []
  /// Something else says that the log has a header, or a line with the words has an issue.
  private(set) var isOver = false
  /// The last bytes of the chunks so far, which can be the beginning of the words.
  private var seam: [UInt8] = []
  /// The beginning of the line that has not ended.
  private var head: [UInt8] = []
  /// The line and the byte of the log at which the bytes at hand begin.
  private var chunkLine = LogPosition(line: 1, offset: 0)
  private var chunkOffset = 0
  /// How far their lines have been counted, and the number of the line there.
  private var counted = 0
  private var line = 1

  /// The log gives a block, or says already what is to be said.
  mutating func stop() {
    self = UnreadHeaders()
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
    if lines.contains(line) { stop() }
  }

  /// The next bytes of the log come. The first of them belongs to the line at `position`.
  mutating func begin(_ chunk: Span<UInt8>, of position: LogPosition, at offset: Int) {
    guard !isOver else { return }
    (chunkLine, chunkOffset, line, counted) = (position, offset, position.line, 0)
    if isRawOpen { goOnWithRaw(chunk) }
    lookAtSeam(chunk)
  }

  /// Looks through a part of these bytes. Nobody has to look through lines that were passed over: they have not the words.
  mutating func look(through chunk: Span<UInt8>, _ range: Range<Int>) {
    var start = range.lowerBound
    while !isOver, start < range.upperBound,
      let found = ByteScan.find(Self.words, in: chunk, range: start..<range.upperBound)
    {
      while let end = chunk.index(of: 0x0A, from: counted), end < found {
        line += 1
        counted = end + 1
      }
      if counted == 0 {
        note(chunkLine, head, chunk, from: 0)
      } else {
        note(LogPosition(line: line, offset: chunkOffset + counted), [], chunk, from: counted)
      }
      start = chunk.index(of: 0x0A, from: found) ?? chunk.count
    }
  }

  /// These bytes have been looked through.
  mutating func end(_ chunk: Span<UInt8>) {
    if !isOver { keepEnd(of: chunk) }
  }

  /// The `unread_header` of a log that has ended; nil if the log gave a block or never had the words.
  func issue() -> GrammarIssue? {
    guard !isOver, let first else { return nil }
    return GrammarIssue(
      kind: .unreadHeader, line: first.line, offset: first.offset, raw: raw.span.rawText(in: 0..<raw.count),
      places: count)
  }

  /// Looks for words that lie across the last chunk and this one.
  private mutating func lookAtSeam(_ chunk: Span<UInt8>) {
    let overlap = Self.words.count - 1
    var joined = seam
    joined.append(chunk, in: 0..<min(overlap, chunk.count))
    guard !seam.isEmpty,
      let found = ByteScan.find(Self.words, in: joined.span, range: 0..<joined.count),
      found < seam.count
    else { return }
    note(chunkLine, head, chunk, from: 0)
  }

  /// Takes note of a line, whose beginning is `head` and the bytes of the chunk from `start` on.
  private mutating func note(_ line: LogPosition, _ head: [UInt8], _ chunk: Span<UInt8>, from start: Int) {
    guard line.line != lastLine else { return }
    lastLine = line.line
    count += 1
    if linesWithIssue.contains(line.line) {
      stop()
      return
    }
    if lines.count < Self.mostLines { lines.insert(line.line) }
    guard first == nil else { return }
    first = line
    raw = head
    goOnWithRaw(chunk.extracting(start..<chunk.count))
  }

  private mutating func goOnWithRaw(_ bytes: Span<UInt8>) {
    let end = bytes.index(of: 0x0A) ?? bytes.count
    raw.append(bytes, in: 0..<min(end, max(0, Self.shownBytes - raw.count)))
    isRawOpen = end == bytes.count && raw.count < Self.shownBytes
  }

  private mutating func keepEnd(of chunk: Span<UInt8>) {
    let overlap = Self.words.count - 1
    seam.append(chunk, in: max(0, chunk.count - overlap)..<chunk.count)
    seam.removeFirst(max(0, seam.count - overlap))
    let begin = ByteScan.lastLineEnd(chunk, from: 0)
    if begin > 0 { head.removeAll(keepingCapacity: true) }
    head.append(
      chunk, in: begin..<min(chunk.count, begin + max(0, Self.shownBytes - head.count)))
  }
}

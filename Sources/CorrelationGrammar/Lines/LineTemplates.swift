import CByteScan
import LogModel

/// JSON lines that were read, as templates for the lines behind them.
///
/// A template consists of bytes that must be equal, of the places of the time and of the message, and of places where any scalar value
/// may stand: the values of members that no recogniser asked for (``JSONMembers``). A line that fits is of the same envelope, stream
/// and task instance as the line that the template was made of, so that it need not be read as JSON. No format of a log is known here:
/// a template is made from what the recognisers found.
struct LineTemplates {
  /// What the lines of a template have in common.
  struct Template {
    let envelope: Int
    /// The context of the record. Its ``LogRecordContext/template`` is the template's own identifier, never used twice.
    var context: LogRecordContext
    /// The stream's number in ``StreamTimes``.
    let timeStream: Int
    /// Whether a line with a block's header says no more than the other lines do: no such line has keys of its own that make a block.
    let takesHeaders: Bool
    /// The task instance that all lines name, for blocks.
    let identity: TaskIdentity?
  }

  /// A line that fits a template.
  struct Match {
    /// The template's place in ``all``.
    var number: Int
    var time: Range<Int>
    var message: Range<Int>
    var hasEscape: Bool
    /// No line of the message can be a header or an end marker.
    var isQuiet: Bool
    /// The message may tell an outcome, or name the task attempt.
    var mayTell: Bool
    /// The line's stream has an open block, or is watched.
    var isAttentive: Bool
  }

  /// A template's last line among those passed over.
  struct LastLine {
    var line: Int
    /// How many lines of the template were passed over.
    var count: Int
    var time: Range<Int>
    /// The time of the last such line whose time is one; nil where none has one.
    var streamTime: Range<Int>?
    /// The template's place in ``all``.
    var number: Int
  }

  private static let mostHeads = 8
  private static let mostTemplates = 32
  /// Longer ends are seldom the same twice.
  private static let longestEnd = 4096

  private var known = KnownJSONLines(
    mark: MessageLine.mark, groupMark: MessageLine.groupMark,
    telling: OutcomeLine.firstBytes.union(ToldIdentity.firstBytes), letters: MessageLine.headerLetters,
    rare: HeaderWords.parts)
  /// Where the time stands in each head.
  private var headTimes: [Range<Int>] = []
  /// The times of each head's lines.
  private var similarTimes: [SimilarTimes] = []
  private(set) var all: [Template] = []
  private var nextID = 1
  /// Of the lines that were passed over last, the last line of each template, in the log's order. The buffer is reused.
  private(set) var lastLines: [LastLine] = []
  /// The state of the streams that the templates' marks were made for.
  private(set) var attention = -1

  /// Makes ready for another log.
  mutating func reset() {
    removeAll()
    nextID = 1
    lastLines.reset()
    attention = -1
  }

  // MARK: Learning

  /// Makes a template of a line that was read: an object of JSON whose time is one and stands before its message.
  mutating func learn(
    _ line: Span<UInt8>, _ head: RecordHead, _ members: JSONMembers, _ template: Template, lane: UInt32
  ) {
    let start = head.message.lowerBound
    guard start <= LINE_HEAD_LIMIT, head.time.upperBound < start,
      line.count - head.message.upperBound <= Self.longestEnd,
      !ByteScan.isKnown(line, text: head.message, group: lane, &known),
      !Self.hasParts(line, beside: head.message),
      let pieces = Self.pieces(of: line, behind: head.message, members)
    else { return }
    if all.count == Self.mostTemplates { removeAll() }
    guard let headNumber = number(ofHead: line, count: start, time: head.time) else { return }
    var known = json_line()
    known.head = UInt32(headNumber)
    known.group = lane
    known.may_tell = template.context.mayTellOutcome || template.context.mayNameTask
    known.last = .max
    for piece in pieces {
      let start = UInt32(self.known.store.count)
      guard unsafe json_line_add_piece(&known, start, UInt32(piece.count)) else { return }
      self.known.store.append(line, in: piece)
    }
    self.known.lines.append(known)
    all.append(template)
    all[all.count - 1].context.template = nextID
    nextID += 1
    attention = -1
  }

  /// Whether parts of an unread header's words stand in a line, but not in its message. They hold no quote, so they cannot lie across
  /// an end of the message.
  private static func hasParts(_ line: Span<UInt8>, beside message: Range<Int>) -> Bool {
    ByteScan.has(HeaderWords.parts, in: line, range: 0..<message.lowerBound)
      || ByteScan.has(HeaderWords.parts, in: line, range: message.upperBound..<line.count)
  }

  /// The parts of a line behind its message between which the values of free members stand; nil where a free member stands before
  /// the message, since then the beginnings of like lines differ.
  private static func pieces(
    of line: Span<UInt8>, behind message: Range<Int>, _ members: JSONMembers
  ) -> [Range<Int>]? {
    var pieces: [Range<Int>] = []
    var start = message.upperBound
    for member in members.all where !member.isAsked {
      guard member.key.lowerBound > message.upperBound else { return nil }
      guard let value = member.scalar, pieces.count + 1 < LINE_PIECE_LIMIT else { continue }
      pieces.append(start..<value.lowerBound)
      start = value.upperBound
    }
    pieces.append(start..<line.count)
    return pieces
  }

  private mutating func number(ofHead line: Span<UInt8>, count: Int, time: Range<Int>) -> Int? {
    let found = known.heads.indices.first {
      known.heads[$0].count == count && headTimes[$0] == time && ByteScan.matches(known.heads[$0], line)
    }
    if let found { return found }
    if known.heads.count == Self.mostHeads { removeAll() }
    known.heads.append(ByteScan.head(of: line, count: count, digits: time))
    headTimes.append(time)
    similarTimes.append(SimilarTimes())
    return known.heads.count - 1
  }

  /// Forgets all templates, for example because the streams were numbered anew.
  mutating func removeAll() {
    known.removeAll()
    headTimes.reset()
    similarTimes.reset()
    all.reset()
  }

  // MARK: Comparing

  /// Marks the templates of the streams that the next line may matter to.
  mutating func attend(to streams: BlockStreams) {
    attention = streams.attention
    for index in all.indices {
      known.lines[index].is_attentive = streams.isAttentive(all[index].context.streamKey)
    }
  }

  /// Compares a line of a lane with the templates, first with the one in the place `guess`.
  mutating func match(_ line: Span<UInt8>, lane: UInt32, guess: Int = .max) -> Match? {
    guard !all.isEmpty else { return nil }
    let found = ByteScan.match(line, group: lane, guess: guess, &known)
    guard all.indices.contains(found.line) else { return nil }
    return Match(
      number: found.line, time: headTimes[Int(known.lines[found.line].head)],
      message: found.text_start..<found.text_end, hasEscape: found.has_escape, isQuiet: found.is_quiet,
      mayTell: found.may_tell, isAttentive: known.lines[found.line].is_attentive)
  }

  /// The place of the template with an identifier.
  func place(of identifier: Int) -> Int? {
    for place in all.indices where all[place].context.template == identifier { return place }
    return nil
  }

  /// Finds lines from `start`, the beginning of a line, that fit the template in a place and are one plain pair, if their stream waits for its
  /// lines. A longer line than the limit is none. The bytes up to `end` are whole lines.
  mutating func findPairs(
    _ chunk: Span<UInt8>, from start: Int, to end: Int, of place: Int, limit: Int, isFirst: Bool,
    into pairs: inout PairLines
  ) {
    pairs.begin(isFirst: isFirst)
    guard known.lines[place].is_attentive else { return }
    let count = ByteScan.jsonPairs(
      chunk, from: start, to: end, &known, place, PairLexer.plainPair, limit: limit, most: pairs.room,
      into: &pairs.buffer)
    let head = Int(known.lines[place].head)
    pairs.keep(count, of: chunk, time: headTimes[head], &similarTimes[head])
  }

  /// Whether the time of a line that fits a template is one.
  mutating func isTime(_ line: Span<UInt8>, _ match: Match) -> Bool {
    similarTimes[Int(known.lines[match.number].head)].isTime(line.extracting(match.time))
  }

  /// Passes over lines of the log itself that fit templates and say nothing, from `start`, the beginning of a line, to `end`, which
  /// stands behind a LF. The last line of each template is in ``lastLines`` then.
  mutating func pass(_ bytes: Span<UInt8>, from start: Int, to end: Int, limit: Int) -> lines_passed? {
    guard !all.isEmpty else { return nil }
    let passed = ByteScan.json(bytes, from: start, to: end, limit: limit, &known)
    guard passed.lines > 0 else { return nil }
    lastLines.removeAll(keepingCapacity: true)
    for index in all.indices where known.lines[index].last != .max {
      let line = known.lines[index].last
      let time = headTimes[Int(known.lines[index].head)].shifted(by: line)
      let streamTime = lastTime(bytes, from: start, lastLine: line, time, index)
      lastLines.append(
        LastLine(
          line: line, count: known.lines[index].passed, time: time, streamTime: streamTime, number: index))
      known.lines[index].last = .max
      known.lines[index].passed = 0
    }
    if lastLines.count > 1 { lastLines.sort { $0.line < $1.line } }
    return passed
  }

  /// The last time that is one, among the lines of a template; nearly always that of its last line.
  private mutating func lastTime(
    _ bytes: Span<UInt8>, from start: Int, lastLine: Int, _ time: Range<Int>, _ number: Int
  ) -> Range<Int>? {
    if similarTimes[Int(known.lines[number].head)].isTime(bytes.extracting(time)) { return time }
    var end = lastLine - 1
    while end > start {
      let line = (bytes.lastIndex(of: 0x0A, before: end) ?? -1) + 1
      let isReturned = end > line && bytes[end - 1] == 0x0D
      let text = bytes.extracting(line..<(isReturned ? end - 1 : end))
      if let match = match(text, lane: 0), all[match.number].timeStream == all[number].timeStream {
        let time = match.time.shifted(by: line)
        if LogTime(bytes.extracting(time)) != nil { return time }
      }
      end = line - 1
    }
    return nil
  }
}

extension JSONMembers.Member {
  /// The value with its quotes; nil where it is an object or an array.
  fileprivate var scalar: Range<Int>? {
    switch kind {
    case .string: value.lowerBound - 1..<value.upperBound + 1
    case .number, .boolean, .null: value
    case .object, .array: nil
    }
  }
}

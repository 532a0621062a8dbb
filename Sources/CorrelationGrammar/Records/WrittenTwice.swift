import LogModel

/// Takes records of one stream once that were written twice (2-log-envelopes, Records written twice).
///
/// A record that begins as the one before it is held until its end shows whether it is a *copy*. Copies of a header alone are held
/// longer, because they are dropped only if the stream's next record has as many copies.
struct WrittenTwice {
  /// A line of a record that is held.
  struct Line {
    var text: [UInt8]
    var attributes: LineSplitter.Attributes
    var context: LogRecordContext
    var isHeader: Bool
    /// The place that a header keeps (``HeaderNumbers``).
    var place: Int?
  }

  /// A record that is held.
  struct Record {
    var lines: [Line]
    var isComplete = false

    var number: Int { lines[0].context.number }
  }

  /// What is compared of two records.
  private struct Signature {
    /// Where a record has a header.
    enum Header {
      case none
      /// In its last line: its body is not in the record.
      case alone
      /// In a line before others, or with pairs.
      case withBody
    }

    var number = -1
    /// The time as written; empty where a record cannot be compared.
    var time: [UInt8] = []
    /// What a header's line said beside its message.
    var keys = 0
    /// The lines, each with a LF.
    var text = LineText()
    var header = Header.none

    /// A longer text is not compared.
    static let mostBytes = 65_536

    mutating func begin(_ context: LogRecordContext) {
      number = context.number
      time.become(context.timeText.span)
      keys = context.headerKeys
      text.removeAll()
      header = .none
    }

    mutating func note(_ line: Span<UInt8>, isHeader: Bool) {
      guard text.count + line.count < Self.mostBytes else {
        time = []
        return
      }
      text.append(line)
      switch header {
      case .none:
        if isHeader { header = line[line.count - 1] == MessageLine.mark ? .alone : .withBody }
      case .alone, .withBody: header = .withBody
      }
    }

    /// Whether a record with a context may be a copy, if it begins with a line.
    func mayBegin(with line: Span<UInt8>, in context: LogRecordContext) -> Bool {
      !time.isEmpty && context.timeText.hasSameBytes(as: time) && context.headerKeys == keys
        && text.end(of: line, at: 0) != nil && LogTime(time.span) != nil
    }

    /// How a record that is held compares.
    func compare(_ record: Record) -> Likeness {
      let context = record.lines[0].context
      guard !time.isEmpty, context.timeText.hasSameBytes(as: time), context.headerKeys == keys else {
        return .other
      }
      var end = 0
      for line in record.lines {
        guard let next = text.end(of: line.text.span, at: end) else { return .other }
        end = next
      }
      guard record.isComplete else { return .unclear }
      guard end == text.count else { return .other }
      if record.lines.count == 1, WrittenTwice.isToken(record.lines[0].text) { return .other }
      return .same
    }
  }

  /// Whether a record's only line is one bare token. Two of these may be the halves of one value.
  static func isToken(_ line: [UInt8]) -> Bool {
    !line.isEmpty && line.allSatisfy { !notInTokens.contains($0) }
  }

  private static let notInTokens = ByteSet(" \t,;|=:\"'`()[]{}")

  /// Records that are held no longer.
  struct Released {
    /// Those that the stream takes.
    var records: [Record] = []
    /// The places of the headers in the others.
    var droppedPlaces: [Int] = []
  }

  private enum Likeness {
    case same, other
    /// The record has the same beginning and has not ended.
    case unclear
  }

  /// The record that copies are compared with. The stream has taken it.
  private var last = Signature()
  private var held: [Record] = []
  /// About how many bytes of memory the held records take.
  private(set) var heldBytes = 0

  /// So many lines are held at most.
  private static let mostLines = 256
  /// What is kept of a line beside its text.
  private static let lineBytes = 512

  var isHolding: Bool { !held.isEmpty }
  /// The time of the last record as written; empty where no record can be its copy.
  var lastTime: [UInt8] { last.time }

  /// Takes note of a line if no record is held and the line's record shows by its time that it is no copy; else false, and nothing was
  /// done.
  mutating func takesUnheld(_ line: Span<UInt8>, isHeader: Bool, in context: LogRecordContext) -> Bool {
    guard held.isEmpty else { return false }
    if context.number != last.number {
      guard !last.time.hasSameBytes(as: context.timeText) else { return false }
      last.begin(context)
    }
    last.note(line, isHeader: isHeader)
    return true
  }

  /// Takes note of a line that is a record of its own and no copy.
  mutating func noteLine(_ line: Span<UInt8>, in context: LogRecordContext) {
    last.begin(context)
    last.note(line, isHeader: false)
  }

  /// Takes note of a line; false where it is held.
  mutating func takesAtOnce(
    _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes, isHeader: Bool, in context: LogRecordContext
  ) -> Bool {
    if held.isEmpty {
      if context.number != last.number {
        if !attributes.isCut, !attributes.isOverlong, last.mayBegin(with: line, in: context) {
          hold(line, attributes, isHeader: isHeader, in: context)
          return false
        }
        last.begin(context)
      }
      last.note(line, isHeader: isHeader)
      return true
    }
    hold(line, attributes, isHeader: isHeader, in: context)
    return false
  }

  private mutating func hold(
    _ text: Span<UInt8>, _ attributes: LineSplitter.Attributes, isHeader: Bool, in context: LogRecordContext
  ) {
    var bytes: [UInt8] = []
    bytes.append(text)
    let line = Line(text: bytes, attributes: attributes, context: context, isHeader: isHeader)
    heldBytes += text.count + Self.lineBytes
    if let last = held.indices.last, held[last].number == context.number {
      held[last].lines.append(line)
    } else {
      if let last = held.indices.last { held[last].isComplete = true }
      held.append(Record(lines: [line]))
    }
  }

  /// The record with this number ended. Returns whether the record is held here.
  mutating func recordEnded(_ number: Int) -> Bool {
    guard let last = held.indices.last, held[last].number == number else { return false }
    held[last].isComplete = true
    return true
  }

  /// The header that is held since the last line keeps a place.
  mutating func keep(_ place: Int) {
    guard let record = held.indices.last, let line = held[record].lines.indices.last else { return }
    held[record].lines[line].place = place
  }

  /// Forgets the last record: what comes next is compared with none.
  mutating func forget() { last.time = [] }

  // MARK: Deciding

  /// Decides on the records that are held, as far as that is possible now. At the end none is held any more.
  mutating func release(atEnd: Bool) -> Released {
    let isEnd = atEnd || held.reduce(0) { $0 + $1.lines.count } > Self.mostLines
    var released = Released()
    while !held.isEmpty {
      let copies = run(of: last, from: 0)
      if !isEnd, copies < held.count, last.compare(held[copies]) == .unclear { break }
      guard let areTaken = areTaken(copies: copies, isEnd: isEnd) else { break }
      if areTaken {
        released.records += held[..<copies]
      } else {
        released.droppedPlaces += held[..<copies].flatMap(\.lines).compactMap(\.place)
      }
      held.removeFirst(copies)
      guard let next = held.first else { break }
      last = Self.signature(of: next)
      released.records.append(next)
      held.removeFirst()
    }
    if held.isEmpty { heldBytes = 0 }
    return released
  }

  /// Whether copies of the last record are taken all the same; nil where that is not known yet.
  private func areTaken(copies: Int, isEnd: Bool) -> Bool? {
    switch last.header {
    case .none: return false
    case .withBody: return true
    case .alone:
      guard copies > 0 else { return false }
      guard copies < held.count else { return isEnd ? true : nil }
      let next = Self.signature(of: held[copies])
      let times = run(of: next, from: copies)
      let end = copies + times
      if !isEnd, end == held.count || next.compare(held[end]) == .unclear { return nil }
      return max(times, 1) != copies + 1
    }
  }

  /// How many records from a place on are copies.
  private func run(of signature: Signature, from start: Int) -> Int {
    held[start...].prefix { signature.compare($0) == .same }.count
  }

  private static func signature(of record: Record) -> Signature {
    var signature = Signature()
    signature.begin(record.lines[0].context)
    for line in record.lines { signature.note(line.text.span, isHeader: line.isHeader) }
    return signature
  }
}

import LogModel

/// The message line at hand as it was read: what ``BlockMachine`` asks for, and the pairs that a block takes.
///
/// The buffer of the pairs is used again for the next line.
struct LineReading {
  private(set) var line = BlockLine(kind: .other, position: LogPosition(line: 0, offset: 0))
  /// The version that a header names.
  private(set) var version = 1
  /// The pairs of a line or of a header.
  private(set) var pairs: [LoggedPair] = []
  /// The line as an object.
  private(set) var object: JSONBody?
  /// The key with which a line begins that is not read.
  private(set) var unreadKey: Range<Int>?

  /// An overlong line is looked at so far.
  private static let headBytes = 4096

  /// Reads a line. An object is read only where a block may take it.
  mutating func read(_ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord, inBlock: Bool) {
    line = BlockLine(kind: .other, position: position)
    switch MessageLine(text, pairs: &pairs) {
    case .blank, .other: break
    case .nearMiss: line.kind = .nearMiss
    case .endMarker: line.kind = .endMarker
    case .rule(let count): line.kind = .rule(count: count)
    case .section: line.kind = .section
    case .header(let version, _):
      line.kind = .header
      line.keys = LineKeys(pairs, isPrint: record.isPrint)
      self.version = version
    case .pairs:
      line.kind = .pairs
      line.keys = LineKeys(pairs, isPrint: record.isPrint)
    case .json:
      object = inBlock ? JSONBody(text) : nil
      line.kind = object == nil ? .objectStart : .object
      if let object { line.keys = LineKeys(object.pairs, isPrint: record.isPrint) }
    }
  }

  /// Takes a line that is only kept, because an object may go on with it.
  mutating func keep(at position: LogPosition) {
    line = BlockLine(kind: .other, position: position)
  }

  /// Takes the keys of a structured header, which stand beside its line.
  mutating func readOwnKeys(_ keys: JSONBody) { object = keys }

  /// Looks at the beginning of a line that is too long to be read.
  mutating func readOverlong(_ text: Span<UInt8>, at position: LogPosition) {
    line = BlockLine(kind: .other, position: position)
    let head = text.extracting(0..<min(text.count, Self.headBytes))
    unreadKey = MessageLine.keyOfCutLine(head)
    if let unreadKey, KeyName(head, in: unreadKey).isKnown {
      line.kind = .unread
      return
    }
    switch MessageLine(head, pairs: &pairs) {
    case .header, .nearMiss: line.kind = .nearMiss
    case .blank, .endMarker, .rule, .section, .pairs, .json, .other: break
    }
  }

  /// Looks at a last line that may be cut.
  mutating func readCut(_ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord) {
    read(text, at: position, in: record, inBlock: false)
    switch line.kind {
    case .endMarker: unreadKey = nil
    case .header:
      unreadKey = pairs.first?.key
      pairs.removeAll(keepingCapacity: true)
      line.keys = LineKeys()
    case .nearMiss, .rule, .section, .pairs, .object, .objectStart, .unread, .other:
      unreadKey = MessageLine.keyOfCutLine(text)
      if unreadKey == nil { line.kind = .other } else if line.kind != .pairs { line.kind = .unread }
    }
  }

  /// The issue of a line that begins with a key and is not read.
  func issueOfUnread(_ kind: IssueKind, _ text: Span<UInt8>) -> GrammarIssue? {
    guard let unreadKey else { return nil }
    let head = text.extracting(0..<min(text.count, kind == .lineTooLong ? Self.headBytes : text.count))
    let name = KeyName(head, in: unreadKey)
    return GrammarIssue(
      kind: kind, key: name.keyText(head, unreadKey), line: line.position.line, offset: line.position.offset,
      raw: text.rawText(in: MessageLine.valueOfCutLine(head, after: unreadKey)))
  }
}

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
  /// Says that the first key of the line may be cut.
  private(set) var issueOfCutKey: GrammarIssue?
  /// The key with which a line begins that is not read.
  private(set) var unreadKey: Range<Int>?
  /// That line stands before a mark (``readBeforeMark(_:at:in:)``), so that all of its pairs are known.
  private var isBeforeMark = false

  /// An overlong line is looked at so far.
  static let headBytes = 4096

  /// Reads a line. An object is read only where a block may take it.
  mutating func read(_ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord, inBlock: Bool) {
    line = BlockLine(kind: .other, position: position)
    if case .some = issueOfCutKey { issueOfCutKey = nil }
    switch MessageLine(text, pairs: &pairs) {
    case .blank: break
    case .other: if inBlock { readForeign(text, in: record) }
    case .nearMiss: line.kind = .nearMiss
    case .endMarker: line.kind = .endMarker
    case .rule(let count): line.kind = .rule(count: count)
    case .section: line.kind = .section
    case .header(let version, _):
      line.kind = .header
      line.keys = LineKeys(pairs, of: text, isPrint: record.isPrint)
      self.version = version
    case .pairs:
      line.kind = .pairs
      line.keys = LineKeys(pairs, of: text, isPrint: record.isPrint)
    case .json:
      object = inBlock ? JSONBody(text) : nil
      if let object {
        line.kind = .object
        line.keys = LineKeys(object.pairs, of: object.text.span, isPrint: record.isPrint)
        line.isSeveral = object.hasSeveralObjects
      } else if inBlock {
        let object = CollectedObject(text, at: position, in: record)
        if object.canGoOn, !object.isClosed { line.kind = .objectStart }
      }
    }
  }

  /// Looks at a line that no body can have: it may hold the rest of a value that was cut, or be a title.
  private mutating func readForeign(_ text: Span<UInt8>, in record: BlockRecord) {
    guard let end = ForeignLine.endOfToken(text) else {
      if ForeignLine.beginsWithSeparator(text) { line.kind = .separated }
      if ForeignLine.isTitle(text) { line.kind = .title }
      return
    }
    let rest = ForeignLine.afterSeparator(text, from: end)
    if rest == text.count {
      line.kind = .token(rest: nil)
    } else if ForeignLine.beginsWithPair(text, from: rest) {
      line.kind = .token(rest: rest)
      let behind = text.extracting(rest..<text.count)
      if MessageLine(behind, pairs: &pairs) == .pairs {
        line.keys = LineKeys(pairs, of: behind, isPrint: record.isPrint)
      }
    } else if ForeignLine.isTitle(text) {
      line.kind = .title
    }
  }

  /// Takes note of what the line says of the value before it.
  mutating func note(_ cut: BlockLine.Cut) { line.cut = cut }

  /// The line begins with the name of a gate, of which the line before was a list.
  mutating func readAsRestOfGates() {
    line = BlockLine(kind: line.kind == .title ? .title : .separated, position: line.position, cut: .yes)
  }

  /// A group marker was taken off: what is left is no bare token.
  mutating func readAsGrouped() {
    line.isGrouped = true
    switch line.kind {
    case .token, .separated: line.kind = .other
    case .header, .nearMiss, .endMarker, .rule, .section, .pairs, .object, .objectStart, .title, .unread,
      .other:
      break
    }
  }

  /// Takes the line for a near-miss header, because a header's or an end marker's text is glued to another one on it (``GluedMark``).
  mutating func readAsGlued(_ text: Span<UInt8>, at position: LogPosition) {
    let isNearMiss = MessageLine(text, pairs: &pairs) == .nearMiss
    line = BlockLine(kind: .nearMiss, position: position, isGlued: !isNearMiss)
  }

  /// Looks at what stands before such a text. It may be cut, and nothing of it is read.
  mutating func readBeforeMark(_ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord) {
    if MessageLine(text, pairs: &pairs) == .json {
      readAsObjectStart(at: position)
      return
    }
    read(text, at: position, in: record, inBlock: true)
    switch line.kind {
    case .pairs where !pairs.isEmpty:
      line.kind = .unread
      (unreadKey, isBeforeMark) = (pairs[0].key, true)
    case .token, .separated: line.keys = LineKeys()
    case .header, .nearMiss, .endMarker, .rule, .section, .pairs, .object, .objectStart, .title, .unread,
      .other:
      line.kind = .other
    }
  }

  /// Takes the line for the first one of an object. The line behind it shows that it is none.
  mutating func readAsObjectStart(at position: LogPosition) {
    line = BlockLine(kind: .objectStart, position: position)
  }

  /// Takes the line for one that feeds nothing.
  mutating func readAsForeign() {
    line.isForeign = true
    line.cut = .no
    switch line.kind {
    case .pairs, .object, .objectStart, .section, .token, .separated, .unread: line.kind = .other
    case .header, .nearMiss, .endMarker, .rule, .title, .other: break
    }
  }

  /// The first key of the line may be the rest of a longer key, which began with a token of the line before. Its pair is not
  /// read.
  mutating func cutFirstKey(_ text: Span<UInt8>, behind token: Span<UInt8>, in record: BlockRecord) {
    guard let pair = pairs.first else { return }
    pairs.removeFirst()
    var spelt: [UInt8] = []
    spelt.append(token)
    spelt.append(text, in: pair.key)
    let name = KeyName(spelt.span, in: 0..<spelt.count)
    line.keys = LineKeys(pairs, of: text, isPrint: record.isPrint, behind: name)
    issueOfCutKey = GrammarIssue(
      kind: .cutValue, key: name.keyText(spelt.span, 0..<spelt.count), line: line.position.line,
      offset: line.position.offset, raw: text.rawText(in: pair.raw))
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
    isBeforeMark = false
    let head = text.extracting(0..<min(text.count, Self.headBytes))
    unreadKey = MessageLine.keyOfCutLine(head)
    if let unreadKey, KeyName(head, in: unreadKey).isKnown {
      line.kind = .unread
      line.keys = LineKeys(KeyName(head, in: unreadKey))
      return
    }
    switch MessageLine(head, pairs: &pairs) {
    case .header: line.kind = .nearMiss
    // What follows can hold other letters.
    case .nearMiss: line.kind = head[0] == MessageLine.mark ? .nearMiss : .other
    case .other where ForeignLine.endOfToken(head) == head.count: line.kind = .token(rest: nil)
    case .blank, .endMarker, .rule, .section, .pairs, .json, .other: break
    }
  }

  /// Looks at a last line that may be cut.
  mutating func readCut(_ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord) {
    read(text, at: position, in: record, inBlock: true)
    isBeforeMark = false
    switch line.kind {
    case .endMarker: unreadKey = nil
    case .header:
      unreadKey = pairs.first?.key
      pairs.removeAll(keepingCapacity: true)
      line.keys = LineKeys()
    case .token, .separated:
      unreadKey = nil
      line.keys = LineKeys()
    case .nearMiss, .rule, .section, .pairs, .object, .objectStart, .title, .unread, .other:
      unreadKey = MessageLine.keyOfCutLine(text)
      line.keys = unreadKey.map { LineKeys(KeyName(text, in: $0)) } ?? LineKeys()
      line.kind = unreadKey == nil ? .other : .unread
    }
  }

  /// The issues of a line that begins with a key and is not read: one, or before a mark one for each key that is lost.
  func issuesOfUnread(_ kind: IssueKind, _ text: Span<UInt8>) -> [GrammarIssue] {
    guard isBeforeMark else { return issueOfUnread(kind, text).map { [$0] } ?? [] }
    return pairs.indices.filter { $0 == 0 || pairs[$0].name.isKnown }.map { index in
      GrammarIssue(
        kind: kind, key: pairs[index].name.keyText(text, pairs[index].key), line: line.position.line,
        offset: line.position.offset, raw: text.rawText(in: pairs[index].raw))
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

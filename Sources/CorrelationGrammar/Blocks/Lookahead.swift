import LogModel

/// The lines that are looked at to decide how a block ended: those behind a foreign line (1-correlation-data, Claimed
/// blocks), or the record behind the block's own.
struct Lookahead {
  /// So many lines are looked at.
  static let mostLines = 64
  /// Of longer lines that feed nothing only what they say of the value before them is kept.
  private static let mostForeignBytes = 256

  /// Which end marker claims the block.
  enum Claim {
    case byAnyMarker
    /// The block stands in one record. Only a marker in that record claims it.
    case byMarker(inRecord: Int)
    case byNone
  }

  /// How the block ended, unless a marker claims it.
  let end: BlockEnd
  let claim: Claim
  /// The first foreign line.
  let place: LinePlace
  /// The record behind the block's own, whose lines show whether the block was cut; nil where all lines do.
  let onlyRecord: Int?
  /// The lines from the first foreign one on.
  private(set) var lines: [HeldLine] = []
  private var bytes = 0
  /// Lines behind the first one.
  private var count = 0
  /// A line of `=` came: no line behind it is looked at.
  private(set) var isClosed = false
  /// Known keys came that are not in the block.
  private(set) var bringsKeys = false
  /// Such keys came in a record that shows that the block was cut short.
  private(set) var isCutShort = false
  /// The first line may be the rest of a text, which was cut if the block goes on behind it.
  private(set) var mayCutText = false
  /// The first line may be the rest of the value before it.
  private(set) var cutsValue = false
  /// A body-line of pairs is the line behind the first one.
  private var isGoneOn = false
  /// The first line begins an object that is not closed.
  var isObjectOpen = false
  /// The line before, where it may be the beginning of a key.
  private var before: [UInt8] = []
  /// The record of the line before.
  private var record: Int?
  /// A record of WARNING or above that begins with no body-line. It feeds nothing.
  private var foreignRecord: Int?

  init(end: BlockEnd, claim: Claim, at place: LinePlace, onlyRecord: Int? = nil) {
    self.end = end
    self.claim = claim
    self.place = place
    self.onlyRecord = onlyRecord
  }

  /// Whether no further line is looked at.
  var isFull: Bool { isClosed || count >= Self.mostLines }

  /// Whether what has come decides how the block ended.
  var isDecided: Bool {
    switch claim {
    case .byNone: isFull || bringsKeys
    case .byAnyMarker, .byMarker: isFull
    }
  }

  /// Whether `record`, which begins now, comes after the last record looked at.
  func isOver(before record: BlockRecord) -> Bool {
    guard let onlyRecord, !mayCutText else { return false }
    return record.number != onlyRecord
  }

  /// Whether `record`, which ended now, is the last record looked at.
  func isOver(behind record: BlockRecord) -> Bool {
    guard let onlyRecord, !mayCutText else { return false }
    return record.number >= onlyRecord
  }

  /// A line of `=` came.
  mutating func close() { isClosed = true }

  /// Whether a marker in a record claims the block.
  func isClaimed(in record: BlockRecord) -> Bool {
    switch claim {
    case .byAnyMarker: !isFull
    case .byMarker(let number): !isFull && number == record.number
    case .byNone: false
    }
  }

  /// Takes the first line. Pairs behind its token count as the line behind it. A record of WARNING or above holds no rest of a
  /// value, unless the block's writer logs at such a level.
  mutating func begin(
    with line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, of block: BlockProgress,
    isForeign: Bool
  ) {
    hold(line, text, in: record, of: block, isForeign: isForeign)
    guard !isForeign || block.isGrave else { return }
    mayCutText = line.cut == .ifBlockGoesOn
    cutsValue = line.cut == .yes || line.cut == .ofJoinedPair
    if case .token(rest: .some) = line.kind, line.cut.isRest {
      count += 1
      note(line.keys, in: record, of: block)
    }
  }

  /// Takes a line behind the first one.
  mutating func take(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, of block: BlockProgress,
    isForeign: Bool = false, within limits: BlockLimits
  ) {
    guard !isFull else { return }
    if lines.count == 1, line.kind == .pairs { isGoneOn = true }
    count += 1
    if record.interrupts, self.record != record.number, !line.beginsWithKey, line.kind != .section {
      foreignRecord = record.number
    }
    let isForeign = isForeign || foreignRecord == record.number
    note(beginsNew(line, text, to: block.keys), in: record)
    hold(line, text, in: record, of: block, isForeign: isForeign)
    // What a claim reads is no more than what a block may hold.
    if bytes > limits.bytes { isClosed = true }
  }

  /// Whether a line shows that the first line is the rest of a text; asked once.
  mutating func settleText() -> Bool {
    guard mayCutText, isGoneOn || bringsKeys else { return false }
    mayCutText = false
    return true
  }

  /// Takes note of a blank line.
  mutating func takeBlank() { count += 1 }

  /// Takes note of the keys of a line or of an object of several lines.
  mutating func note(_ keys: LineKeys, in record: BlockRecord, of block: BlockProgress) {
    note(keys.beginNew(to: block.keys), in: record)
  }

  /// Takes note of the key with which a last line begins that may be cut.
  mutating func noteCut(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, of block: BlockProgress
  ) {
    note(beginsNew(line, text, to: block.keys), in: record)
  }

  private mutating func note(_ isNew: Bool, in record: BlockRecord) {
    guard isNew else { return }
    bringsKeys = true
    if onlyRecord == nil || onlyRecord == record.number { isCutShort = true }
  }

  /// Whether a line begins with a known key that is not in the block, or does so together with the token before it.
  private func beginsNew(_ line: BlockLine, _ text: Span<UInt8>, to keys: KeySet) -> Bool {
    if let rest = ForeignLine.restOfKey(text), !before.isEmpty {
      let spelt = KeyName(beginning: before.span, text.extracting(rest))
      if spelt.isKnown, !keys.contains(spelt) { return true }
      // The line's own first key is only the end of another key.
      if cutsFirstKey(of: text) { return false }
    }
    return line.beginsWithKey && line.keys.beginNew(to: keys)
  }

  /// Whether the key with which a line begins is only the end of a key that began in the line before.
  func cutsFirstKey(of text: Span<UInt8>) -> Bool {
    ForeignLine.beginningOfKey(before.span) != nil && ForeignLine.firstKey(text) != nil
  }

  private mutating func hold(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, of block: BlockProgress,
    isForeign: Bool
  ) {
    self.record = record.number
    before.removeAll(keepingCapacity: true)
    let whole = ForeignLine.wholeToken(text)
    if !isForeign || block.isGrave, !line.isGrouped || whole == nil,
      let token = whole ?? ForeignLine.beginningOfKey(text),
      token.count <= Self.mostForeignBytes
    {
      before.append(text, in: token)
    }
    var held = HeldLine(text, at: line.position, in: record, isForeign: isForeign)
    held.isGrouped = line.isGrouped
    switch line.kind {
    case .unread:
      held.isOverlong = true
      if text.count > LineReading.headBytes { held.text.removeLast(text.count - LineReading.headBytes) }
    case .pairs where !line.keys.hasOthers, .object, .objectStart, .title: break
    case .token where !line.keys.hasOthers && !line.keys.known.isEmpty: break
    case .token(rest: nil) where text.count > Self.mostForeignBytes:
      held.text.removeLast(text.count - Self.mostForeignBytes)
    case .header, .nearMiss, .endMarker, .rule, .section, .pairs, .token, .separated, .other:
      guard text.count > Self.mostForeignBytes, ForeignLine.beginningOfKey(text) == nil else { break }
      if let abridged = ForeignLine.abridged(text, to: Self.mostForeignBytes) {
        held.text = abridged
      } else {
        held.text = [UInt8(ascii: "?")]
        held.isForeign = true
      }
    }
    bytes += held.text.count
    lines.append(held)
  }
}

/// An interruption by records of WARNING or above. The lines are foreign ones where the block does not resume.
struct BlockSuspension {
  var lookahead: Lookahead
  /// The last interrupting record.
  var record: Int
}

/// How far the lines before a claiming marker have been read.
struct BlockClaim {
  /// The line before was the block's, so that the next one may be the rest of its value.
  var isBehindBodyLine = true
  /// A title came. Nothing behind it is read.
  var isBehindTitle = false
  /// The line before was foreign and may be the beginning of a key.
  var isBehindBeginningOfKey = false
}

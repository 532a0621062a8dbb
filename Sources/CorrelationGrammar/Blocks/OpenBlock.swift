import LogModel

/// A block that is being read: its pairs as logged, where they stood, and what was noticed on the way.
///
/// Text is kept in one buffer; values are read when the block has ended (``RecordBuilder``).
struct OpenBlock {
  /// Where the block's records are in relation to its header (2-log-envelopes, Blocks in envelopes).
  enum Shape {
    /// No body-line yet.
    case headerOnly
    /// The first body-line stands in the header's record; the block ends with that record.
    case inHeaderRecord
    /// The header was the last line of its record; the following records of the stream are taken.
    case acrossRecords
  }

  /// One pair as logged.
  struct Entry {
    var pair: LoggedPair
    var position: LogPosition
    /// The log record it stood in.
    var record: Int
  }

  /// An interruption by a record of WARNING or above.
  struct Suspension {
    var position: LogPosition
    var raw: String
    var record: Int
  }

  let number: Int
  let position: LogPosition
  let version: Int
  let headerRecord: Int
  let headerTime: LogTime?
  /// The header record's own time as written; empty where it has none, and then nothing is a replay.
  let headerTimeText: [UInt8]
  /// The header's text, for issues of the whole block.
  let headerRaw: String
  let identity: TaskIdentity?
  let instanceKey: [UInt8]
  let isLate: Bool

  var shape: Shape = .headerOnly
  /// The record of the last line that was the block's.
  var lastRecord: Int
  /// That record has ended, but the next record of the stream may carry it on.
  var isRecordEnded = false
  /// Whether lines of more than one log record are the block's; one record has one writer.
  var spansRecords = false
  var text: [UInt8] = []
  private(set) var entries: [Entry] = []
  /// The keys in the order of their first coming.
  private(set) var keyOrder: [KeyIdentity] = []
  private var firstEntry = FirstEntries()
  /// Keys that the record of their first coming has with several texts.
  private var variedKeys: Set<KeyIdentity> = []
  var issues: [GrammarIssue] = []
  var styleNotes: [StyleNote] = []
  var bodyLines = 0
  var bodyBytes = 0
  var bodyHash = BodyHash()
  /// A body-line was skipped: it was too long, or cut.
  var hasUnreadLine = false
  var isInterleaved = false
  var isDamaged: Bool
  /// The last entry is a `key=` at the end of its record, whose value a flush may have cut off.
  var awaitsValue = false
  var suspension: Suspension?

  init(
    number: Int, position: LogPosition, version: Int, header: Span<UInt8>, context: LogRecordContext,
    isDamaged: Bool
  ) {
    self.number = number
    self.isDamaged = isDamaged
    self.position = position
    self.version = version
    self.headerRecord = context.number
    self.headerTime = context.time
    self.headerTimeText = context.timeText
    self.headerRaw = header.rawText(in: 0..<header.count)
    self.identity = context.identity
    self.instanceKey = context.instanceKey
    self.isLate = context.isLate
    self.lastRecord = context.number
  }

  /// The block's header as a place, for issues that concern blocks.
  var mark: BlockMark { BlockMark(number: number, position: position, raw: headerRaw) }

  /// Whether anything of the block was logged beyond its header, were it only a line that could not be read.
  var hasBody: Bool { bodyLines > 0 || !entries.isEmpty || hasUnreadLine }

  /// Takes the pairs of one line. A key that comes again with another text in another log record shows that two
  /// writers share the stream.
  mutating func take(
    _ pairs: [LoggedPair], of line: Span<UInt8>, at position: LogPosition, in context: LogRecordContext
  ) {
    settleAwaitedValue()
    let base = text.count
    text.append(line)
    // On a print stream a flush may have cut the last value off; what it is shows with the next record.
    awaitsValue = context.isPrint && (pairs.last.map { $0.value.isEmpty && $0.form == .bare } ?? false)
    for (index, pair) in pairs.enumerated() {
      var pair = pair
      pair.key = pair.key.shifted(by: base)
      pair.value = pair.value.shifted(by: base)
      pair.raw = pair.raw.shifted(by: base)
      add(
        Entry(pair: pair, position: position, record: context.number),
        isComparable: !awaitsValue || index < pairs.count - 1)
    }
  }

  /// No value follows a `key=` at the end of its record: then it is empty, and compared as such.
  mutating func settleAwaitedValue() {
    guard awaitsValue, let last = entries.last else { return }
    awaitsValue = false
    compare(last)
  }

  /// Counts a body-line and adds it to the hash by which replays are known.
  mutating func countBodyLine(_ line: Span<UInt8>, isRestOfLine: Bool = false) {
    if !isRestOfLine { bodyLines += 1 }
    bodyBytes += line.count + 1
    bodyHash.add(line)
  }

  private mutating func add(_ entry: Entry, isComparable: Bool) {
    let identity = identity(of: entry.pair)
    if firstEntry[identity] == nil {
      firstEntry[identity] = entries.count
      if !isIgnored(entry.pair) { keyOrder.append(identity) }
    }
    entries.append(entry)
    if isComparable { compare(entry) }
  }

  /// `event=correlation_data` names the record and is no part of it.
  private func isIgnored(_ pair: LoggedPair) -> Bool {
    pair.name == .event && text.span.is("correlation_data", in: pair.value)
  }

  /// Two writers: the same key with another text in another log record. In a block of an unknown version keys mean
  /// nothing.
  private mutating func compare(_ entry: Entry) {
    guard version == 1 else { return }
    let identity = identity(of: entry.pair)
    guard let first = firstEntry[identity].map({ entries[$0] }) else { return }
    let isSame = sameValue(first.pair, entry.pair)
    if first.record == entry.record {
      if !isSame { variedKeys.insert(identity) }
    } else if !isSame || variedKeys.contains(identity) {
      // Where the first record itself has two texts for the key, one of them is another than this.
      isInterleaved = true
    }
  }

  /// Gives the value that a flush had cut off to the last pair.
  mutating func join(_ token: Span<UInt8>, record: Int) {
    guard var last = entries.last else { return }
    let start = text.count
    text.append(token)
    last.pair.value = start..<text.count
    last.pair.raw = last.pair.value
    entries[entries.count - 1] = last
    compare(last)
    issues.append(
      GrammarIssue(
        kind: .rejoinedPair, key: keyText(last.pair), line: last.position.line, offset: last.position.offset,
        raw: text.span.rawText(in: last.pair.value)))
    awaitsValue = false
  }

  /// Whether a line of these pairs carries the block on: all keys known, none of them in the block yet.
  func isContinued(by pairs: [LoggedPair]) -> Bool {
    !pairs.isEmpty && pairs.allSatisfy { $0.name.isKnown && firstEntry[.known($0.name)] == nil }
  }

  /// The first entry with the key of this one.
  func firstEntry(like entry: Entry) -> Int? { firstEntry[identity(of: entry.pair)] }

  private func identity(of pair: LoggedPair) -> KeyIdentity {
    guard pair.name == .extra else { return .known(pair.name) }
    return .extra(KeyName.folded(text.span, pair.key))
  }

  /// The canonical key of ours, or the key as logged.
  func keyText(_ pair: LoggedPair) -> String {
    switch pair.name {
    case .field(let key): key.name
    case .gates: "gates"
    case .deltaF1: "delta_f1"
    case .event, .extra: text.span.text(in: pair.key).text
    }
  }

  /// Whether two pairs of the block have the same value text.
  func sameValue(_ first: LoggedPair, _ second: LoggedPair) -> Bool {
    text.span.extracting(first.value).equals(text.span.extracting(second.value))
  }
}

/// A block's header as a place in the log.
struct BlockMark {
  var number: Int
  var position: LogPosition
  var raw: String
}

/// A key as the same key is known again: ours by what it means, others without case.
enum KeyIdentity: Hashable {
  case known(KeyName)
  case extra(String)
}

/// For each key the entry of its first coming. Keys of ours, which nearly all are, are found by their number.
private struct FirstEntries {
  private var known = [Int](repeating: -1, count: KeyName.numberOfNames)
  private var extras: [String: Int] = [:]

  subscript(key: KeyIdentity) -> Int? {
    get {
      switch key {
      case .known(let name): known[name.number] < 0 ? nil : known[name.number]
      case .extra(let folded): extras[folded]
      }
    }
    set {
      switch key {
      case .known(let name): known[name.number] = newValue ?? -1
      case .extra(let folded): extras[folded] = newValue
      }
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}

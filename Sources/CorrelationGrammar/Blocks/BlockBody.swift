import CByteScan
import LogModel

/// A block's pairs as logged, with the place and the record of each. Text is kept in one buffer.
///
/// A body is emptied and used again for a later block, so that its buffers are made once.
struct BlockBody {
  /// One pair as logged.
  struct Entry {
    var pair: LoggedPair
    var position: LogPosition
    /// The log record in which the pair stood.
    var record: Int
    /// The value may have been cut, and is not read.
    var isCut = false
    /// The entry has its key's place in the order of the keys.
    var isInOrder = false
  }

  /// What the last body-line leaves to the line behind it (1-correlation-data, Cut values).
  enum LineEnd {
    /// Nothing: no pair ends with the line.
    case closed
    /// The last pair and a separator, with which a list of gates may have been cut.
    case separator
    /// The last pair, whose value may have been cut.
    case value
    /// The last pair, whose value a flush had cut off and the line brought.
    case joinedValue
  }

  /// Larger buffers are not kept.
  private static let mostKeptBytes = 16_384

  /// The header record's own time as written. Empty where it has none; then the block is never a replay.
  private(set) var headerTime: [UInt8] = []
  private(set) var text: [UInt8] = []
  private(set) var entries: [Entry] = []
  private var firstEntries = FirstEntries()
  /// Keys that have several texts in the record of their first coming.
  private var variedKeys: Set<KeyIdentity> = []
  /// The last entry's value may still come. The entry is compared with others when the value has come or will not.
  private var awaitsValue = false
  private(set) var lineEnd = LineEnd.closed
  /// The body-lines' hash, by which replays are known.
  private(set) var hash = BodyHash()
  private var lineCount = 0
  private var unreadLineCount = 0
  /// A key came again with another text in another log record.
  private(set) var hasTwoWriters = false
  /// A key came more than once.
  private(set) var hasRepeatedKeys = false

  /// Whether anything was logged beyond the header: a body-line, a pair on the header, or a line that could not be read.
  var hasLines: Bool { lineCount > 0 || !entries.isEmpty || unreadLineCount > 0 }

  /// The keys in the order of their first coming.
  var keyOrder: [KeyIdentity] { entries.filter(\.isInOrder).map { identity(of: $0.pair) } }

  /// About how many bytes of memory the body takes.
  var memory: Int { Self.memory(of: entries.count, textBytes: text.count) }

  /// About how many bytes of memory so many entries take, with so many bytes of text.
  static func memory(of entries: Int, textBytes: Int) -> Int { textBytes + entries * 320 }

  /// Whether the buffers are small enough to be kept for another block.
  var isWorthKeeping: Bool { text.capacity <= Self.mostKeptBytes }

  /// The body of a header begins, whose record has this time.
  mutating func begin(at time: Span<UInt8>) { headerTime.become(time) }

  /// Makes the body an empty one, with its buffers.
  mutating func removeAll() {
    headerTime.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    firstEntries.removeAll()
    variedKeys.removeAll()
    awaitsValue = false
    lineEnd = .closed
    hash = BodyHash()
    lineCount = 0
    unreadLineCount = 0
    hasTwoWriters = false
    hasRepeatedKeys = false
  }

  // MARK: Lines

  /// Counts a body-line and adds it to the hash.
  mutating func countLine(_ line: Span<UInt8>) {
    lineCount += 1
    hash.add(line)
  }

  /// A line came that feeds nothing and is not foreign: the line behind it is none behind a body-line.
  mutating func endLine() { lineEnd = .closed }

  /// Adds a section to the hash. A block of sections is empty.
  mutating func addSection(_ line: Span<UInt8>) {
    lineEnd = .closed
    hash.add(line)
  }

  /// Counts a line that is not read.
  mutating func countUnreadLine() {
    lineEnd = .closed
    unreadLineCount += 1
  }

  /// Adds text that is no body-line of its own to the hash: the pairs on the header.
  mutating func addToHash(_ text: Span<UInt8>) { hash.add(text) }

  /// Takes the pairs of one line. `awaitsValue` says that the last pair's value may still come.
  mutating func take(
    _ pairs: [LoggedPair], of line: Span<UInt8>, at position: LogPosition, in record: Int, awaitsValue: Bool
  ) {
    settle()
    let base = text.count
    text.append(line)
    for index in pairs.indices {
      let entry = Entry(pair: pairs[index].shifted(by: base), position: position, record: record)
      let isFirst = add(entry)
      if !isFirst, !awaitsValue || index < pairs.count - 1 { compare(entry) }
    }
    self.awaitsValue = awaitsValue
    lineEnd = Self.end(of: line, pairs.last)
  }

  /// Whether a pair of a key of ours can be taken by itself (``takePair(_:of:at:in:)``): its key is new, and the line before ends in no
  /// byte behind which this one could be the rest of something.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy the whole block otherwise.
  mutating func takesNext(_ name: KeyName) -> Bool {
    guard firstEntries[.known(name)] == nil else { return false }
    return text.last.map { !ForeignLine.joinsParts($0) && !ForeignLine.isMark($0) } ?? true
  }

  /// Takes a line that is one pair with a value, and counts it.
  mutating func takePair(_ pair: LoggedPair, of line: Span<UInt8>, at position: LogPosition, in record: Int) {
    settle()
    lineCount += 1
    hash.add(line)
    let base = text.count
    text.append(line)
    firstEntries.insert(.known(pair.name), entry: entries.count)
    entries.append(
      Entry(pair: pair.shifted(by: base), position: position, record: record, isInOrder: true))
    lineEnd = .value
  }

  /// Takes lines of one pair each, for as long as the block takes the next one (``takesNext(_:)``) and the limits allow it.
  /// - Returns: By about how many bytes of memory the body has grown.
  mutating func take(
    _ lines: borrowing PairLines, of chunk: Span<UInt8>, _ run: inout PairRun,
    _ progress: inout BlockProgress, isGrave: Bool, _ limits: PairLimits
  ) -> Int {
    let found = lines.buffer.span.extracting(0..<lines.count)
    let (table, room) = (KeyName.table, progress.room(within: limits.block))
    var names = InlineArray<32, KeyName>(repeating: .extra)
    var (taken, bytes, set, last) = (0, 0, KeySet(), text.last ?? 0)
    var hash = hash
    while taken < min(found.count, room.lines, names.count) {
      let text = chunk.extracting(found[taken].text..<found[taken].text_end)
      let grown = bytes + text.count
      guard !ForeignLine.joinsParts(last), !ForeignLine.isMark(last), text.count <= limits.lineBytes,
        grown + taken < room.bytes, Self.memory(of: taken + 1, textBytes: grown) <= limits.memory,
        let name = table.meaning(of: text, to: found[taken].sign - found[taken].text), name.isKnown,
        !set.contains(name), !firstEntries.has(name)
      else { break }
      hash.add(text)
      set.insert(name)
      names[taken] = name
      (taken, bytes, last) = (taken + 1, grown, text[text.count - 1])
    }
    guard taken > 0 else { return 0 }
    settle()
    self.hash = hash
    lineCount += taken
    lineEnd = .value
    firstEntries.insert(names.span.extracting(0..<taken), set, from: entries.count)
    append(found.extracting(0..<taken), names.span, of: chunk, behind: run)
    run.take(taken, to: found[taken - 1], time: lines.time)
    progress.take(lines: taken, byteCount: bytes, set, in: run.record, isGrave: isGrave)
    return Self.memory(of: taken, textBytes: bytes)
  }

  /// Appends the text and the entries of lines of one pair each, whose keys have these names.
  private mutating func append(
    _ lines: Span<pair_line>, _ names: Span<KeyName>, of chunk: Span<UInt8>, behind run: PairRun
  ) {
    var base = text.count
    entries.append(addingCapacity: lines.count) { out in
      for index in lines.indices {
        let line = lines[index]
        let (sign, end) = (base + line.sign - line.text, base + line.text_end - line.text)
        let pair = LoggedPair(
          key: base..<sign, name: names[index], value: sign + 1..<end, raw: sign + 1..<end, form: .bare)
        let position = LogPosition(
          line: run.position.line + index, offset: run.position.offset + line.start - run.end)
        out.append(Entry(pair: pair, position: position, record: run.record + index + 1, isInOrder: true))
        base = end
      }
    }
    text.append(addingCapacity: base - text.count) { out in
      for index in lines.indices {
        out.append(copying: chunk.extracting(lines[index].text..<lines[index].text_end))
      }
    }
  }

  /// Takes the pairs of an object. Each pair belongs to the line that holds its key.
  mutating func take(_ object: JSONBody, at place: (Int) -> (position: LogPosition, record: Int)) {
    settle()
    let base = text.count
    text.append(object.text.span)
    for (index, logged) in object.pairs.enumerated() {
      let (position, record) = place(index)
      let entry = Entry(pair: logged.shifted(by: base), position: position, record: record)
      if !add(entry) { compare(entry) }
    }
    lineEnd = .closed
  }

  /// Takes those of the pairs whose keys came before. They show whether a key has two texts; none of them is read.
  mutating func takeRepeated(
    _ pairs: [LoggedPair], of line: Span<UInt8>, at position: LogPosition, in record: Int
  ) {
    settle()
    hash.add(line)
    let base = text.count
    text.append(line)
    for logged in pairs {
      let pair = logged.shifted(by: base)
      guard firstEntries[identity(of: pair)] != nil else { continue }
      let entry = Entry(pair: pair, position: position, record: record)
      entries.append(entry)
      hasRepeatedKeys = true
      compare(entry)
    }
    lineEnd = .closed
  }

  /// Gives the last pair the value that a flush had cut off.
  /// - Returns: The issue that says so.
  mutating func join(_ token: Span<UInt8>) -> GrammarIssue? {
    guard var last = entries.last else { return nil }
    hash.add(token)
    let start = text.count
    text.append(token)
    last.pair.value = start..<text.count
    last.pair.raw = last.pair.value
    entries[entries.count - 1] = last
    settle()
    lineEnd = .joinedValue
    return GrammarIssue(
      kind: .rejoinedPair, key: keyText(last.pair), line: last.position.line, offset: last.position.offset,
      raw: text.span.rawText(in: last.pair.value))
  }

  /// Compares the last entry with the first of its key: its value is all that there is.
  mutating func settle() {
    guard awaitsValue, let last = entries.last else { return }
    awaitsValue = false
    compare(last)
  }

  // MARK: Cut values

  private static func end(of line: Span<UInt8>, _ last: LoggedPair?) -> LineEnd {
    guard let last, last.raw.upperBound < line.count else { return last == nil ? .closed : .value }
    return ForeignLine.isMark(line[line.count - 1]) ? .separator : .closed
  }

  /// Marks the last value as one that may have been cut.
  /// - Returns: The issue that says so; nil where the value has been marked, or is dropped anyway.
  mutating func cutLastValue() -> GrammarIssue? {
    guard let last = entries.last, !last.isCut else { return nil }
    entries[entries.count - 1].isCut = true
    if last.pair.name == .deltaF1 { return nil }
    return GrammarIssue(
      kind: .cutValue, key: keyText(last.pair), line: last.position.line, offset: last.position.offset,
      raw: text.span.rawText(in: last.pair.raw))
  }

  /// Adds an entry.
  /// - Returns: Whether it is the first of its key.
  private mutating func add(_ entry: Entry) -> Bool {
    let identity = identity(of: entry.pair)
    let isFirst = firstEntries[identity] == nil
    var entry = entry
    if isFirst {
      firstEntries.insert(identity, entry: entries.count)
      entry.isInOrder = !isIgnored(entry.pair)
    } else {
      hasRepeatedKeys = true
    }
    entries.append(entry)
    return isFirst
  }

  /// `event=correlation_data` names the record and is no part of it.
  private func isIgnored(_ pair: LoggedPair) -> Bool {
    pair.name == .event && text.span.is("correlation_data", in: pair.value)
  }

  /// A key that comes again with another text in another log record shows two writers.
  private mutating func compare(_ entry: Entry) {
    let identity = identity(of: entry.pair)
    guard let index = firstEntries[identity], index < entries.count - 1 else { return }
    let first = entries[index]
    let isSame = hasSameValue(first.pair, entry.pair)
    if first.record == entry.record {
      if !isSame { variedKeys.insert(identity) }
    } else if !isSame || variedKeys.contains(identity) {
      // Where the first record itself has two texts for the key, one of them is another than this.
      hasTwoWriters = true
    }
  }

  // MARK: What was logged

  /// The first entry with the key of this one.
  func firstEntry(like entry: Entry) -> Int? { firstEntries[identity(of: entry.pair)] }

  private func identity(of pair: LoggedPair) -> KeyIdentity {
    guard pair.name == .extra else { return .known(pair.name) }
    return .extra(KeyName.folded(text.span, pair.key))
  }

  /// The canonical key of ours, or the key as logged.
  func keyText(_ pair: LoggedPair) -> String { pair.name.keyText(text.span, pair.key) }

  /// Whether two pairs of the block have the same value text.
  func hasSameValue(_ first: LoggedPair, _ second: LoggedPair) -> Bool {
    text.span.extracting(first.value).equals(text.span.extracting(second.value))
  }
}

import LogModel

/// Turns the pairs of a block that has ended into a typed record (1-correlation-data, Record and Issues). It reads the
/// values, infers units and says what could not be used.
struct RecordBuilder: ~Copyable {
  /// Of the block's header.
  private let (version, position, raw): (Int, LogPosition, String)
  /// The block's body, which the builder has for as long as it builds.
  private var body = BlockBody()
  private let isDamaged: Bool
  private let isInterleaved: Bool
  /// The bare numbers of the exit shares, as many as have been read. Their unit shows only when all of them have.
  private var bareShares = InlineArray<3, BareShare>(repeating: BareShare())
  private var bareShareCount = 0

  private struct BareShare {
    var key = FieldKey.tpPct
    var number = ExactDecimal.zero
    /// The place of its entry in the body.
    var entry = 0
  }

  /// The record of a block that ended so. The block keeps its body, and loses its issues to the record.
  static func build(_ block: inout OpenBlock, _ ending: BlockEnding) -> CorrelationRecord {
    complete(
      CorrelationRecord(
        block: block.header.place, line: block.header.position.line, offset: block.header.position.offset,
        headerText: block.header.raw, headerTime: block.header.time, grammarVersion: block.header.version,
        end: ending.end, issues: block.issues, identity: block.header.identity),
      of: &block, ending)
  }

  // A record that is consumed is not copied when it is returned.
  private static func complete(
    _ record: consuming CorrelationRecord, of block: inout OpenBlock, _ ending: BlockEnding
  ) -> CorrelationRecord {
    record.styleNotes = block.styleNotes
    block.issues = []
    var builder = RecordBuilder(block)
    swap(&builder.body, &block.body)
    builder.build(&record, ending)
    swap(&builder.body, &block.body)
    return record
  }

  private init(_ block: borrowing OpenBlock) {
    (version, position, raw) = (block.header.version, block.header.position, block.header.raw)
    isDamaged = block.isDamaged
    isInterleaved = block.isInterleaved
  }

  // The record is passed by reference, because the compiler would copy it out of the builder.

  private mutating func build(_ record: inout CorrelationRecord, _ ending: BlockEnding) {
    let isSupported = version == 1
    if !isSupported {
      // Nothing in the block is interpreted, so issues of its keys are dropped.
      record.issues.removeAll { $0.key != nil }
      report(&record, .unsupportedVersion)
    }
    if isDamaged { report(&record, .damagedSource) }
    if isSupported, !body.hasLines { report(&record, .emptyBlock) }
    if ending.isIncomplete { report(&record, .incompleteBlock) }
    if ending.isCutShort { report(&record, .cutShort) }
    if isInterleaved { report(&record, .interleaved) }
    if isSupported {
      readPairs(&record)
      resolveShares(&record)
      Self.removeAbsent(&record)
    }
    Self.sortIssues(&record)
  }

  /// Puts the issues in the order of their lines; issues of one line stay in the order found.
  private static func sortIssues(_ record: inout CorrelationRecord) {
    guard record.issues.count > 1 else { return }
    record.issues = record.issues.enumerated()
      .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
  }

  private func report(_ record: inout CorrelationRecord, _ kind: IssueKind) {
    record.issues.append(
      GrammarIssue(
        kind: kind, line: position.line, offset: position.offset,
        raw: raw))
  }

  private func report(
    _ record: inout CorrelationRecord, _ kind: IssueKind, _ entry: BlockBody.Entry, key: String? = nil
  ) {
    record.issues.append(
      GrammarIssue(
        kind: kind, key: key ?? body.keyText(entry.pair), line: entry.position.line,
        offset: entry.position.offset, raw: body.text.span.rawText(in: entry.pair.raw)))
  }

  private mutating func readPairs(_ record: inout CorrelationRecord) {
    let duplicated = body.hasRepeatedKeys ? reportDuplicates(&record) : []
    for index in body.entries.indices {
      if body.hasRepeatedKeys {
        guard body.firstEntry(like: body.entries[index]) == index, !duplicated.contains(index) else {
          continue
        }
      }
      guard !readNumber(&record, index), !body.entries[index].isCut else { continue }
      let entry = body.entries[index]
      switch entry.pair.name {
      case .field(let key): read(&record, key, entry, at: index)
      case .gates: readGates(&record, entry)
      case .deltaF1: break
      case .event: readEvent(&record, entry)
      case .extra: keepExtra(&record, entry)
      }
    }
  }

  /// Reads a value as ``read(_:_:_:at:)`` does, if it is a bare plain number of a domain of numbers, as most values are.
  /// - Returns: Whether the value was one; for another one nothing was done.
  @inline(__always) private mutating func readNumber(
    _ record: inout CorrelationRecord, _ index: Int
  ) -> Bool {
    guard let (key, number) = Self.plainNumber(body.entries.span, index, of: body.text.span) else {
      return false
    }
    switch ValueReader.use(of: number, key.domain) {
    case .decimal: record.insert(decimal: number.coefficient, scale: number.scale, key)
    case .integer: record.insert(integer: number.coefficient, key)
    case .bareShare: keepShare(key, number.exact, at: index)
    case .issue(let kind): report(&record, kind, body.entries[index])
    }
    return true
  }

  // Spans, because the compiler would copy the whole entry.
  @inline(__always) private static func plainNumber(
    _ entries: Span<BlockBody.Entry>, _ index: Int, of text: Span<UInt8>
  ) -> (key: FieldKey, number: SmallDecimal)? {
    guard case .field(let key) = entries[index].pair.name, case .bare = entries[index].pair.form,
      !entries[index].isCut, ValueReader.isNumeric(key.domain)
    else { return nil }
    return NumberReader.plain(text, in: entries[index].pair.value).map { (key, $0) }
  }

  /// Reports each key that came again, with another text, in the same log record.
  /// - Returns: The first entries of these keys.
  private func reportDuplicates(_ record: inout CorrelationRecord) -> Set<Int> {
    var duplicated: Set<Int> = []
    for (index, entry) in body.entries.enumerated() {
      guard let first = body.firstEntry(like: entry), first < index else { continue }
      let earlier = body.entries[first]
      guard earlier.record == entry.record, !body.hasSameValue(earlier.pair, entry.pair) else {
        continue
      }
      // These keys are dropped, so a second one does no harm.
      guard entry.pair.name != .deltaF1, entry.pair.name != .event else { continue }
      report(&record, .duplicateKey, entry, key: body.keyText(earlier.pair))
      duplicated.insert(first)
    }
    return duplicated
  }

  private mutating func read(
    _ record: inout CorrelationRecord, _ key: FieldKey, _ entry: BlockBody.Entry, at index: Int
  ) {
    switch ValueReader.read(key.domain, body.text.span, entry.pair) {
    case .value(let value): record.insert(value, key)
    case .bareShare(let number): keepShare(key, number, at: index)
    case .issue(let kind): report(&record, kind, entry)
    }
  }

  private mutating func keepShare(_ key: FieldKey, _ number: ExactDecimal, at index: Int) {
    // Each of the three keys comes here once.
    guard bareShareCount < bareShares.count else { return }
    bareShares[bareShareCount] = BareShare(key: key, number: number, entry: index)
    bareShareCount += 1
  }

  private func readGates(_ record: inout CorrelationRecord, _ entry: BlockBody.Entry) {
    switch GatesReader.read(body.text.span, entry.pair) {
    case .gates(let gates): record.gateList = gates
    case .issue(let kind): report(&record, kind, entry)
    }
  }

  private func readEvent(_ record: inout CorrelationRecord, _ entry: BlockBody.Entry) {
    if !body.text.span.is("correlation_data", in: entry.pair.value) { keepExtra(&record, entry) }
  }

  private func keepExtra(_ record: inout CorrelationRecord, _ entry: BlockBody.Entry) {
    if entry.pair.form == .jsonOther {
      report(&record, .malformedPair, entry)
      return
    }
    let (text, isValid) = ValueReader.text(body.text.span, entry.pair)
    if !isValid { report(&record, .invalidUTF8, entry) }
    record.extras.append(ExtraPair(key: body.keyText(entry.pair), text: text))
  }

  /// Decides the unit of the exit shares' bare numbers, all together (1-correlation-data, Units).
  private func resolveShares(_ record: inout CorrelationRecord) {
    guard bareShareCount > 0 else { return }
    // A span, because the compiler would copy the array for one of its elements.
    let shares = bareShares.span.extracting(0..<bareShareCount)
    var arePercentPoints = false
    for index in shares.indices where shares[index].number > 1 { arePercentPoints = true }
    let areFractions = shares.count == 3 && !arePercentPoints && Self.addUpToOne(shares)
    for index in shares.indices {
      let share = shares[index]
      if share.number == .zero || arePercentPoints {
        setShare(&record, share, share.number)
      } else if areFractions {
        report(&record, .unitInferred, body.entries[share.entry])
        setShare(&record, share, share.number.shifted(by: 2))
      } else {
        report(&record, .unitAmbiguous, body.entries[share.entry])
      }
    }
  }

  /// Whether the sum of the numbers lies in 0.95 … 1.05. Each number is at most 1, so that the sum cannot overflow.
  private static func addUpToOne(_ shares: Span<BareShare>) -> Bool {
    var sum = ExactDecimal.zero
    for index in shares.indices { sum = sum + shares[index].number }
    return sum >= ExactDecimal(coefficient: 95, scale: 2) && sum <= ExactDecimal(coefficient: 105, scale: 2)
  }

  private func setShare(_ record: inout CorrelationRecord, _ share: BareShare, _ number: ExactDecimal) {
    if number <= 100 {
      record.insert(.decimal(number), share.key)
    } else {
      report(&record, .outOfRange, body.entries[share.entry])
    }
  }

  /// Removes fields that an issue of another place makes absent: the key came twice, or stood on a cut or overlong line.
  /// An interleaved block loses all its fields.
  private static func removeAbsent(_ record: inout CorrelationRecord) {
    if record.issues.contains(where: { $0.kind.makesBlockAbsent }) {
      for key in FieldKey.allCases { record[key] = nil }
      record.gateList = nil
      record.extras = []
      return
    }
    for issue in record.issues where issue.kind.makesFieldAbsent {
      guard let name = issue.key else { continue }
      if let key = FieldKey(name: name) {
        record[key] = nil
      } else if name == "gates" {
        record.gateList = nil
      } else if issue.kind != .invalidUTF8 {
        record.extras.removeAll { Self.isSame($0.key, name) }
      }
    }
  }

  private static func isSame(_ first: String, _ second: String) -> Bool {
    let (first, second) = (Array(first.utf8), Array(second.utf8))
    return KeyName.folded(first.span, 0..<first.count) == KeyName.folded(second.span, 0..<second.count)
  }
}

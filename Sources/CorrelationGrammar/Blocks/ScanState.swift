import LogModel

/// What the streams of one log share: the numbering of blocks, what was found, and which blocks were seen.
struct ScanState {
  let limits: ScanLimits
  /// Found and not yet handed on.
  var events: [LogEvent] = []
  /// Headers so far.
  private(set) var blockCount = 0
  private(set) var replayCount = 0
  private(set) var recordCount = 0
  /// The first header since the gzip member began.
  private(set) var firstInMember: BlockMark?
  /// The line that is being read has bytes of a gzip member that proved damaged.
  var isLineDamaged = false
  /// The damaged member had no header yet: the first one of the line that it ends in is still to be named.
  var awaitsDamagedBlock = false
  /// Blocks that are open now.
  var openCount = 0

  private struct Seen: Hashable {
    var headerTime: [UInt8]
    var body: BodyHash
  }
  private var seen: Set<Seen> = []

  init(limits: ScanLimits) {
    self.limits = limits
  }

  /// The number of the next header.
  mutating func numberBlock() -> Int {
    blockCount += 1
    return blockCount
  }

  /// Takes note of a header's place.
  mutating func noteHeader(_ mark: BlockMark) {
    if firstInMember == nil { firstInMember = mark }
    guard awaitsDamagedBlock, isLineDamaged else { return }
    awaitsDamagedBlock = false
    events.append(.sourceIssue(.damage(from: mark)))
  }

  /// A gzip member begins.
  mutating func beginMember() {
    firstInMember = nil
  }

  /// Hands on a block that has ended, as a record or as a replay.
  mutating func emit(_ block: OpenBlock, end: BlockEnd, isIncomplete: Bool) {
    if !block.headerTimeText.isEmpty, block.hasBody,
      !seen.insert(Seen(headerTime: Self.sameForm(block.headerTimeText), body: block.bodyHash)).inserted
    {
      replayCount += 1
      events.append(.replay(block: block.number))
    } else {
      recordCount += 1
      events.append(.record(RecordBuilder.build(block, end: end, isIncomplete: isIncomplete)))
    }
  }

  /// Blocks that ended together are handed on by number: one that waited for its successor comes before another stream's.
  mutating func orderRecords(from start: Int) {
    guard events.count > start + 1 else { return }
    var records: [CorrelationRecord] = []
    var others: [LogEvent] = []
    for event in events[start...] {
      if case .record(let record) = event { records.append(record) } else { others.append(event) }
    }
    records.sort { $0.block < $1.block }
    events.replaceSubrange(start..., with: others + records.map(LogEvent.record))
  }

  /// Airflow 3's console writes one instant with a blank or with a `T`, and UTC as `Z` or as `+00:00`.
  private static func sameForm(_ time: [UInt8]) -> [UInt8] {
    var form = time.map { $0 == 0x20 ? UInt8(ascii: "T") : $0 }
    for zone: StaticString in ["+00:00", "+0000"]
    where form.span.has(zone, at: form.count - zone.utf8CodeUnitCount) {
      form.removeLast(zone.utf8CodeUnitCount)
      form.append(UInt8(ascii: "Z"))
      break
    }
    return form
  }

  /// Reports an issue of the source.
  mutating func report(_ kind: IssueKind, _ text: Span<UInt8>, at position: LogPosition) {
    events.append(
      .sourceIssue(
        GrammarIssue(
          kind: kind, line: position.line, offset: position.offset, raw: text.rawText(in: 0..<text.count))))
  }
}

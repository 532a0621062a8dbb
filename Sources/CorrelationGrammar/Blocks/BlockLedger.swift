import LogModel

/// The blocks of one log, kept account of: their numbers, which of them are replays, and what is to be handed on.
struct BlockLedger {
  let limits: ScanLimits
  /// Found and not yet handed on, in the order in which it became certain.
  private(set) var events: [LogEvent] = []
  /// Headers so far.
  private(set) var blockCount = 0
  private(set) var replayCount = 0
  /// The first header since the gzip member began.
  private(set) var firstInMember: BlockMark?
  /// The line that is being read has bytes of a gzip member that proved damaged.
  var isLineDamaged = false
  /// The damaged member had no header yet: the first one of the line that it ends in is still to be named.
  var awaitsDamagedBlock = false
  /// Blocks that are open now.
  private(set) var openCount = 0
  /// The buffers of a block that has ended, for the next one.
  private var spareBody = BlockBody()

  init(limits: ScanLimits) {
    self.limits = limits
  }

  // MARK: Blocks

  /// Opens the block of a header.
  mutating func open(
    version: Int, _ text: Span<UInt8>, at position: LogPosition, in context: LogRecordContext
  ) -> OpenBlock {
    blockCount += 1
    openCount += 1
    let header = BlockHeader(number: blockCount, version: version, text, at: position, in: context)
    if firstInMember == nil { firstInMember = header.mark }
    if awaitsDamagedBlock, isLineDamaged {
      awaitsDamagedBlock = false
      events.append(.sourceIssue(.damage(from: header.mark)))
    }
    var body = BlockBody()
    swap(&body, &spareBody)
    return OpenBlock(header: header, body: body, isDamaged: isLineDamaged)
  }

  /// Takes note that an open block has ended; it may still be held back.
  mutating func noteEnd() { openCount -= 1 }

  /// Hands on a block that has ended, as a record or as a replay.
  mutating func handOn(_ block: consuming OpenBlock, _ ending: BlockEnding, isReplay: Bool) {
    if isReplay {
      replayCount += 1
      events.append(.replay(block: block.header.number))
    } else {
      events.append(.record(RecordBuilder.build(block, ending)))
    }
    block.body.removeAll()
    if block.body.isWorthKeeping { swap(&block.body, &spareBody) }
  }

  // MARK: Events

  /// Reports an issue of the source.
  mutating func report(_ issue: GrammarIssue) {
    events.append(.sourceIssue(issue))
  }

  /// Reports an issue of the source at a line.
  mutating func report(_ kind: IssueKind, _ text: Span<UInt8>, at position: LogPosition) {
    report(GrammarIssue(kind, at: LinePlace(text, at: position)))
  }

  /// Puts records that became certain together, the events from `start` on, in the order of their numbers: a block that was
  /// held back comes before another stream's.
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

  /// Hands the events on.
  mutating func drain(_ sink: (LogEvent) -> Void) {
    for event in events { sink(event) }
    events.removeAll(keepingCapacity: true)
  }

  // MARK: Gzip members

  /// A gzip member begins.
  mutating func beginMember() {
    firstInMember = nil
  }
}

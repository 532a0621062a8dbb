import LogModel

/// The blocks of one log, kept account of: their numbers, which of them are replays, and what is to be handed on.
struct BlockLedger {
  let limits: ScanLimits
  /// Found and not yet handed on, in the order in which it became certain.
  private(set) var events: [LogEvent] = []
  /// Numbers the headers.
  private(set) var numbers = HeaderNumbers()
  /// The place that the header of the line at hand kept.
  private var keptPlace: Int?
  private(set) var replayCount = 0
  /// The first header since the gzip member began.
  private(set) var firstInMember: BlockMark?
  /// The line that is being read has bytes of a gzip member that proved damaged.
  var isLineDamaged = false
  /// The damaged member had no header yet: the first one of the line that it ends in is still to be named.
  var awaitsDamagedBlock = false
  /// Headers before the gzip member that were opened in it, because it was not known before whether they count.
  private(set) var openedLate: [BlockMark] = []
  /// Places before the gzip member.
  private var placesBeforeMember = 0
  /// Blocks that are open now.
  private(set) var openCount = 0
  /// The blocks that the log had.
  private var seen: SeenBlocks
  private var saysReplaysUnchecked = false
  private var reportedTwice = ReportedTwice()
  /// The buffers of a block that has ended, for the next one.
  private var spareBody = BlockBody()

  init(limits: ScanLimits) {
    self.limits = limits
    seen = SeenBlocks(most: limits.rememberedBlocks)
  }

  /// Makes ready for another log.
  mutating func reset() {
    events.reset()
    numbers = HeaderNumbers()
    keptPlace = nil
    replayCount = 0
    firstInMember = nil
    isLineDamaged = false
    awaitsDamagedBlock = false
    openedLate.reset()
    placesBeforeMember = 0
    openCount = 0
    seen.reset()
    saysReplaysUnchecked = false
    reportedTwice.reset()
    spareBody.removeAll()
  }

  /// Headers so far.
  var blockCount: Int { numbers.count }

  // MARK: Places

  /// Keeps a place for a header of which it is not known yet whether it counts.
  mutating func keepPlace() -> Int { numbers.keep() }

  /// The header with a place that was kept does not count.
  mutating func giveUp(_ place: Int) { numbers.giveUp(place) }

  /// The line of a header that kept a place is taken now.
  mutating func resume(_ place: Int?) { keptPlace = place }

  /// The line at hand was taken. A place that no block needed is given up.
  mutating func endResumed() {
    if let place = keptPlace.take() { numbers.giveUp(place) }
  }

  /// A mark with the number of its header in place of the header's place.
  func numbered(_ mark: BlockMark) -> BlockMark {
    var mark = mark
    mark.place = numbers.number(of: mark.place)
    return mark
  }

  /// Numbers the headers anew, so that places that were given up need not be remembered. Whoever has a place has it renewed, too.
  mutating func renumber() -> (Int) -> Int {
    let old = numbers
    numbers.forgetGivenUp()
    placesBeforeMember = old.number(of: placesBeforeMember + 1) - 1
    firstInMember = firstInMember.map { mark in
      BlockMark(place: old.number(of: mark.place), position: mark.position, raw: mark.raw)
    }
    for index in openedLate.indices { openedLate[index].place = old.number(of: openedLate[index].place) }
    events = events.compactMap { $0.numbered(by: old) }
    return { old.number(of: $0) }
  }

  private mutating func place() -> Int {
    guard let place = keptPlace.take() else { return numbers.take() }
    numbers.confirm(place)
    return place
  }

  // MARK: Blocks

  /// Opens the block of a header.
  mutating func open(
    version: Int, _ text: Span<UInt8>, at position: LogPosition, in context: LogRecordContext
  ) -> OpenBlock {
    openCount += 1
    let header = BlockHeader(place: place(), version: version, text, at: position, in: context)
    if header.place <= placesBeforeMember {
      openedLate.append(header.mark)
    } else if firstInMember.map({ header.place < $0.place }) ?? true {
      firstInMember = header.mark
    }
    if awaitsDamagedBlock, isLineDamaged {
      awaitsDamagedBlock = false
      events.append(.sourceIssue(.damage(from: numbered(header.mark))))
    }
    var body = BlockBody()
    swap(&body, &spareBody)
    body.begin(at: context.timeText.span)
    return OpenBlock(header: header, body: consume body, isDamaged: isLineDamaged)
  }

  /// Takes note that an open block has ended; it may still be held back.
  mutating func noteEnd() { openCount -= 1 }

  /// Hands on a block of a stream that has ended, as a record or as a replay.
  ///
  /// The block is passed by reference, because a copy of its buffers could not be kept. It is empty afterwards.
  mutating func handOn(_ block: inout OpenBlock, _ ending: BlockEnding, of stream: BodyHash) {
    if seen.isReplay(block, of: stream) {
      replayCount += 1
      events.append(.replay(block: block.header.place))
    } else {
      events.append(.record(RecordBuilder.build(&block, ending)))
    }
    keep(&block.body)
    if seen.hasForgotten, !saysReplaysUnchecked {
      saysReplaysUnchecked = true
      let mark = block.header.mark
      report(
        GrammarIssue(
          kind: .replaysUnchecked, line: mark.position.line, offset: mark.position.offset, raw: mark.raw))
    }
  }

  /// Keeps the buffers of a block for the next one.
  private mutating func keep(_ body: inout BlockBody) {
    guard body.isWorthKeeping else { return }
    body.removeAll()
    swap(&spareBody, &body)
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

  /// Reports an issue of the source at a message line, once where its record was written twice.
  mutating func report(
    _ kind: IssueKind, _ text: Span<UInt8>, at position: LogPosition, of record: BlockRecord,
    in context: LogRecordContext
  ) {
    if !reportedTwice.isCopy(kind, text, at: position.line, of: record, in: context) {
      report(kind, text, at: position)
    }
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

  /// Hands on the events whose blocks' numbers are known. The others wait.
  mutating func drain(_ sink: (consuming LogEvent) -> Void) {
    var waiting: [LogEvent] = []
    for index in events.indices {
      // Taken out, a record is moved on without a copy.
      var event = LogEvent.replay(block: 0)
      swap(&event, &events[index])
      if event.isNumbered(by: numbers) {
        sink(event)
      } else if let numbered = event.numbered(by: numbers) {
        sink(numbered)
      } else {
        waiting.append(event)
      }
    }
    if waiting.isEmpty { events.removeAll(keepingCapacity: true) } else { events = waiting }
  }

  // MARK: Gzip members

  /// A gzip member begins.
  mutating func beginMember() {
    firstInMember = nil
    openedLate = []
    placesBeforeMember = numbers.places
  }

  /// Marks the records that wait for their numbers and are of some blocks as damaged.
  mutating func markWaitingDamaged(_ blocks: [ClosedRange<Int>]) {
    for index in events.indices {
      guard case .record(var record) = events[index],
        blocks.contains(where: { $0.contains(numbers.number(of: record.block)) })
      else { continue }
      record.markDamaged()
      events[index] = .record(record)
    }
  }
}

extension LogEvent {
  /// Whether the event has its number already, because its block's place is the number.
  fileprivate func isNumbered(by numbers: HeaderNumbers) -> Bool {
    switch self {
    case .record(let record):
      numbers.isKnown(record.block) && numbers.number(of: record.block) == record.block
    case .replay(let place): numbers.isKnown(place) && numbers.number(of: place) == place
    case .sourceIssue: true
    }
  }

  /// The event with the number of its block in place of the block's place; nil where that number is not known yet.
  fileprivate func numbered(by numbers: HeaderNumbers) -> LogEvent? {
    switch self {
    case .record(var record):
      guard numbers.isKnown(record.block) else { return nil }
      record.block = numbers.number(of: record.block)
      return .record(record)
    case .replay(let place):
      return numbers.isKnown(place) ? .replay(block: numbers.number(of: place)) : nil
    case .sourceIssue: return self
    }
  }
}

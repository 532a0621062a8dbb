import LogModel

/// The source streams of a log with their blocks: message lines in, events out.
struct BlockStreams {
  var table = StreamTable()
  var ledger: BlockLedger
  /// Blocks unfinished when the gzip member began.
  var memberUnfinished: [BlockMark] = []
  /// So many bytes of records are held at most that may have been written twice.
  private static let mostHeldBytes = 1_048_576

  /// Whether a line that is a plain pair of a key of ours may go to an open block the short way. What comes out does not depend on it.
  private let goesShort: Bool

  init(limits: ScanLimits, goesShort: Bool) {
    ledger = BlockLedger(limits: limits)
    self.goesShort = goesShort
  }

  /// Makes ready for another log.
  mutating func reset() {
    table.reset()
    ledger.reset()
    memberUnfinished.reset()
    relievedLines.reset()
  }

  var limits: ScanLimits { ledger.limits }
  /// Headers so far, replays included.
  var blockCount: Int { ledger.blockCount }
  var replayCount: Int { ledger.replayCount }
  /// Whether a block is open in any stream.
  var hasOpenBlock: Bool { ledger.openCount > 0 }

  // MARK: Streams that wait for lines

  /// A number that changes whenever other streams become attentive.
  var attention: Int { table.attention }
  /// The keys of the attentive streams. Nil if they are so many that a line could not be compared with each.
  var attentiveKeys: [StreamKey]? { table.attentiveKeys }
  /// Whether a block has just ended in any stream, so that a late end marker would be no orphan.
  var isWatching: Bool { !table.watched.isEmpty }

  /// Whether the next line may matter to the stream with a key.
  func isAttentive(_ key: StreamKey) -> Bool { table.isAttentive(key) }

  /// Whether the next line may matter to the stream with a number, or else with a key.
  func isAttentive(_ number: StreamNumber?, _ key: StreamKey) -> Bool {
    if let number, let index = table.index(of: number) { return table.isAttentive(index) }
    return table.isAttentive(key)
  }

  /// Whether a record of an envelope may be of a stream where a block has just ended; `source` is the source's name.
  func mayWatch(_ envelope: LogEnvelope, source: Span<UInt8>?) -> Bool {
    table.mayWatch(envelope, source: source)
  }

  // MARK: Lines

  /// A message line came. A stream comes into being with its first header.
  /// - Returns: Whether a block is open and the line's stream waits for its next line.
  mutating func lineCame(
    _ message: Span<UInt8>, _ attributes: LineSplitter.Attributes, isHeader: Bool,
    in context: inout LogRecordContext
  ) -> Bool {
    guard let index = stream(of: &context, creating: isHeader) else {
      reportUnknown(message, attributes, in: context)
      return false
    }
    let isAttentive = table.isAttentive(index)
    if isAttentive || isHeader { table.use(index) }
    // What an idle stream had last is not known: its lines may have been passed over.
    if !isAttentive { table.twice[index].forget() }
    if table.takesAtOnce(index, message, attributes, isHeader: isHeader, in: context) {
      if !takesPair(message, attributes, in: context, index) {
        take(message, attributes, in: &context, index)
      }
    } else {
      if isHeader { table.twice[index].keep(ledger.keepPlace()) }
      release(index, atEnd: attributes.isCut || attributes.isOverlong)
    }
    if ledger.numbers.isCrowded || table.heldBytes > Self.mostHeldBytes
      || table.holdingCount > ledger.limits.openBlocks
    {
      for index in table.holding { release(index, atEnd: true) }
    }
    makeRoom()
    if ledger.numbers.isLong { renumber() }
    return hasOpenBlock && table.isAttentive(index)
  }

  /// Numbers the headers anew.
  private mutating func renumber() {
    let number = ledger.renumber()
    table.renumber(number)
    for index in memberUnfinished.indices {
      memberUnfinished[index].place = number(memberUnfinished[index].place)
    }
  }

  private mutating func take(
    _ message: Span<UInt8>, _ attributes: LineSplitter.Attributes, in context: inout LogRecordContext,
    _ index: Int
  ) {
    table.change(index, &ledger, &context) { stream, ledger, context in
      if attributes.isCut {
        stream.takeCut(
          message, at: attributes.position, isGrouped: attributes.isGrouped, in: context, &ledger)
      } else {
        stream.take(
          message, at: attributes.position, isOverlong: attributes.isOverlong,
          holdsHeader: attributes.isOverlong && attributes.holdsHeader, isGrouped: attributes.isGrouped,
          in: context, &ledger)
      }
    }
  }

  /// Takes a line the short way, as ``take(_:_:in:_:)`` would take it: nearly all body-lines are one plain pair of a key of ours, the
  /// first of that key in an open block.
  /// - Returns: Whether the line is such a line; for another one nothing was done.
  private mutating func takesPair(
    _ message: Span<UInt8>, _ attributes: LineSplitter.Attributes, in context: LogRecordContext, _ index: Int
  ) -> Bool {
    guard goesShort, !attributes.isCut, !attributes.isOverlong, !attributes.isGrouped,
      message.count <= ledger.limits.blockBytes, let pair = PairLexer.knownPair(message)
    else { return false }
    return table.takesPair(
      index, pair, of: message, at: attributes.position, in: context.number, isGrave: context.isGrave)
  }

  /// Hands lines that are one plain pair each, and each a record of its own, to the open block of a stream, for as long as the block takes them
  /// whatever stands around them.
  /// - Returns: Whether the block has taken all of them.
  mutating func takePairs(
    _ lines: borrowing PairLines, _ run: inout PairRun, of stream: StreamNumber, _ chunk: Span<UInt8>,
    isGrave: Bool
  ) -> Bool {
    guard goesShort, hasOpenBlock, let index = table.index(of: stream) else { return false }
    return table.takePairs(lines, &run, index, chunk, isGrave: isGrave, ledger.limits)
  }

  /// Takes note of the last of these lines: the record behind it may be a copy of its record.
  mutating func noteLast(_ message: Span<UInt8>, of stream: StreamNumber, in context: LogRecordContext) {
    if let index = table.index(of: stream) { table.twice[index].noteLine(message, in: context) }
  }

  /// A stream takes those of its records that are held no longer, because they were not written twice.
  mutating func release(_ index: Int, atEnd: Bool) {
    let released = table.changeTwice(index) { $0.release(atEnd: atEnd) }
    for place in released.droppedPlaces { ledger.giveUp(place) }
    for record in released.records {
      var context = record.lines[0].context
      for line in record.lines {
        context = line.context
        ledger.resume(line.place)
        take(line.text.span, line.attributes, in: &context, index)
        ledger.endResumed()
      }
      if record.isComplete { end(&context, index) }
    }
  }

  /// A header came that carries its block in its own keys.
  mutating func structuredHeaderCame(
    _ body: JSONBody, _ header: Span<UInt8>, at position: LogPosition, in context: inout LogRecordContext
  ) {
    guard let index = stream(of: &context, creating: true) else { return }
    table.use(index)
    release(index, atEnd: true)
    table.twice[index].forget()
    table.change(index, &ledger, &context) { stream, ledger, context in
      stream.takeStructuredHeader(body, event: header, at: position, in: context, &ledger)
    }
  }

  /// A line came that may be what is left of a record of any of these streams.
  mutating func damagedRecordCame(
    _ line: Span<UInt8>, at position: LogPosition, in context: inout LogRecordContext,
    ofStreams isConcerned: (StreamKey) -> Bool
  ) {
    // Only its beginning is told; nothing of it is read.
    let beginning = line.extracting(0..<min(line.count, LineReading.headBytes))
    let held = HeldLine(beginning, at: position, in: BlockRecord(context), isForeign: true)
    let holdsMark = GluedMark.isHeld(by: line)
    var isTold = false
    for index in table.open where isConcerned(table.key(of: index)) {
      release(index, atEnd: true)
      table.change(index, &ledger, &context) { stream, ledger, context in
        if holdsMark {
          stream.takeDamaged(held, isTold: &isTold, in: context, &ledger)
        } else {
          stream.takeForeign(held, in: context, &ledger)
        }
      }
      table.twice[index].forget()
    }
  }

  /// Whether the end of a record can matter to the stream with a number.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy all streams otherwise.
  mutating func heedsRecordEnd(_ number: StreamNumber) -> Bool {
    guard let index = table.index(of: number) else { return true }
    return table.heedsRecordEnd(index)
  }

  /// The record ended.
  mutating func recordEnded(_ context: inout LogRecordContext) {
    guard hasOpenBlock, let index = stream(of: &context, creating: false), table.heedsRecordEnd(index) else {
      return
    }
    if table.twice[index].recordEnded(context.number) {
      release(index, atEnd: false)
    } else {
      end(&context, index)
    }
  }

  private mutating func end(_ context: inout LogRecordContext, _ index: Int) {
    table.change(index, &ledger, &context) { stream, ledger, context in stream.endRecord(context, &ledger) }
  }

  /// A failure line of a task instance came; it ends the blocks of that instance.
  mutating func failureTold(by instance: InstanceKey) {
    guard hasOpenBlock else { return }
    for index in table.open where table.isEnded(index, byFailureOf: instance) { release(index, atEnd: true) }
    let before = ledger.events.count
    for index in table.open where table.isEnded(index, byFailureOf: instance) {
      table.change(index) { $0.failureTold(by: instance, &ledger) }
      // A record behind the line is no copy of one before.
      table.twice[index].forget()
    }
    ledger.orderRecords(from: before)
  }

  /// The log ended.
  mutating func inputEnded(isWhole: Bool, sawFailure: Bool, from before: Int) {
    for index in table.holding { release(index, atEnd: true) }
    for index in table.open {
      table.change(index) { $0.finish(isWhole: isWhole, sawFailure: sawFailure, &ledger) }
    }
    ledger.orderRecords(from: before)
  }

  /// The number of a record's stream; nil when there is none and none is to be made.
  private mutating func stream(of context: inout LogRecordContext, creating: Bool) -> Int? {
    guard
      let index = context.streamNumber.flatMap(table.index(of:)) ?? table.index(of: context.streamKey)
        ?? (creating ? table.add(context.streamKey, limits: ledger.limits) : nil)
    else { return nil }
    context.streamNumber = table.number(of: index)
    return index
  }

  /// Ends the oldest open blocks when there are too many, or when they hold too much.
  private mutating func makeRoom() {
    while ledger.openCount > ledger.limits.openBlocks
      || (table.openBytes > ledger.limits.openBytes && table.open.count > 1), let oldest = table.open.first
    {
      table.change(oldest) { $0.giveWay(&ledger) }
    }
  }

  /// Reports a line of a stream that had no header yet, if it looks like one or is an end marker. A line that may be cut is not
  /// reported, because it may have gone on in any way.
  private mutating func reportUnknown(
    _ message: Span<UInt8>, _ attributes: LineSplitter.Attributes, in context: LogRecordContext
  ) {
    guard !attributes.isCut, MessageLine.mayBeHeader(message) else { return }
    let record = BlockRecord(context)
    var none: [LoggedPair] = []
    let head = message.extracting(0..<min(message.count, ledger.limits.blockBytes))
    switch MessageLine(head, pairs: &none) {
    case .endMarker: ledger.report(.orphanEnd, message, at: attributes.position, of: record, in: context)
    case .nearMiss:
      ledger.report(.unrecognisedHeader, message, at: attributes.position, of: record, in: context)
    case .header:
      guard attributes.isOverlong || head.count < message.count else { return }
      report(.unrecognisedHeader, message, at: attributes.position)
    case .blank, .rule, .section, .pairs, .json, .other: return
    }
  }

  // MARK: Events

  /// How many events wait to be handed on.
  var eventCount: Int { ledger.events.count }

  /// Reports an issue of the source.
  mutating func report(_ issue: GrammarIssue) { ledger.report(issue) }

  /// Reports an issue of the source at a line.
  mutating func report(_ kind: IssueKind, _ text: Span<UInt8>, at position: LogPosition) {
    ledger.report(kind, text, at: position)
  }

  /// Hands the events on.
  mutating func drain(_ sink: (consuming LogEvent) -> Void) {
    if !ledger.events.isEmpty { ledger.drain(sink) }
  }

  /// Where events go that one line brings in great number; nil where nobody takes them yet.
  var relief: ((consuming LogEvent) -> Void)?
  /// So many events wait for the end of their line.
  private static let mostEvents = 1024
  /// The lines of issues that were handed on before the end of the line at hand (``UnreadHeaders``).
  private(set) var relievedLines: [Int] = []

  /// Hands events on before the line at hand has ended, where they are many.
  mutating func relieve() {
    guard ledger.events.count >= Self.mostEvents, let relief else { return }
    ledger.drain { event in
      if case .sourceIssue(let issue) = event, issue.kind != .orphanEnd, relievedLines.last != issue.line {
        relievedLines.append(issue.line)
      }
      relief(event)
    }
  }

  /// The lines of issues that were handed on so; empty from now on.
  mutating func takeRelievedLines() -> [Int] {
    defer { if !relievedLines.isEmpty { relievedLines = [] } }
    return relievedLines
  }
}

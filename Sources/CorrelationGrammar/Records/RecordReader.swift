import LogModel

/// Reads the lines of a log as log records: finds each line's envelope, says what its record tells, and hands its message lines to
/// their streams (2-log-envelopes, Envelopes).
///
/// A line goes one of these ways, by the shape that its envelope's definition says its records have: to ``takeText(_:_:_:_:)``,
/// ``takeObject(_:_:_:_:)``, ``beginWaiting(_:_:_:_:)``, ``takeWrapping(_:_:_:_:)`` or ``takeBare(_:_:)``.
struct RecordReader {
  let envelopes: EnvelopeList
  /// Whether lines that look like earlier ones may be passed over. What comes out does not depend on it.
  let passesOver: Bool
  var streams: BlockStreams
  var attempt: AttemptReader
  var counts: EnvelopeCounts
  /// The lines that are being read, and those of the other lanes.
  var lane = RecordLane()
  var lanes = LaneTable()
  var recordNumber = 0
  /// Of streams some of whose lines may have no time.
  var streamTimes = StreamTimes()
  var templates = LineTemplates()
  var search: TextSearch
  /// The lines of one pair that were found last. The buffer is reused.
  var pairs = PairLines()
  /// The members of the last line that was read as JSON. The buffer is reused.
  var members = JSONMembers()
  /// The line that was taken last is of a stream with an open block, so that the next line is probably one of the block. To try to pass over
  /// it would cost nearly as much as to read it.
  private(set) var mayBeInsideBlock = false
  /// Reused buffers: a line without escape sequences, a message with its escapes resolved.
  private var plain: [UInt8] = []
  var decoded: [UInt8] = []
  /// The name of a program. The buffer is reused.
  var programName: [UInt8] = []

  init(_ envelopes: EnvelopeList, limits: ScanLimits, expecting: ExpectedTask?, passesOver: Bool) {
    self.envelopes = envelopes
    self.passesOver = passesOver
    streams = BlockStreams(limits: limits, goesShort: passesOver)
    attempt = AttemptReader(expecting: expecting)
    counts = EnvelopeCounts(envelopes)
    search = TextSearch(envelopes)
  }

  /// Makes ready for another log.
  mutating func reset(expecting: ExpectedTask?) {
    streams.reset()
    attempt.reset(expecting: expecting)
    counts.reset()
    lane.reset()
    lanes.reset()
    recordNumber = 0
    streamTimes = StreamTimes()
    templates.reset()
    search.reset(envelopes)
    members.reset()
    mayBeInsideBlock = false
    plain.reset()
    decoded.reset()
    programName.reset()
  }

  // MARK: Lines

  /// Takes one physical line, or one element of a list of records.
  mutating func take(_ raw: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    if lanes.isCrowded { makeRoomInLanes() }
    mayBeInsideBlock = false
    withoutEscapes(raw, attributes) { reader, line in
      reader.takeLine(line, as: attributes.isElement ? .element : .physical, attributes)
    }
  }

  /// Runs the body on a line without the CR at its end and without the escape sequences of terminals.
  mutating func withoutEscapes(
    _ raw: Span<UInt8>, _ attributes: LineSplitter.Attributes,
    _ body: (inout RecordReader, Span<UInt8>) -> Void
  ) {
    var end = raw.count
    if end > 0, raw[end - 1] == 0x0D, !attributes.isOverlong { end -= 1 }
    let line = raw.extracting(0..<end)
    guard line.index(of: ANSIEscapes.escape) != nil else {
      body(&self, line)
      return
    }
    var buffer: [UInt8] = []
    swap(&buffer, &plain)
    buffer.removeAll(keepingCapacity: true)
    ANSIEscapes.strip(line, in: 0..<line.count, into: &buffer)
    body(&self, buffer.span)
    swap(&buffer, &plain)
  }

  /// Takes a line by its envelope.
  mutating func takeLine(
    _ line: Span<UInt8>, as role: EnvelopeList.LineRole, _ attributes: LineSplitter.Attributes
  ) {
    guard !line.isEmpty else { return }
    var match: LineTemplates.Match?
    if envelopes.mayBeObject(first: line[0]) {
      if !role.isInside { enterOwnLane() }
      if attributes.isOverlong, takeOverlongObject(line, attributes) { return }
      match = role == .element ? nil : matched(line, attributes)
      if let match, takeMatched(line, match, attributes) { return }
    }
    if role == .physical {
      let prefix = search.knownPrefix(of: line)
      if let prefix, takesBlockLine(line, behindPrefix: prefix, attributes) { return }
      if let known = prefix.map({ search.recognised(line, behindPrefix: $0) })
        ?? search.recognise(line, envelopes)
      {
        enterOwnLane()
        takeText(line, known.envelope, known.head, attributes, known: known)
        return
      }
    }
    if let (envelope, head) = envelopes.recognise(line, as: role, &members) {
      switch envelopes.definitions[envelope].shape {
      case .wrapsLine:
        if takeWrapping(line, envelope, head, as: role, attributes) { return }
      case .line, .list, .untilNextPrefix, .untilContext, .loose:
        if !role.isInside { enterOwnLane() }
        takeRecord(line, envelope, head, attributes)
        if match == nil, role != .element { learn(line, envelope, head, attributes) }
        return
      }
    }
    guard role != .element else { return }
    if !role.isInside { enterOwnLane() }
    if role.isInside, lane.isOfMessages {
      takeMessageText(line, attributes)
    } else {
      if role == .physical, mayBeDamagedRecord(line, attributes) { tellDamagedRecord(line, attributes) }
      takeBare(line, attributes)
    }
  }

  /// Whether a line without an envelope may be what is left of a JSON record, while a block is open.
  private func mayBeDamagedRecord(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> Bool {
    guard streams.hasOpenBlock, !attributes.isCut, lane.textRecord == nil, !lane.waiting.isActive,
      lane.continuedIn == nil
    else { return false }
    let start = line.trimmingBlanks(0..<line.count).lowerBound
    guard line.has("{", at: start) else { return false }
    let next = PairLexer.skipBlanks(line, from: start + 1, limit: line.count)
    return (next == line.count || line.has("\"", at: next)) && !JSONScanner.object(line) { _ in }
  }

  /// A record of any stream of JSON records may be lost with such a line, so the line stands in the blocks of all of them
  /// (2-log-envelopes, How prefixes and lines are read).
  private mutating func tellDamagedRecord(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    recordNumber += 1
    var context = LogRecordContext()
    context.begin(number: recordNumber, envelopes.definitions[envelopes.bare].streams)
    let envelopes = envelopes
    let text = line.extracting(Self.trimmed(line, 0..<line.count))
    streams.damagedRecordCame(text, at: attributes.position, in: &context) { key in
      key.hasLane || envelopes.isOfObjects(key.envelope)
    }
  }

  /// An object of JSON that is too long to be read is passed over. That it holds a header's text is reported.
  private mutating func takeOverlongObject(
    _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes
  ) -> Bool {
    guard line.has("{", at: Self.trimmed(line, 0..<line.count).lowerBound) else { return false }
    if attributes.holdsHeader {
      streams.report(.lineTooLong, line.extracting(0..<min(200, line.count)), at: attributes.position)
    }
    return true
  }

  private mutating func takeRecord(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) {
    switch (envelopes.definitions[envelope].recogniser, envelopes.definitions[envelope].shape) {
    case (.object, _): takeObject(line, envelope, head, attributes)
    case (.prefix, .untilContext): beginWaiting(line, envelope, head, attributes)
    case (.prefix, _): takeText(line, envelope, head, attributes)
    case (.message, _), (.anyOther, _): takeBare(line, attributes)
    }
  }

  // MARK: Records

  /// A record begins, and the one before it in its lane ends.
  mutating func beginRecord(_ envelope: Int) {
    if lane.waiting.isActive { releaseWaiting() }
    endContinued()
    endRecord()
    counts.count(envelope)
    recordNumber += 1
    lane.beginRecord()
  }

  /// The record that is being read ends. A record that no line needed to be described is of no stream with a block.
  mutating func endRecord() {
    if lane.isDescribed { streams.recordEnded(&lane.context) }
  }

  /// Fills in the context of the record that begins with a line.
  mutating func describe(_ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead) {
    lane.context.begin(number: recordNumber, envelopes.definitions[envelope].streams)
    lane.context.timeText.append(name: line.extracting(head.time))
    lane.context.isWarning = LogRecordContext.isWarning(line, in: head.origin.level)
    envelopes.definitions[envelope].describe(line, head.origin, &lane.context)
    lane.context.messageEnvelope = envelopes.messageEnvelope(of: line, head.origin)
    lane.completeContext()
  }

  /// Hands a message line to its stream. A line that is an end marker and then a header is handed on as two lines.
  mutating func deliver(_ line: Span<UInt8>, _ range: Range<Int>, _ attributes: LineSplitter.Attributes) {
    let message = line.extracting(range)
    var attributes = attributes
    attributes.isGrouped = line.isBehindGroupMarker(range)
    if !attributes.isOverlong, let header = MessageLine.headerBehindEndMarker(message) {
      var whole = attributes
      whole.isCut = false
      deliver(message.extracting(0..<MessageLine.endText.utf8CodeUnitCount), whole)
      deliver(message.extracting(header..<message.count), attributes)
    } else {
      deliver(message, attributes)
    }
  }

  private mutating func deliver(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let isHeader = !attributes.isOverlong && MessageLine.isHeader(message)
    if isHeader { completeIdentity() }
    mayBeInsideBlock = streams.lineCame(message, attributes, isHeader: isHeader, in: &lane.context)
    streams.relieve()
  }

  /// Hands on a header that carries its block in its own keys.
  mutating func deliver(_ body: JSONBody, of header: Span<UInt8>, at position: LogPosition) {
    completeIdentity()
    streams.structuredHeaderCame(body, header, at: position, in: &lane.context)
  }

  /// A header whose line names nobody belongs to the only attempt that the log tells of so far.
  private mutating func completeIdentity() {
    if case .none = lane.context.identity { lane.context.identity = lane.identity ?? attempt.onlyIdentity }
  }

  /// Whether a message line says nothing: while no block is open, only a header, what looks like one, and an end marker say something.
  ///
  /// Inlined, because the compiler would copy the reader for a call.
  @inline(__always) func saysNothing(_ line: Span<UInt8>, _ message: Range<Int>) -> Bool {
    !streams.hasOpenBlock && !MessageLine.mayBeHeader(line.extracting(message))
  }

  /// A message line without blanks at its ends and without a CR at its end (1-correlation-data, Terms).
  static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    let trimmed = bytes.trimmingBlanks(range)
    guard let last = trimmed.last, bytes[last] == 0x0D else { return trimmed }
    return bytes.trimmingBlanks(trimmed.lowerBound..<last)
  }
}

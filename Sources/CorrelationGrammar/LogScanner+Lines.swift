/// From physical lines to log records: which envelope a line has, which record it begins or belongs to (page 2).
///
/// A further envelope is a recogniser of its own beside the two below, and one more case in `take`.
extension LogScanner {
  /// Takes one physical line.
  mutating func take(_ raw: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    var end = raw.count
    if end > 0, raw[end - 1] == 0x0D, !attributes.isOverlong { end -= 1 }
    let line = raw.extracting(0..<end)
    if line.index(of: ANSIEscapes.escape) == nil {
      takePlain(line, attributes)
    } else {
      var plain = self.plain
      plain.removeAll(keepingCapacity: true)
      ANSIEscapes.strip(line, in: 0..<line.count, into: &plain)
      takePlain(plain.span, attributes)
      self.plain = plain
    }
  }

  private mutating func takePlain(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    guard let first = line.isEmpty ? nil : line[0] else { return }
    if first == UInt8(ascii: "["), let prefix = AirflowTextPrefix(line) {
      takeTextRecord(line, prefix, attributes)
      return
    }
    if first == UInt8(ascii: "{") || first.isBlank, takeJSON(line, attributes) { return }
    takeBare(line, attributes)
  }

  // MARK: Airflow 2 text

  private mutating func takeTextRecord(
    _ line: Span<UInt8>, _ prefix: AirflowTextPrefix, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord()
    isInTextRecord = true
    self.prefix.removeAll(keepingCapacity: true)
    self.prefix.append(line, in: 0..<prefix.message)
    noteTime(line, prefix.time)
    let message = Self.trimmed(line, prefix.message..<line.count)
    isWatchedRecord = !streams.watched.isEmpty && streams.mayWatch(textLine: line, file: prefix.file)
    if passesOver(line, message: message), !isWatchedRecord {
      guard OutcomeLine.isAirflowFile(line, in: prefix.file) else { return }
      noteOutcome(OutcomeLine(line.extracting(message)), at: attributes)
      return
    }
    describeTextRecord()
    if context.isAirflow, !context.isStandardStream {
      noteOutcome(OutcomeLine(line.extracting(message)), at: attributes)
    }
    deliver(line.extracting(message), attributes)
  }

  private mutating func describeTextRecord() {
    guard !isDescribed, let head = AirflowTextPrefix(prefix.span) else { return }
    // Taken out for the call, because the prefix is the scanner's own too.
    var context = self.context
    self.context = LogRecordContext()
    context.begin(number: recordNumber)
    head.describe(prefix.span, in: &context)
    self.context = context
    isDescribed = true
  }

  /// A line without envelope: the next message line of an unfinished text record, else a record of its own.
  private mutating func takeBare(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let message = Self.trimmed(line, 0..<line.count)
    if isInTextRecord {
      if passesOver(line, message: message), !isWatchedRecord { return }
      describeTextRecord()
      deliver(line.extracting(message), attributes)
      return
    }
    if passesOver(line, message: message), !streams.watchesBareLines { return }
    beginRecord()
    context.begin(number: recordNumber)
    context.streamKey.append(UInt8(ascii: "b"))
    isDescribed = true
    deliver(line.extracting(message), attributes)
    endRecord()
  }

  /// Whether a message line says nothing while no block is open: only what begins with `=` can.
  private func passesOver(_ line: Span<UInt8>, message: Range<Int>) -> Bool {
    guard state.openCount == 0 else { return false }
    return message.isEmpty || line[message.lowerBound] != UInt8(ascii: "=")
  }

  // MARK: Airflow 3 JSON lines

  /// Takes a line if it is one of Airflow 3's JSON lines, or might have been one but is too long to be read.
  private mutating func takeJSON(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> Bool {
    if attributes.isOverlong {
      guard line.has("{", at: Self.trimmed(line, 0..<line.count).lowerBound) else { return false }
      if attributes.holdsHeader {
        state.report(.lineTooLong, line.extracting(0..<min(200, line.count)), at: attributes.position)
      }
      return true
    }
    if state.openCount == 0, !attributes.isCut, let quiet = QuietJSONLine(line),
      streams.watched.isEmpty || !streams.mayWatch(jsonLine: line)
    {
      beginRecord()
      noteTime(line, quiet.timestamp)
      return true
    }
    guard let json = AirflowJSONLine(line) else { return false }
    beginRecord()
    context.begin(number: recordNumber)
    json.describe(line, in: &context)
    isDescribed = true
    if !json.timestamp.isEmpty { noteTime(line, json.timestamp) }
    var event = decoded
    event.removeAll(keepingCapacity: true)
    JSONString.decode(line, in: json.event, into: &event)
    if event.span.index(of: ANSIEscapes.escape) != nil {
      var stripped: [UInt8] = []
      ANSIEscapes.strip(event.span, in: 0..<event.count, into: &stripped)
      event = stripped
    }
    if event.span.index(of: "=== CORRELATION DATA") != nil {
      context.identity = json.identity(line)
      if let expected = expectedIdentity, let (key, value) = json.contradiction(of: expected, line) {
        state.events.append(
          .sourceIssue(
            GrammarIssue(
              kind: .identityConflict, key: key, line: attributes.position.line,
              offset: attributes.position.offset, raw: line.rawText(in: value))))
        expectedIdentity = nil
      }
    }
    // A JSON value that parses whole is not cut, wherever the file ends.
    var whole = attributes
    whole.isCut = false
    takeEvent(event.span, line, json, whole)
    decoded = event
    endRecord()
    return true
  }

  private mutating func takeEvent(
    _ event: Span<UInt8>, _ line: Span<UInt8>, _ json: AirflowJSONLine, _ attributes: LineSplitter.Attributes
  ) {
    if context.isAirflow {
      let first = Self.trimmed(event, 0..<(event.index(of: 0x0A) ?? event.count))
      let finalState = line.extracting(json.finalState)
      let message = event.extracting(first)
      noteOutcome(OutcomeLine(message, finalState: finalState) ?? OutcomeLine(message), at: attributes)
    }
    let whole = Self.trimmed(event, 0..<event.count)
    if json.hasOwnKeys, event.extracting(whole).index(of: 0x0A) == nil,
      Self.isHeader(event.extracting(whole))
    {
      withStream(creating: true) { stream, state, context in
        stream.takeStructuredHeader(
          line, event: event.extracting(whole), at: attributes.position, in: context, &state)
      }
      return
    }
    var start = 0
    while start <= event.count {
      let end = event.index(of: 0x0A, from: start) ?? event.count
      let message = Self.trimmed(event, start..<end)
      if !message.isEmpty { deliver(event.extracting(message), attributes) }
      start = end + 1
    }
  }

  // MARK: Records and streams

  private mutating func beginRecord() {
    endRecord()
    recordNumber += 1
    isDescribed = false
    isInTextRecord = false
    isWatchedRecord = false
  }

  /// Tells the stream of the record that was being read that it has ended.
  mutating func endRecord() {
    guard isDescribed, state.openCount > 0 else { return }
    withStream(creating: false) { stream, state, context in stream.endRecord(context, &state) }
  }

  /// Hands a message line to its stream. A stream comes into being with its first header.
  private mutating func deliver(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let isKnown = withStream(creating: Self.isHeader(message) && !attributes.isOverlong) {
      stream, state, context in
      if attributes.isCut {
        stream.takeCut(message, at: attributes.position, in: context, &state)
      } else {
        stream.take(
          message, at: attributes.position, isOverlong: attributes.isOverlong, in: context, &state)
      }
    }
    guard !isKnown else {
      makeRoom()
      return
    }
    // What a line that may be cut would have been is nobody's to say.
    guard !attributes.isCut, message.count > 0, message[0] == UInt8(ascii: "=") else { return }
    var none: [LoggedPair] = []
    let head = message.extracting(0..<min(message.count, state.limits.blockBytes))
    switch MessageLine(head, pairs: &none) {
    case .endMarker: state.report(.orphanEnd, message, at: attributes.position)
    case .nearMiss: state.report(.unrecognisedHeader, message, at: attributes.position)
    case .header where attributes.isOverlong || head.count < message.count:
      state.report(.unrecognisedHeader, message, at: attributes.position)
    default: break
    }
  }

  private static func isHeader(_ message: Span<UInt8>) -> Bool {
    guard message.has("=== CORRELATION DATA") else { return false }
    var pairs: [LoggedPair] = []
    if case .header = MessageLine(message, pairs: &pairs) { return true }
    return false
  }

  /// Runs `body` on the current record's stream; gives false when there is none and none is to be made.
  @discardableResult
  private mutating func withStream(
    creating: Bool, _ body: (inout SourceStream, inout ScanState, LogRecordContext) -> Void
  ) -> Bool {
    guard
      let index = streams.index(of: context.streamKey) ?? (creating ? streams.add(context.streamKey) : nil)
    else { return false }
    streams.change(index) { body(&$0, &state, context) }
    return true
  }

  /// Ends the oldest open block when there are too many.
  private mutating func makeRoom() {
    guard state.openCount > state.limits.openBlocks else { return }
    guard let oldest = streams.openByNumber.first else { return }
    streams.change(oldest) { $0.giveWay(&state) }
  }

  // MARK: Outcome and times

  private mutating func noteOutcome(_ outcome: OutcomeLine?, at attributes: LineSplitter.Attributes) {
    guard let outcome, !attributes.isCut else { return }
    outcomeTracker.note(outcome, timeText: lastTimeText)
    guard outcome.isFailure, state.openCount > 0 else { return }
    for index in streams.openByNumber {
      guard let block = streams.open(index), !block.isLate else { continue }
      let isAnothers =
        block.instanceKey != context.instanceKey && block.instanceKey.first == context.instanceKey.first
      if !isAnothers { streams.change(index) { $0.fail(&state) } }
    }
  }

  private mutating func noteTime(_ line: Span<UInt8>, _ range: Range<Int>) {
    lastTimeText.removeAll(keepingCapacity: true)
    lastTimeText.append(line, in: range)
    if firstTime == nil { firstTime = LogTime(line.extracting(range)) }
  }

  /// A message line without blanks at its ends and without a CR at its end (page 1, *Terms*).
  static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    let trimmed = bytes.trimmingBlanks(range)
    guard let last = trimmed.last, bytes[last] == 0x0D else { return trimmed }
    return bytes.trimmingBlanks(trimmed.lowerBound..<last)
  }
}

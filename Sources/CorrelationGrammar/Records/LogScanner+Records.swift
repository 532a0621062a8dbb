import LogModel

/// Records and the streams they belong to; what they tell of times, outcomes and identities.
extension LogScanner {
  mutating func beginRecord(_ envelope: LogEnvelope) {
    if lane.held.isActive { releaseHeld() }
    endRecord()
    envelopeCounts.count(envelope)
    recordNumber += 1
    lane.isDescribed = false
    lane.isInTextRecord = false
    lane.isWatchedRecord = false
  }

  /// Tells the stream of the record that was being read that it has ended.
  mutating func endRecord() {
    guard lane.isDescribed, state.openCount > 0 else { return }
    withStream(creating: false) { stream, state, context in stream.endRecord(context, &state) }
  }

  /// Hands a message line to its stream. A stream comes into being with its first header.
  mutating func deliver(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let isHeader = Self.isHeader(message) && !attributes.isOverlong
    if isHeader { completeIdentity() }
    let isKnown = withStream(creating: isHeader) { stream, state, context in
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

  /// Hands on a header that carries its block in its own keys.
  mutating func takeStructured(_ body: JSONBody, _ header: Span<UInt8>, at position: LogPosition) {
    completeIdentity()
    withStream(creating: true) { stream, state, context in
      stream.takeStructuredHeader(body, event: header, at: position, in: context, &state)
    }
  }

  static func isHeader(_ message: Span<UInt8>) -> Bool {
    guard mayBeHeader(message) else { return false }
    var pairs: [LoggedPair] = []
    if case .header = MessageLine(message, pairs: &pairs) { return true }
    return false
  }

  static func mayBeHeader(_ message: Span<UInt8>) -> Bool { message.has(HeldLine.headerText) }

  /// Runs `body` on the current record's stream; gives false when there is none and none is to be made.
  @discardableResult
  private mutating func withStream(
    creating: Bool, _ body: (inout SourceStream, inout BlockLedger, inout LogRecordContext) -> Void
  ) -> Bool {
    guard
      let index = streams.index(of: lane.context.streamKey)
        ?? (creating ? streams.add(lane.context.streamKey, limits: state.limits) : nil)
    else { return false }
    streams.change(index, &state, &lane.context, body)
    return true
  }

  /// Ends the oldest open block when there are too many.
  private mutating func makeRoom() {
    guard state.openCount > state.limits.openBlocks else { return }
    guard let oldest = streams.open.first else { return }
    streams.change(oldest) { $0.giveWay(&state) }
  }

  // MARK: Outcome, identity and times

  /// A message of one of Airflow's own sources: it may tell what became of the task, or whose log this is.
  mutating func takeAirflowMessage(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    noteTold(message, attributes)
    noteOutcome(OutcomeLine(message), at: attributes)
  }

  mutating func noteTold(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    guard !attributes.isCut, !attributes.isOverlong,
      let (key, text) = told.take(message, expecting: expectedIdentity)
    else { return }
    reportConflict(key, text, attributes)
  }

  mutating func noteOutcome(_ outcome: OutcomeLine?, at attributes: LineSplitter.Attributes) {
    guard let outcome, !attributes.isCut else { return }
    outcomeTracker.note(outcome, timeText: lastTimeText)
    if lane.isDescribed, !lane.context.instanceKey.isEmpty {
      instances.note(outcome, key: lane.context.instanceKey, timeText: lastTimeText)
    }
    guard outcome.isFailure, state.openCount > 0 else { return }
    let instance = lane.context.instanceKey
    let before = state.events.count
    for index in streams.open { streams.change(index) { $0.failureTold(by: instance, &state) } }
    state.orderRecords(from: before)
  }

  /// A line names its task instance, which ought to be the path's. Where there is no path to tell, it is noted.
  mutating func noteInstance(
    _ origin: LineOrigin, _ line: Span<UInt8>, timeText: [UInt8], _ attributes: LineSplitter.Attributes
  ) {
    guard !lane.context.instanceKey.isEmpty else { return }
    if let expected = expectedIdentity, checkedInstance != lane.context.instanceKey {
      checkedInstance = lane.context.instanceKey
      if let (key, text) = origin.contradiction(of: expected, line) { reportConflict(key, text, attributes) }
    }
    guard !isIdentityKnown else { return }
    instances.note(
      key: lane.context.instanceKey, timeText: timeText, identity: origin.identity(line),
      id: origin.instanceID.isEmpty ? nil : line.text(in: origin.instanceID).text)
  }

  /// A header's line names its task attempt.
  mutating func noteIdentity(_ origin: LineOrigin, _ line: Span<UInt8>) {
    lane.context.identity = origin.identity(line)
  }

  /// Said once a log: the path wins in any case (2-log-envelopes, Identity).
  private mutating func reportConflict(
    _ key: String, _ text: String, _ attributes: LineSplitter.Attributes
  ) {
    state.report(
      GrammarIssue(
        kind: .identityConflict, key: key, line: attributes.position.line,
        offset: attributes.position.offset, raw: text))
    expectedIdentity = nil
  }

  /// A header whose line names nobody belongs to the only attempt that the log tells of so far.
  private mutating func completeIdentity() {
    guard lane.context.identity == nil, !instances.hasSeveral else { return }
    lane.context.identity = instances.onlyIdentity ?? told.identity
  }

  mutating func noteTime(_ line: Span<UInt8>, _ range: Range<Int>) {
    lastTimeText.removeAll(keepingCapacity: true)
    lastTimeText.append(line, in: range)
    if firstTime == nil { firstTime = LogTime(line.extracting(range)) }
  }

  /// A record without a time of its own has the last one of its stream (2-log-envelopes, Times).
  mutating func noteStreamTime() {
    let time = lane.context.timeText
    if LogTime(time.span) == nil {
      lane.context.earlierTimeText = streamTimes.time(of: lane.context.streamKey)
    } else {
      streamTimes.note(time.span, 0..<time.count, stream: streamIndex(of: lane.context.streamKey))
    }
  }

  /// The number of a stream among those whose times are noted.
  mutating func streamIndex(of key: [UInt8]) -> Int {
    let (index, didOverflow) = streamTimes.index(of: key)
    if didOverflow {
      quietLines.removeAll()
      skipper.forgetJSON()
    }
    return index
  }

  /// A message line without blanks at its ends and without a CR at its end (1-correlation-data, Terms).
  static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    let trimmed = bytes.trimmingBlanks(range)
    guard let last = trimmed.last, bytes[last] == 0x0D else { return trimmed }
    return bytes.trimmingBlanks(trimmed.lowerBound..<last)
  }
}

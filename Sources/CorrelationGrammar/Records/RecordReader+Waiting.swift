import LogModel

/// Records of which only the end of the last line tells the source (``RecordShape/untilContext(_:)``).
extension RecordReader {
  /// The first line of such a record.
  mutating func beginWaiting(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(envelope)
    if !head.time.isEmpty { attempt.noteTime(line, head.time) }
    lane.waiting.begin(envelope, line, head)
    wait(
      line, LineInRecord(start: head.message.lowerBound, isFirst: true, isCut: attributes.isCut), attributes)
  }

  /// A further line of the record that waits.
  mutating func goOnWaiting(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    wait(line, LineInRecord(start: 0, isFirst: false, isCut: attributes.isCut), attributes)
  }

  private mutating func wait(
    _ line: Span<UInt8>, _ place: LineInRecord, _ attributes: LineSplitter.Attributes
  ) {
    // A line that may be cut tells its source too, if the cut is behind it.
    if !attributes.isOverlong,
      case .untilContext(let find) = envelopes.definitions[lane.waiting.envelope].shape,
      let context = find(line, place)
    {
      let message = Self.trimmed(line, place.start..<context.messageEnd)
      lane.waiting.append(line.extracting(message), attributes)
      release(line, context.origin, isCut: attributes.isCut)
      return
    }
    let message = Self.trimmed(line, place.start..<line.count)
    lane.waiting.append(line.extracting(message), attributes)
    if attributes.isOverlong || attributes.isCut || lane.waiting.text.count > streams.limits.textLineBytes {
      giveUpWaiting()
    }
  }

  /// Hands on a record of which the end has not come, and whose source is not to be had. Its further lines need not wait.
  mutating func giveUpWaiting() {
    let envelope = lane.waiting.envelope
    releaseWaiting()
    lane.beginText(envelope)
    lane.isWatchedRecord = true
  }

  /// Hands on a record whose source is not told.
  mutating func releaseWaiting() {
    let envelope = lane.waiting.envelope
    beginContext(envelope)
    lane.completeContext()
    if envelopes.definitions[envelope].mayLackTime { noteStreamTime() }
    deliverLines(finalState: "")
  }

  /// Hands on a record with the source that its last line tells.
  private mutating func release(_ line: Span<UInt8>, _ origin: LineOrigin, isCut: Bool) {
    let envelope = lane.waiting.envelope
    beginContext(envelope)
    envelopes.definitions[envelope].describe(line, origin, &lane.context)
    lane.completeContext()
    if envelopes.definitions[envelope].mayLackTime { noteStreamTime() }
    if let first = lane.waiting.lines.first { noteInstance(origin, line, first.attributes) }
    if lane.waiting.text.span.index(of: MessageLine.headerStart) != nil, !lane.isOfMessages {
      lane.context.identity = origin.identity(line)
    }
    if !isCut, let body = structuredBody(line, envelope) {
      let text = lane.waiting.text
      deliver(
        body, of: text.span.extracting(text.span.readable(0..<text.count)),
        at: lane.waiting.lines[0].attributes.position)
      lane.waiting.clear()
    } else if !takeWrappedLines(of: line, origin) {
      deliverLines(finalState: line.text(in: origin.finalState).text)
    }
    // Whether the record ends with a line that may be cut is not known.
    if !isCut { endRecord() }
  }

  /// The block in the keys of a header that is all of its record.
  private func structuredBody(_ line: Span<UInt8>, _ envelope: Int) -> JSONBody? {
    let text = lane.waiting.text.span
    guard lane.waiting.lines.count == 1, MessageLine.isHeader(text.extracting(text.readable(0..<text.count)))
    else { return nil }
    return envelopes.definitions[envelope].structuredBody?(line, streams.limits.blockBytes)
  }

  private mutating func beginContext(_ envelope: Int) {
    lane.context.begin(number: recordNumber, envelopes.definitions[envelope].streams)
    lane.context.timeText.append(contentsOf: lane.waiting.time)
    let level = lane.waiting.level
    lane.context.isWarning = LogRecordContext.isWarning(level.span, in: 0..<level.count)
  }

  private mutating func deliverLines(finalState: String) {
    var waiting = WaitingRecord()
    swap(&waiting, &lane.waiting)
    if lane.takeDamage() { streams.markLineDamaged() }
    for (index, line) in waiting.lines.enumerated() {
      let message = waiting.text.span.extracting(line.text)
      if index == 0, lane.context.isAirflow {
        noteOutcome(OutcomeLine(message, finalState: finalState), line.attributes)
      }
      let readable = message.readable(0..<message.count)
      if !readable.isEmpty || streams.hasOpenBlock {
        deliver(message, readable, line.attributes)
      }
    }
    waiting.clear()
    swap(&waiting, &lane.waiting)
  }
}

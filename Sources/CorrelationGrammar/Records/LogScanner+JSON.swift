import LogModel

/// Records that are JSON objects (2-log-envelopes, Envelopes: airflow3-json, airflow2-json, api-json,
/// docker-json).
extension LogScanner {
  /// Takes a line if it is one of the JSON envelopes, or might have been one but is too long to be read.
  mutating func takeJSON(
    _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes, mayBeWrapped: Bool
  ) -> Bool {
    if attributes.isOverlong {
      guard line.has("{", at: Self.trimmed(line, 0..<line.count).lowerBound) else { return false }
      if attributes.holdsHeader {
        state.report(.lineTooLong, line.extracting(0..<min(200, line.count)), at: attributes.position)
      }
      return true
    }
    if takeRepeated(line, attributes) { return true }
    let quiet = quietLine(line, attributes)
    if let quiet, let stream = quietLines.stream(of: line, quiet.tail, tag: lane.tag) {
      beginRecord(.airflow3JSON)
      noteTime(line, quiet.timestamp)
      streamTimes.note(line, quiet.timestamp, stream: stream)
      return true
    }
    guard let json = JSONLogLine(line, isElement: attributes.isElement) else { return false }
    if json.envelope == .docker {
      return mayBeWrapped && takeDocker(line, json, attributes)
    }
    takeRecord(line, json, attributes)
    learn(line, json, attributes)
    expectRepetition(of: line, json, attributes)
    // A member that comes twice counts as it comes last, and is not what the line's beginning showed.
    if let quiet, json.message == quiet.event, json.time == quiet.timestamp {
      let stream = streamIndex(of: lane.context.streamKey)
      quietLines.add(line, quiet.tail, tag: lane.tag, stream: stream)
    }
    return true
  }

  /// The line as one that says nothing, where nothing waits for what it says.
  private func quietLine(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> QuietJSONLine? {
    guard state.openCount == 0, !attributes.isCut, !attributes.isElement, isIdentityKnown,
      let quiet = QuietJSONLine(line),
      streams.watched.isEmpty || (lane.tag.isEmpty && !streams.mayWatch(jsonLine: line))
    else { return nil }
    return quiet
  }

  /// Takes a line of an open block's stream that says of itself just what the line before said (``RepeatedJSONLine``).
  private mutating func takeRepeated(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> Bool {
    guard state.openCount > 0, lane.tag.isEmpty, !attributes.isCut, !attributes.isElement,
      let (time, event) = repeated.parts(of: line, after: recordNumber)
    else { return false }
    let message = Self.trimmed(line, event)
    // A header's record tells whose the block is.
    guard !line.has(HeldLine.headerText, at: message.lowerBound) else { return false }
    // The record before has ended, and it was none whose lines are held or go on.
    envelopeCounts.count(.airflow3JSON)
    recordNumber += 1
    repeated.moveOn(to: recordNumber)
    lane.context.repeat(number: recordNumber, line, time: time)
    lane.isDescribed = true
    noteTime(line, time)
    streamTimes.note(line, time, stream: repeated.timeStream)
    if !isIdentityKnown, !lane.context.instanceKey.isEmpty {
      // What else there is to know of the instance told the line before.
      instances.note(key: lane.context.instanceKey, timeText: lastTimeText, identity: nil, id: nil)
    }
    if !message.isEmpty { deliver(line.extracting(message), attributes) }
    endRecord()
    return true
  }

  /// Takes note of a line whose like only has to be delivered.
  private mutating func expectRepetition(
    of line: Span<UInt8>, _ json: JSONLogLine, _ attributes: LineSplitter.Attributes
  ) {
    guard state.openCount > 0, lane.tag.isEmpty, json.envelope == .airflow3,
      !lane.context.isAirflow || lane.context.isStandardStream,
      let parts = QuietJSONLine(line, timestamp: json.time, event: json.message),
      LogTime(lane.context.timeText.span) != nil
    else { return }
    repeated.note(
      line, parts, record: recordNumber, timeStream: streamIndex(of: lane.context.streamKey))
  }

  private mutating func takeRecord(
    _ line: Span<UInt8>, _ json: JSONLogLine, _ attributes: LineSplitter.Attributes
  ) {
    switch json.envelope {
    case .airflow3, .docker: beginRecord(.airflow3JSON)
    case .elasticsearch: beginRecord(.airflow2JSON)
    case .api: beginRecord(.apiJSON)
    }
    lane.context.begin(number: recordNumber)
    json.describe(line, in: &lane.context)
    lane.completeContext()
    if !json.time.isEmpty { noteTime(line, json.time) }
    noteStreamTime()
    let time = lane.context.timeText
    noteInstance(json.origin, line, timeText: time, attributes)
    var text: [UInt8] = []
    swap(&text, &decoded)
    text.removeAll(keepingCapacity: true)
    JSONString.decode(line, in: json.message, into: &text)
    if text.span.index(of: ANSIEscapes.escape) != nil {
      var stripped: [UInt8] = []
      ANSIEscapes.strip(text.span, in: 0..<text.count, into: &stripped)
      text = stripped
    }
    if text.span.index(of: HeldLine.headerText) != nil { noteIdentity(json.origin, line) }
    // A JSON value that parses whole is not cut, wherever the file ends.
    var whole = attributes
    whole.isCut = false
    takeText(text.span, line, json, whole)
    swap(&text, &decoded)
    endRecord()
  }

  private mutating func takeText(
    _ text: Span<UInt8>, _ line: Span<UInt8>, _ json: JSONLogLine, _ attributes: LineSplitter.Attributes
  ) {
    if lane.context.isAirflow, !lane.context.isStandardStream {
      let first = text.extracting(Self.trimmed(text, 0..<(text.index(of: 0x0A) ?? text.count)))
      let finalState = line.text(in: json.origin.finalState).text
      if let outcome = OutcomeLine(first, finalState: finalState) {
        noteOutcome(outcome, at: attributes)
      } else {
        takeAirflowMessage(first, attributes)
      }
    }
    let whole = Self.trimmed(text, 0..<text.count)
    if json.hasOwnKeys, json.envelope != .elasticsearch, text.extracting(whole).index(of: 0x0A) == nil,
      Self.isHeader(text.extracting(whole))
    {
      takeStructured(JSONBody(structuredHeader: line), text.extracting(whole), at: attributes.position)
      return
    }
    var start = 0
    while start <= text.count {
      let end = text.index(of: 0x0A, from: start) ?? text.count
      let message = Self.trimmed(text, start..<end)
      if !message.isEmpty { deliver(text.extracting(message), attributes) }
      start = end + 1
    }
  }
}

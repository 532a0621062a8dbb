/// Records that are JSON objects (page 2: *airflow3-json*, *airflow2-json*, *api-json*, *docker-json*).
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

import LogModel

/// Records that are objects of JSON. One object is one record; its message may have several lines.
extension RecordReader {
  mutating func takeObject(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(envelope)
    describe(line, envelope, head)
    if !head.time.isEmpty { attempt.noteTime(line, head.time) }
    if envelopes.definitions[envelope].mayLackTime { noteStreamTime() }
    noteInstance(head.origin, line, attributes)
    var text: [UInt8] = []
    swap(&text, &decoded)
    text.removeAll(keepingCapacity: true)
    JSONString.decode(line, in: head.message, into: &text)
    if text.span.index(of: ANSIEscapes.escape) != nil {
      var stripped: [UInt8] = []
      ANSIEscapes.strip(text.span, in: 0..<text.count, into: &stripped)
      text = stripped
    }
    if text.span.index(of: MessageLine.headerStart) != nil {
      if !lane.isOfMessages { lane.context.identity = head.origin.identity(line) }
      lane.context.headerKeys = Self.hashOfKeys(line, beside: head.message)
    }
    // An object that parses whole is not cut, wherever the file ends.
    var whole = attributes
    whole.isCut = false
    takeMessage(text.span, of: line, envelope, head.origin, whole)
    swap(&text, &decoded)
    endRecord()
  }

  private mutating func takeMessage(
    _ text: Span<UInt8>, of line: Span<UInt8>, _ envelope: Int, _ origin: LineOrigin,
    _ attributes: LineSplitter.Attributes
  ) {
    if lane.context.mayTellOutcome {
      let first = text.extracting(Self.trimmed(text, 0..<(text.index(of: 0x0A) ?? text.count)))
      takeAirflowMessage(first, finalState: line.text(in: origin.finalState).text, attributes)
    }
    if let inside = lane.context.messageEnvelope,
      takeWrappedLines(text, as: inside, of: line, origin, attributes)
    {
      return
    }
    let whole = text.extracting(text.readable(Self.trimmed(text, 0..<text.count)))
    if let structuredBody = envelopes.definitions[envelope].structuredBody, MessageLine.isHeader(whole),
      whole.index(of: 0x0A) == nil, let body = structuredBody(line, streams.limits.blockBytes)
    {
      deliver(body, of: whole, at: attributes.position)
      return
    }
    var start = 0
    while start <= text.count {
      let end = text.index(of: 0x0A, from: start) ?? text.count
      let message = text.readable(Self.trimmed(text, start..<end))
      if !message.isEmpty || streams.hasOpenBlock { deliver(text, message, attributes) }
      start = end + 1
    }
  }

  /// What a header's line says beside its message.
  private static func hashOfKeys(_ line: Span<UInt8>, beside message: Range<Int>) -> Int {
    var hash = BodyHash()
    hash.add(line.extracting(0..<message.lowerBound))
    hash.add(line.extracting(message.upperBound..<line.count))
    return hash.half == 0 ? 1 : hash.half
  }

  // MARK: Lines like earlier ones

  /// The template that a line fits.
  mutating func matched(
    _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes
  ) -> LineTemplates.Match? {
    guard passesOver, !attributes.isCut, !attributes.isOverlong else { return nil }
    attend()
    return templates.match(line, lane: UInt32(lane.number))
  }

  /// Takes a line that fits a template, unless its message has to be read: a message of a stream that waits for its lines is
  /// delivered, and of another one nothing but the time counts.
  mutating func takeMatched(
    _ line: Span<UInt8>, _ match: LineTemplates.Match, _ attributes: LineSplitter.Attributes
  ) -> Bool {
    guard !match.mayTell else { return false }
    let message = line.readable(Self.trimmed(line, match.message))
    let hasHeader = MessageLine.holdsHeader(line.extracting(message))
    if hasHeader {
      guard !match.hasEscape, templates.all[match.number].takesHeaders, templates.isTime(line, match) else {
        return false
      }
    } else if match.isAttentive {
      guard !match.hasEscape else { return false }
    } else {
      guard match.isQuiet else { return false }
    }
    beginRecord(templates.all[match.number].envelope)
    attempt.noteTime(line, match.time)
    if attempt.notesInstancesAgain {
      attempt.noteAgain(templates.all[match.number].context.instanceKey)
    }
    if templates.isTime(line, match) {
      streamTimes.note(line.extracting(match.time), stream: templates.all[match.number].timeStream)
    }
    guard match.isAttentive || hasHeader else { return true }
    if lane.context.template != templates.all[match.number].context.template {
      lane.context = templates.all[match.number].context
    }
    lane.context.repeat(number: recordNumber, line, time: match.time)
    if hasHeader {
      lane.context.identity = templates.all[match.number].identity
      lane.context.headerKeys = Self.hashOfKeys(line, beside: match.message)
    }
    lane.isDescribed = true
    if !message.isEmpty || streams.hasOpenBlock { deliver(line, message, attributes) }
    endRecord()
    return true
  }
}

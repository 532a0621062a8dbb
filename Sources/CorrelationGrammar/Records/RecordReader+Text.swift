import LogModel

/// Records whose lines begin with a prefix that tells everything, and lines without one.
extension RecordReader {
  mutating func takeText(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes,
    known: TextSearch.Recognised? = nil
  ) {
    beginRecord(envelope)
    let endsWithLine = envelopes.definitions[envelope].endsWithLine
    let mayLackTime = envelopes.definitions[envelope].mayLackTime
    if !endsWithLine { lane.beginText(envelope) }
    if !head.time.isEmpty { attempt.noteTime(line, head.time) }
    let whole = Self.trimmed(line, head.message)
    let message = line.readable(whole)
    lane.isWatchedRecord = streams.isWatching && mayBeWatched(line, envelope, head)
    let saysNothing = saysNothing(line, message) && !lane.isWatchedRecord
    if saysNothing, !mayLackTime, lane.instance.isEmpty, let source = head.source,
      !OutcomeLine.isAirflowFile(line, in: source), envelopes.messageEnvelope(of: line, head.origin) == nil
    {
      lane.keepPrefix(line.extracting(0..<head.message.lowerBound))
      return
    }
    if let prefix = known?.prefix, lane.context.template == prefix {
      lane.context.repeat(number: recordNumber, line, time: head.time)
      lane.isDescribed = true
    } else {
      describe(line, envelope, head)
      if let known { lane.context.template = known.prefix ?? search.learnPrefix(line, head) }
    }
    if mayLackTime { noteStreamTime() }
    noteInstance(head.origin, line, attributes)
    if lane.context.mayTellOutcome {
      takeAirflowMessage(line.extracting(whole), attributes)
    } else if lane.context.mayNameTask, let issue = attempt.noteMessage(line.extracting(whole), attributes) {
      streams.report(issue)
    }
    if let inside = lane.context.messageEnvelope,
      takeWrappedMessage(line.extracting(whole), as: inside, head.origin, of: line, attributes)
    {
      if endsWithLine {
        endContinued()
        endRecord()
      }
      return
    }
    if !saysNothing {
      if MessageLine.holdsHeader(line.extracting(message)) {
        lane.context.identity = head.origin.identity(line)
      }
      deliver(line, message, attributes)
    }
    if endsWithLine { endRecord() }
  }

  /// Takes a line that begins with a known prefix as ``takeText(_:_:_:_:known:)`` does, if its record says the same of itself as the one
  /// before but for its time, and is of a stream with an open block: most lines of blocks are such lines.
  /// - Returns: Whether the line is one; for another line nothing was done.
  mutating func takesBlockLine(
    _ line: Span<UInt8>, behindPrefix prefix: Int, _ attributes: LineSplitter.Attributes
  ) -> Bool {
    guard passesOver, lane.number == 0, lane.isDescribed,
      lane.context.template == search.number(ofPrefix: prefix), !lane.context.isAskedForMore,
      !lane.waiting.isActive, lane.continuedIn == nil, streams.hasOpenBlock, !streams.isWatching,
      let stream = lane.context.streamNumber, !streams.heedsRecordEnd(stream), let envelope = search.envelope
    else { return false }
    counts.count(envelope)
    recordNumber += 1
    lane.beginRecord()
    let endsWithLine = envelopes.definitions[envelope].endsWithLine
    if !endsWithLine { lane.beginText(envelope) }
    let time = search.time(behindPrefix: prefix)
    attempt.noteTime(line, time)
    lane.context.repeat(number: recordNumber, line, time: time)
    lane.isDescribed = true
    let message = line.readable(
      Self.trimmed(line, search.messageStart(behindPrefix: prefix)..<line.count))
    if MessageLine.holdsHeader(line.extracting(message)),
      let known = search.recognised(line, behindPrefix: prefix)
    {
      lane.context.identity = known.head.origin.identity(line)
    }
    deliver(line, message, attributes)
    if endsWithLine { endRecord() }
    return true
  }

  /// Whether a record may be of one of the streams where a block has just ended.
  ///
  /// Inlined, because the compiler would copy the reader for a call.
  @inline(__always) private func mayBeWatched(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead
  ) -> Bool {
    guard lane.wrapper == nil, let source = head.source else { return true }
    return streams.mayWatch(envelopes.definitions[envelope].streams, source: line.extracting(source))
  }

  /// Describes the record at hand, of whose first line only the prefix is left.
  mutating func describeText() {
    guard !lane.isDescribed, let envelope = lane.textRecord,
      case .prefix(let recognise) = envelopes.definitions[envelope].recogniser,
      let head = recognise(lane.prefix.span)
    else { return }
    let prefix = lane.prefix
    describe(prefix.span, envelope, head)
  }

  /// A line without envelope: the next message line of an unfinished record, else a record of its own.
  mutating func takeBare(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    if lane.waiting.isActive {
      goOnWaiting(line, attributes)
      return
    }
    if goOnInside(line, attributes) { return }
    let message = line.readable(Self.trimmed(line, 0..<line.count))
    if lane.textRecord != nil {
      if saysNothing(line, message), !isRecordAttentive { return }
      describeText()
      deliver(line, message, attributes)
      return
    }
    counts.count(envelopes.bare)
    let bare = envelopes.definitions[envelopes.bare].streams
    if saysNothing(line, message), !streams.isWatching || !streams.mayWatch(bare, source: nil) { return }
    recordNumber += 1
    lane.context.begin(number: recordNumber, bare)
    lane.completeContext()
    deliver(line, message, attributes)
    endRecord()
  }

  /// Whether the text record at hand may be of a stream with an open block or of a watched one.
  @inline(__always) var isRecordAttentive: Bool {
    guard lane.textRecord != nil else { return false }
    return lane.continuedIn != nil || lane.isWatchedRecord
      || (lane.isDescribed && streams.isAttentive(lane.context.streamNumber, lane.context.streamKey))
  }
}

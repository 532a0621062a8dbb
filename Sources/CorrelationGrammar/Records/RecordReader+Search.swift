import CByteScan
import LogModel

/// Lines that are passed over whole chunks at a time, and the little that they change.
///
/// A line that is like one that was read before (``TextSearch``, ``LineTemplates``) and says nothing changes only which record is being
/// read, the last times, and counts. Every other line is taken by itself. What comes out does therefore not depend on whether lines are
/// passed over; `FastPathTests` compares both.
extension RecordReader {
  /// Passes over lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
  /// - Returns: How many lines, and the beginning of the next line that has to be taken, or `end`; nil where none was passed over.
  mutating func pass(_ chunk: Span<UInt8>, from start: Int, to end: Int) -> (lines: Int, end: Int)? {
    guard passesOver, lane.wrapper == nil, !lane.waiting.isActive, !lane.hasPiece else { return nil }
    attend()
    let isObject = chunk[start] == UInt8(ascii: "{")
    return (isObject ? passObjects(chunk, start, end) : passText(chunk, start, end)).map {
      ($0.lines, $0.position)
    }
  }

  /// Tells the searches which streams wait for their lines.
  mutating func attend() {
    guard templates.attention != streams.attention || search.attention != streams.attention else { return }
    templates.attend(to: streams)
    search.attend(to: streams, envelopes)
  }

  /// Takes note of how a line looks, so that lines like it need not be read.
  mutating func learn(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) {
    guard passesOver, !attributes.isCut, envelopes.messageEnvelope(of: line, head.origin) == nil else {
      return
    }
    switch envelopes.definitions[envelope].recogniser {
    case .prefix:
      // Until the log's first time is known no line with a time can be passed over.
      guard lane.wrapper == nil, attempt.hasTime, !envelopes.definitions[envelope].mayLackTime else { return }
      search.learn(line, head, envelope, envelopes)
    case .object:
      guard LogTime(line.extracting(head.time)) != nil,
        envelopes.isOnlyObject(beginning: line.extracting(0..<head.message.lowerBound))
      else { return }
      // A header whose record has keys of its own is read whole, and so is one in messages of another envelope.
      let structuredBody = envelopes.definitions[envelope].structuredBody
      let hasOwnKeys = structuredBody?(line, streams.limits.blockBytes) != nil
      let template = LineTemplates.Template(
        envelope: envelope, context: lane.context, timeStream: timeStream(of: lane.context.streamKey),
        takesHeaders: !hasOwnKeys && !lane.isOfMessages, identity: head.origin.identity(line))
      templates.learn(line, head, members, template, lane: UInt32(lane.number))
    case .message, .anyOther: break
    }
  }

  // MARK: Text

  private mutating func passText(_ chunk: Span<UInt8>, _ start: Int, _ end: Int) -> lines_passed? {
    // Lines without prefix go on with the record at hand.
    guard !isRecordAttentive, let passed = search.pass(chunk, from: start, to: end, envelopes) else {
      return nil
    }
    let envelope = search.envelope ?? envelopes.bare
    var bareLines = lane.textRecord == nil ? passed.others_before : 0
    if envelopes.definitions[envelope].endsWithLine { bareLines += passed.others - passed.others_before }
    counts.count(envelopes.bare, bareLines)
    guard passed.records > 0, case .prefix(let recognise) = envelopes.definitions[envelope].recogniser,
      let (line, head) = Self.lastRecord(
        of: passed, recognise, in: chunk, from: start, limit: streams.limits.textLineBytes)
    else { return passed }
    beginRecord(envelope)
    counts.count(envelope, passed.records - 1)
    if !envelopes.definitions[envelope].endsWithLine {
      let prefix = line.lowerBound..<line.lowerBound + head.message.lowerBound
      lane.beginText(envelope)
      lane.keepPrefix(chunk.extracting(prefix))
    }
    attempt.noteTime(chunk.extracting(line), head.time)
    return passed
  }

  /// The last of these lines that really begins a record. A line can match as far as its source's name and still be no record.
  private static func lastRecord(
    of passed: lines_passed, _ recognise: (Span<UInt8>) -> RecordHead?, in chunk: Span<UInt8>,
    from start: Int, limit: Int
  ) -> (line: Range<Int>, head: RecordHead)? {
    var line = passed.last_record..<(chunk.index(of: 0x0A, from: passed.last_record) ?? passed.position)
    while true {
      // No more of a line is read than is held of a line that comes in pieces.
      let beginning = chunk.extracting(line.prefix(limit))
      if let head = recognise(beginning) { return (line, head) }
      guard line.lowerBound > start else { return nil }
      let end = line.lowerBound - 1
      line = (chunk.lastIndex(of: 0x0A, before: end) ?? -1) + 1..<end
    }
  }

  // MARK: Objects

  private mutating func passObjects(_ chunk: Span<UInt8>, _ start: Int, _ end: Int) -> lines_passed? {
    let limit = streams.limits.jsonLineBytes
    guard let passed = templates.pass(chunk, from: start, to: end, limit: limit) else { return nil }
    for place in templates.lastLines.indices {
      let line = templates.lastLines[place]
      let envelope = templates.all[line.number].envelope
      if place == 0 { beginRecord(envelope) }
      counts.count(envelope, place == 0 ? line.count - 1 : line.count)
      attempt.noteTime(chunk, line.time)
      if attempt.notesInstancesAgain { attempt.noteAgain(templates.all[line.number].context.instanceKey) }
    }
    if templates.lastLines.count == 1 {
      noteStreamTime(of: templates.lastLines[0], chunk)
    } else {
      // Several templates can be of one stream, and the digits of a last line may be no time.
      let timed = templates.lastLines.filter { $0.streamTime != nil }
      for line in timed.sorted(by: { ($0.streamTime?.lowerBound ?? 0) < ($1.streamTime?.lowerBound ?? 0) }) {
        noteStreamTime(of: line, chunk)
      }
    }
    return passed
  }

  private mutating func noteStreamTime(of line: LineTemplates.LastLine, _ chunk: Span<UInt8>) {
    guard let time = line.streamTime else { return }
    streamTimes.note(chunk.extracting(time), stream: templates.all[line.number].timeStream)
  }
}

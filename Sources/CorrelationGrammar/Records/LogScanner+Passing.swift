import CByteScan
import LogModel

/// Lines that are passed over (``LineSkipper``), and the little that they change: what the last of them would have left behind.
extension LogScanner {
  /// Passes over ordinary lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
  /// - Returns: The beginning of the next line that has to be taken, or `end`.
  mutating func pass(
    _ chunk: Span<UInt8>, from start: Int, to end: Int, _ splitter: inout LineSplitter
  ) -> Int {
    // Held and wrapped lines and formats of one's own are always taken one by one.
    guard lane.tag.isEmpty, !lane.held.isActive, !lane.hasPiece, lineFormat == nil else { return start }
    skipper.attend(to: streams)
    let passed = chunk[start] == UInt8(ascii: "{") ? passJSON(chunk, start, end) : passText(chunk, start, end)
    guard let passed else { return start }
    splitter.advance(lines: passed.lines, bytes: passed.position - start)
    return passed.position
  }

  private mutating func passText(_ chunk: Span<UInt8>, _ start: Int, _ end: Int) -> lines_passed? {
    // Lines without prefix go on with the record at hand.
    guard !isRecordAttentive, let passed = skipper.passText(chunk, from: start, to: end), passed.lines > 0
    else {
      return nil
    }
    if !lane.isInTextRecord { envelopeCounts.count(.bare, passed.loose) }
    guard let (line, prefix) = lastRecord(of: passed, in: chunk, from: start) else { return passed }
    beginRecord(.airflow2Text)
    envelopeCounts.count(.airflow2Text, passed.records - 1)
    lane.isInTextRecord = true
    lane.prefix.removeAll(keepingCapacity: true)
    lane.prefix.append(chunk, in: line.lowerBound..<line.lowerBound + prefix.message)
    noteTime(chunk.extracting(line), prefix.time)
    return passed
  }

  /// Whether the text record at hand may belong to a stream with an open block or a watched one.
  var isRecordAttentive: Bool {
    guard lane.isInTextRecord else { return false }
    return lane.isWatchedRecord || (lane.isDescribed && streams.isAttentive(lane.context.streamKey))
  }

  /// The last line that begins a text record; one that only looks so, behind its time and file, begins none.
  private func lastRecord(
    of passed: lines_passed, in chunk: Span<UInt8>, from start: Int
  ) -> (line: Range<Int>, prefix: AirflowTextPrefix)? {
    guard passed.records > 0 else { return nil }
    var line = passed.last_record..<(chunk.index(of: 0x0A, from: passed.last_record) ?? passed.position)
    while true {
      // No more of a line is read than it is held of one that comes in pieces.
      let head = line.prefix(state.limits.textLineBytes)
      if let prefix = AirflowTextPrefix(chunk.extracting(head)) { return (line, prefix) }
      guard line.lowerBound > start else { return nil }
      let end = line.lowerBound - 1
      line = (chunk.lastIndex(of: 0x0A, before: end) ?? -1) + 1..<end
    }
  }

  private mutating func passJSON(_ chunk: Span<UInt8>, _ start: Int, _ end: Int) -> lines_passed? {
    guard let (passed, lastLines) = skipper.passJSON(chunk, from: start, to: end) else { return nil }
    var last = lastLines
    beginRecord(.airflow3JSON)
    envelopeCounts.count(.airflow3JSON, passed.records - 1)
    for line in last {
      noteTime(chunk, line.time)
      guard !isIdentityKnown, !line.shape.instanceKey.isEmpty else { continue }
      instances.note(key: line.shape.instanceKey, timeText: lastTimeText, identity: nil, id: nil)
    }
    // Several shapes can be of one stream, and a last line's digits may be no time.
    if last.contains(where: { $0.streamTime != $0.time }) {
      last.sort { ($0.streamTime?.lowerBound ?? 0) < ($1.streamTime?.lowerBound ?? 0) }
    }
    for line in last {
      if let time = line.streamTime { streamTimes.note(chunk, time, stream: line.shape.timeStream) }
    }
    return passed
  }

  /// Takes note of how a line looks whose like can be passed over.
  mutating func learn(_ line: Span<UInt8>, _ json: JSONLogLine, _ attributes: LineSplitter.Attributes) {
    guard lane.tag.isEmpty, lineFormat == nil, json.envelope == .airflow3, !attributes.isCut,
      state.limits.jsonLineBytes >= LineSkipper.longestJSONLine,
      let parts = QuietJSONLine(line, timestamp: json.time, event: json.message),
      !skipper.knows(line, parts), LogTime(lane.context.timeText.span) != nil
    else { return }
    skipper.learnJSON(
      line, parts,
      LineSkipper.JSONShape(
        timeStream: streamIndex(of: lane.context.streamKey), streamKey: lane.context.streamKey,
        instanceKey: lane.context.instanceKey,
        isAirflow: lane.context.isAirflow && !lane.context.isStandardStream))
  }
}

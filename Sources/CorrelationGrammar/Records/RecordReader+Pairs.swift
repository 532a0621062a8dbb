import LogModel

/// Runs of lines that are one plain pair each, as nearly all lines of a block are.
///
/// The lines of a run are records that say the same of themselves as the record before, but for their times, and are of a stream whose
/// block takes them whatever stands around them. They go straight to the block, and only the last one changes what is known of the
/// record at hand. Any other line ends the run and is taken by itself. What comes out does therefore not depend on whether lines are taken
/// in runs; `FastPathTests` compares both.
extension RecordReader {
  /// Takes lines from `start`, the beginning of the line at `position`, to `end`, which stands behind a LF.
  /// - Returns: What was taken; nil where the line at `start` is none of these.
  mutating func takePairs(
    _ chunk: Span<UInt8>, from start: Int, to end: Int, at position: LogPosition
  ) -> PairRun? {
    guard passesOver, lane.number == 0, lane.isDescribed, !lanes.isCrowded, !lane.waiting.isActive,
      !lane.hasPiece, lane.continuedIn == nil, let stream = lane.context.streamNumber
    else { return nil }
    let run = PairRun(from: start, at: position, behind: recordNumber)
    return chunk[start] == UInt8(ascii: "{")
      ? takeObjects(chunk, run, to: end, of: stream) : takeTexts(chunk, run, to: end, of: stream)
  }

  // MARK: Text

  private mutating func takeTexts(
    _ chunk: Span<UInt8>, _ begun: PairRun, to end: Int, of stream: StreamNumber
  ) -> PairRun? {
    guard !lane.context.isAskedForMore, !streams.isWatching, !envelopes.mayBeObject(first: chunk[begun.end]),
      let envelope = search.envelope, let prefix = search.place(ofPrefix: lane.context.template),
      begun.end + search.messageStart(behindPrefix: prefix) < end,
      !chunk.isBehindGroupMarker(begun.end + search.messageStart(behindPrefix: prefix)..<end)
    else { return nil }
    let limit = streams.limits.textLineBytes
    var run = begun
    Self.take(&run, of: stream, chunk, in: lane.context, &streams, &search) { search, start in
      search.pairLine(chunk, from: start, to: end, prefix: prefix, limit: limit)
    }
    guard let last = run.last else { return nil }
    counts.count(envelope, run.count)
    lane.beginRecord()
    if !envelopes.definitions[envelope].endsWithLine { lane.beginText(envelope) }
    attempt.noteTime(chunk, last.time)
    become(run, last, chunk, stream)
    return run
  }

  // MARK: Objects

  private mutating func takeObjects(
    _ chunk: Span<UInt8>, _ begun: PairRun, to end: Int, of stream: StreamNumber
  ) -> PairRun? {
    attend()
    guard envelopes.cannotBeList(chunk, at: begun.end),
      let number = templates.place(of: lane.context.template)
    else { return nil }
    let limit = streams.limits.textLineBytes
    var run = begun
    Self.take(&run, of: stream, chunk, in: lane.context, &streams, &templates) { templates, start in
      templates.pairLine(chunk, from: start, of: number, limit: limit)
    }
    guard let last = run.last else { return nil }
    counts.count(templates.all[number].envelope, run.count)
    lane.beginRecord()
    attempt.noteTime(chunk, last.time)
    if attempt.notesInstancesAgain { attempt.noteAgain(templates.all[number].context.instanceKey) }
    streamTimes.note(chunk.extracting(last.time), stream: templates.all[number].timeStream)
    become(run, last, chunk, stream)
    return run
  }

  // MARK: Both

  /// Hands the lines that `next` finds to their stream. The searches are passed by reference, because they change while the streams do.
  private static func take<Search>(
    _ run: inout PairRun, of stream: StreamNumber, _ chunk: Span<UInt8>, in context: LogRecordContext,
    _ streams: inout BlockStreams, _ search: inout Search, _ next: (inout Search, Int) -> PairLine?
  ) {
    streams.takePairs(&run, of: stream, chunk, isGrave: context.isGrave) { next(&search, $0) }
  }

  /// The record at hand becomes that of the last line.
  private mutating func become(
    _ run: PairRun, _ last: PairLine, _ chunk: Span<UInt8>, _ stream: StreamNumber
  ) {
    recordNumber = run.record
    lane.context.repeat(number: recordNumber, chunk, time: last.time)
    lane.isDescribed = true
    streams.noteLast(chunk.extracting(last.message), of: stream, in: lane.context)
  }
}

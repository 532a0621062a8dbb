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
    repeat {
      search.findPairs(
        chunk, from: run.end, to: end, prefix: prefix, limit: limit, isFirst: run.count == 0, into: &pairs)
    } while streams.takePairs(pairs, &run, of: stream, chunk, isGrave: lane.context.isGrave) && pairs.isFull
    guard run.count > 0 else { return nil }
    counts.count(envelope, run.count)
    lane.beginRecord()
    if !envelopes.definitions[envelope].endsWithLine { lane.beginText(envelope) }
    attempt.noteTime(chunk, run.time)
    become(run, chunk, stream)
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
    repeat {
      templates.findPairs(
        chunk, from: run.end, to: end, of: number, limit: limit, isFirst: run.count == 0, into: &pairs)
    } while streams.takePairs(pairs, &run, of: stream, chunk, isGrave: lane.context.isGrave) && pairs.isFull
    guard run.count > 0 else { return nil }
    counts.count(templates.all[number].envelope, run.count)
    lane.beginRecord()
    attempt.noteTime(chunk, run.time)
    if attempt.notesInstancesAgain { attempt.noteAgain(templates.all[number].context.instanceKey) }
    streamTimes.note(chunk.extracting(run.time), stream: templates.all[number].timeStream)
    become(run, chunk, stream)
    return run
  }

  // MARK: Both

  /// The record at hand becomes that of the last line.
  private mutating func become(_ run: PairRun, _ chunk: Span<UInt8>, _ stream: StreamNumber) {
    recordNumber = run.record
    lane.context.repeat(number: recordNumber, chunk, time: run.time)
    lane.isDescribed = true
    streams.noteLast(chunk.extracting(run.message), of: stream, in: lane.context)
  }
}

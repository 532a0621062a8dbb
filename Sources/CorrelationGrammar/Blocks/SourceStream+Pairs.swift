import CByteScan
import LogModel

/// Lines that are one plain pair of a key of ours, as nearly all lines of blocks are: they go straight to the open block.
extension SourceStream {
  /// Takes a line that is one plain pair of a key of ours, if the open block takes it whatever stands around it: no value is awaited, the
  /// line before leaves nothing to this one, and the key is new. It comes to the same as ``take(_:at:isOverlong:isGrouped:in:_:)``.
  /// - Returns: Whether the line was taken; if not, nothing was done.
  mutating func takesPair(
    _ pair: LoggedPair, of text: Span<UInt8>, at position: LogPosition, in record: Int, isGrave: Bool
  ) -> Bool {
    guard !notesStyle, block?.body.takesNext(pair.name) ?? false,
      machine.takesPair(pair.name, byteCount: text.count, in: record, isGrave: isGrave)
    else { return false }
    block?.body.takePair(pair, of: text, at: position, in: record)
    openBytes += BlockBody.memory(of: 1, textBytes: text.count)
    return true
  }

  /// Takes lines, each of them a record of its own, for as long as the block would take the next one by itself
  /// (``takesPair(_:of:at:in:isGrave:)``) and no record has the time of the one before, which may have been written twice. `time` is that
  /// of the record before the run. A line may have `lineBytes` at most, and the block may grow by `room` bytes.
  /// - Returns: Whether all of the lines were taken.
  mutating func takePairs(
    _ lines: borrowing PairLines, _ run: inout PairRun, _ chunk: Span<UInt8>, isGrave: Bool,
    behind time: [UInt8], lineBytes: Int, room: Int
  ) -> Bool {
    guard lines.count > 0, !notesStyle, case .some = block, var progress = machine.progressOfLaterRecords
    else { return false }
    let firstTime = chunk.extracting(lines.time.shifted(by: lines.buffer[0].start))
    let lastTime = run.count > 0 ? chunk.extracting(run.time) : time.span
    guard firstTime.differs(from: lastTime) else { return false }
    let limits = PairLimits(block: machine.limits, lineBytes: lineBytes, memory: room)
    let before = run.count
    openBytes += block?.body.take(lines, of: chunk, &run, &progress, isGrave: isGrave, limits) ?? 0
    machine.goOn(with: progress)
    return run.count - before == lines.count
  }
}

/// How much a block may take of lines of one pair.
struct PairLimits {
  let block: BlockLimits
  /// Bytes of a line's message.
  let lineBytes: Int
  /// Bytes of memory by which the block may grow.
  let memory: Int
}

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
    openBytes += BlockBody.memory(ofPairWith: text.count)
    return true
  }

  /// Takes lines that `next` finds, each of them a record of its own, for as long as the block would take the next one by itself
  /// (``takesPair(_:of:at:in:isGrave:)``) and no record has the time of the one before, which may have been written twice. `time` is that
  /// of the record before these. A line may have `lineBytes` at most, and the block may grow by `room` bytes.
  mutating func takePairs(
    _ run: inout PairRun, _ chunk: Span<UInt8>, isGrave: Bool, behind time: [UInt8], lineBytes: Int,
    room: Int,
    _ next: (Int) -> PairLine?
  ) {
    guard !notesStyle, case .some = block, var progress = machine.progressOfLaterRecords else { return }
    let mostBytes = room == .max ? room : openBytes + room
    while let line = next(run.end) {
      let (text, name) = (chunk.extracting(line.message), line.pair.name)
      let memory = BlockBody.memory(ofPairWith: text.count)
      let hasTimeOfLast =
        run.last.map { chunk.extracting(line.time).equals(chunk.extracting($0.time)) }
        ?? chunk.extracting(line.time).equals(time.span)
      guard !hasTimeOfLast, text.count <= lineBytes, openBytes + memory <= mostBytes,
        progress.hasRoom(forLineOf: text.count, within: machine.limits), block?.body.takesNext(name) ?? false
      else { break }
      progress.take(name, byteCount: text.count, in: run.nextRecord, isGrave: isGrave)
      block?.body.takePair(line.pair, of: text, at: run.position, in: run.nextRecord)
      openBytes += memory
      run.take(line)
    }
    machine.goOn(with: progress)
  }
}

import LogModel

/// The state of one source stream's block: events in, actions out (1-correlation-data, Grammar; 2-log-envelopes,
/// Headers in messages).
///
/// Only the machine says when a block begins, takes a line and ends. It holds no pairs and writes nothing:
/// ``SourceStream`` carries its actions out. A new rule for the end of a block is a new state or a new way out of one.
struct BlockMachine {
  /// Body-lines and bytes that a block may have.
  let limits: BlockLimits
  var state = BlockState.idle
  /// A foreign line left a block that no marker claimed cut short. Two writers may be at work, so no later block is claimed.
  var claimsNothing = false

  init(limits: BlockLimits) {
    self.limits = limits
  }

  /// Whether a block is open.
  var hasBlock: Bool { state.hasBlock }

  /// Whether the end of a record can matter to the block.
  var heedsRecordEnd: Bool { state.heedsRecordEnd }

  /// Whether a block is open on a stream of Airflow 3 whose lines come late.
  var isLate: Bool { state.block?.isLate ?? false }

  /// Whether no block is open and the stream's last line was a block's.
  var isBehindBlock: Bool { state.isBehindBlock }

  /// Whether lines are collected that may be an object.
  var isCollecting: Bool { state.isCollecting }

  /// Whether the line before was the block's, so that the next one may be the rest of it.
  var isBehindBodyLine: Bool {
    switch state {
    case .open, .awaitingRecord: true
    case .claimed(_, let claim): claim.isBehindBodyLine
    case .idle, .behindBlock, .suspended, .undecided, .collecting: false
    }
  }

  /// Whether a line of a record may hold the rest of the value before it. One of a record that interrupts the block does not, unless the
  /// block's writer logs at such a level.
  func mayHoldRest(in record: BlockRecord) -> Bool {
    guard isBehindBodyLine, let block = state.block else { return false }
    return !record.interrupts || block.isGrave || record.number == block.headerRecord
      || record.number == block.lastRecord
  }

  /// Whether a line makes the lines that are collected an object.
  func isObjectCompleted(by text: Span<UInt8>) -> Bool { state.object?.isCompleted(by: text) ?? false }

  // MARK: Lines

  /// A message line came.
  mutating func lineCame(_ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord) -> [BlockAction] {
    switch state {
    case .idle, .behindBlock:
      return lineCameOutside(line, in: record)
    case .open(let block), .awaitingRecord(let block):
      return block.lastRecord == record.number
        ? lineCame(line, text, in: record, inside: block)
        : firstLineCame(line, text, in: record, behind: block)
    case .suspended(let block, let suspension):
      return lineCame(line, text, in: record, behind: suspension, of: block)
    case .undecided(let block, let lookahead):
      return lineCame(line, text, in: record, behind: lookahead, of: block)
    case .claimed(let block, let claim):
      return lineCame(line, text, in: record, under: claim, of: block)
    case .collecting:
      return lineCameWhileCollecting(line, text, in: record)
    }
  }

  /// A blank line came. It counts where lines are counted.
  mutating func blankCame() -> [BlockAction] {
    switch state {
    case .undecided(let block, var lookahead):
      lookahead.takeBlank()
      return goOn(lookahead, of: block)
    case .suspended(let block, var suspension):
      suspension.lookahead.takeBlank()
      state = .suspended(block, suspension)
      return .nothing
    case .collecting(let object, let block, .undecided(var lookahead)):
      lookahead.takeBlank()
      if lookahead.isFull { return goOn(lookahead, of: block) }
      state = .collecting(object, in: block, after: .undecided(lookahead))
      return .nothing
    case .idle, .behindBlock, .open, .awaitingRecord, .claimed, .collecting: return .nothing
    }
  }

  /// A line came while no block is open.
  mutating func lineCameOutside(_ line: BlockLine, in record: BlockRecord) -> [BlockAction] {
    switch line.kind {
    case .header:
      state = .open(BlockProgress(header: line, in: record))
      return .begin
    case .endMarker:
      return state.isBehindBlock ? .nothing : [.report(.orphanEnd)]
    case .nearMiss:
      state = .idle
      return line.isGlued ? .nothing : [.report(.unrecognisedHeader)]
    case .rule, .section, .pairs, .object, .objectStart, .token, .separated, .title, .unread, .other:
      state = .idle
      return .nothing
    }
  }

  /// A line came in a record from which the block has taken no line yet. It may show that the block ended with its own
  /// record.
  private mutating func firstLineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, behind before: BlockProgress
  ) -> [BlockAction] {
    var block = before
    // Nothing is read of such a line, so it does not settle whether a value is missing before it.
    if line.kind == .unread, !block.isInHeaderRecord {
      return lineCame(line, text, in: record, inside: block)
    }
    if line.kind == .objectStart, block.isInHeaderRecord, record.isPrint {
      var object = CollectedObject(text, at: line.position, in: record)
      object.cut = line.cut
      state = .collecting(object, in: block, after: .awaitingRecord)
      return .nothing
    }
    if block.awaitsValue, record.isPrint, line.mayBeRestOfPair, !line.isGrouped, Self.isToken(text) {
      guard block.hasRoom(for: text, within: limits) else {
        return breakLimit(text, at: line.position, of: block)
      }
      block.join(text, in: record)
      state = .open(block)
      return [.join]
    }
    block.awaitsValue = false
    guard block.isInHeaderRecord, !(record.isPrint && line.continuesBlock(with: block.keys)) else {
      return lineCame(line, text, in: record, inside: block)
    }
    return lineCame(line, text, in: record, behindRecordOf: block)
  }

  /// A line came that an open block takes, or that ends the block.
  mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, inside before: BlockProgress
  ) -> [BlockAction] {
    var block = before
    switch line.kind {
    case .section, .pairs, .object:
      guard block.hasRoom(forLine: text, within: limits) else {
        return breakLimit(text, at: line.position, of: block)
      }
      block.take(line, text, in: record)
      state = .open(block)
      return .take
    case .unread:
      block.touch(record)
      state = .open(block)
      return [.skip(.lineTooLong)]
    case .objectStart:
      var object = CollectedObject(text, at: line.position, in: record)
      object.cut = line.cut
      state = .collecting(object, in: block, after: .open)
      return .nothing
    case .header:
      state = .open(BlockProgress(header: line, in: record))
      let ending = block.ending(.newHeader)
      return [block.headerRecord == record.number ? .end(ending) : .holdBack(ending), .begin]
    case .endMarker:
      return .end(end(block, .explicit))
    case .rule where line.isRule:
      if block.lines > 0 { return .end(end(block, .explicit)) }
      state = .open(block)
      return [.passBanner]
    case .nearMiss:
      // Nothing is looked at behind a near-miss header.
      let cut: [BlockAction] = line.cut == .ofJoinedPair ? [.cutValue] : .nothing
      return cut + [.report(.unrecognisedHeader), .end(end(block, .otherLine, behind: .idle))]
    case .rule, .token, .separated, .title, .other:
      return foreignLineCame(line, text, in: record, inside: block)
    }
  }

  /// A line came that is one pair of a key of ours. An open block takes it here if no value is awaited and the line cannot show that the
  /// block ended with its own record, as ``lineCame(_:_:in:)`` would.
  /// - Returns: Whether the block has taken it.
  mutating func takesPair(_ name: KeyName, byteCount: Int, in record: Int, isGrave: Bool) -> Bool {
    guard case .open(var block) = state, !block.awaitsValue,
      block.lastRecord == record || !block.isInHeaderRecord,
      block.hasRoom(forLineOf: byteCount, within: limits)
    else { return false }
    block.take(name, byteCount: byteCount, in: record, isGrave: isGrave)
    state = .open(block)
    return true
  }

  /// How far a block has come that takes lines of further records, and awaits no value. Nil where it is not so, or no block is open.
  var progressOfLaterRecords: BlockProgress? {
    guard case .open(let block) = state, !block.awaitsValue, !block.isInHeaderRecord else { return nil }
    return block
  }

  /// That block has taken lines.
  mutating func goOn(with block: BlockProgress) { state = .open(block) }

  // MARK: Other events

  /// The structured header that came last has keys of its own, as many bytes of them as this. They are the whole block.
  mutating func ownKeysCame(byteCount: Int, _ header: Span<UInt8>, at position: LogPosition) -> [BlockAction]
  {
    guard let block = state.block else { return .nothing }
    // The keys are one body-line, as long as the pairs of logfmt that say the same.
    if byteCount > limits.bytes { return breakLimit(header, at: position, of: block) }
    return [.takeOwnKeys, .end(end(block, .recordEnd))]
  }

  /// A log record ended, and with it a block that lies in it. The stream's next record decides whether a print goes on, and
  /// whether the block was cut.
  mutating func recordEnded(_ record: BlockRecord) -> [BlockAction] {
    switch state {
    case .open(let block) where block.isInHeaderRecord && block.lastRecord == record.number:
      state = .awaitingRecord(block)
      return .nothing
    case .undecided(let block, let lookahead)
    where lookahead.isOver(behind: record):
      return decide(lookahead, of: block)
    case .idle, .behindBlock, .open, .awaitingRecord, .suspended, .undecided, .claimed, .collecting:
      return .nothing
    }
  }

  /// A failure line of the block's task instance came. Streams of Airflow 3 whose lines come late are not ended by it.
  mutating func failureTold() -> [BlockAction] {
    guard let block = state.block, !block.isLate else { return .nothing }
    if case .undecided(_, let lookahead) = state { return decide(lookahead, of: block) }
    if case .suspended(_, let suspension) = state {
      return endSuspended(block, behind: suspension, .failure, isIncomplete: true)
    }
    return block.extent == .headerRecord
      ? [.end(end(block, .recordEnd))] : [.end(end(block, .failure, isIncomplete: true))]
  }

  /// Too many blocks are open, and this one is the oldest.
  mutating func roomNeeded() -> [BlockAction] {
    guard let block = state.block else { return .nothing }
    if case .undecided(_, let lookahead) = state { return decide(lookahead, of: block) }
    if case .suspended(_, let suspension) = state {
      return endSuspended(block, behind: suspension, .limit, isIncomplete: false)
    }
    return [.end(end(block, state.isRecordEnded ? .recordEnd : .limit))]
  }

  /// The log ended.
  /// - Parameters:
  ///   - isWhole: Whether the log is known to be neither cut nor damaged.
  ///   - sawFailure: Whether the log has a failure line. Lines of a late stream may then be missing.
  /// - Returns: How an open block ends.
  mutating func inputEnded(isWhole: Bool, sawFailure: Bool) -> [BlockAction] {
    guard let block = state.block else { return .nothing }
    if case .undecided(_, let lookahead) = state { return decide(lookahead, of: block) }
    if block.extent == .headerRecord, isWhole || state.isRecordEnded { return [.end(end(block, .recordEnd))] }
    let isIncomplete = !isWhole || (block.isLate && sawFailure)
    if case .suspended(_, let suspension) = state {
      return endSuspended(block, behind: suspension, .endOfInput, isIncomplete: isIncomplete)
    }
    return [.end(end(block, .endOfInput, isIncomplete: isIncomplete))]
  }

  /// Nothing came that resumes the block. It counts as open, and known keys among the interrupting lines show what they show behind
  /// any foreign line.
  private mutating func endSuspended(
    _ before: BlockProgress, behind suspension: BlockSuspension, _ ending: BlockEnd, isIncomplete: Bool
  ) -> [BlockAction] {
    var (block, lookahead) = (before, suspension.lookahead)
    block.isCutShort = lookahead.isCutShort
    let cut: [BlockAction] = lookahead.settleText() ? [.cutValue] : .nothing
    return cut + [.end(end(block, ending, isIncomplete: isIncomplete))]
  }

  /// Ends the block.
  mutating func end(
    _ block: BlockProgress, _ end: BlockEnd, isIncomplete: Bool = false,
    behind next: BlockState = .behindBlock
  ) -> BlockEnding {
    state = next
    return block.ending(end, isIncomplete: isIncomplete)
  }

  /// Ends the block because a line would make it longer than a block may be.
  mutating func breakLimit(
    _ text: Span<UInt8>, at position: LogPosition, of block: BlockProgress
  ) -> [BlockAction] {
    [.note(.blockTooLong, LinePlace(text, at: position)), .end(end(block, .limit, behind: .idle))]
  }

  /// One word without a quote before it: what a flush may have cut off a pair.
  private static func isToken(_ text: Span<UInt8>) -> Bool {
    for index in 0..<text.count where text[index].isBlank { return false }
    return text[0] != UInt8(ascii: "\"")
  }
}

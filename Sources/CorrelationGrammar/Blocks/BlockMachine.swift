import LogModel

/// The state of one source stream's block: events in, actions out (1-correlation-data, Grammar; 2-log-envelopes,
/// Headers in messages).
///
/// Only the machine says when a block begins, takes a line and ends. It holds no pairs and writes nothing:
/// ``SourceStream`` carries its actions out. A new rule for the end of a block is a new state or a new way out of one.
struct BlockMachine {
  /// Body-lines and bytes that a block may have.
  private let limits: BlockLimits
  private var state = BlockState.idle

  init(limits: BlockLimits) {
    self.limits = limits
  }

  /// Whether a block is open.
  var hasBlock: Bool { state.block != nil }

  /// Whether no block is open and the stream's last line was a block's.
  var isBehindBlock: Bool { state.isBehindBlock }

  /// Whether lines are kept that may be an object. A record that ends breaks the object first.
  var isCollecting: Bool { state.isCollecting }

  /// Whether a line makes the lines that are kept an object.
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
    case .collecting(var object, let block, let before):
      // The state lets go of the object, so that the object grows in place.
      state = .idle
      object.append(text, at: line.position)
      state = .collecting(object, in: block, after: before)
      return objectGrew(by: text, in: record)
    }
  }

  /// A line came while no block is open.
  private mutating func lineCameOutside(_ line: BlockLine, in record: BlockRecord) -> [BlockAction] {
    switch line.kind {
    case .header:
      state = .open(BlockProgress(header: line, in: record))
      return .begin
    case .endMarker:
      return state.isBehindBlock ? .nothing : [.report(.orphanEnd)]
    case .nearMiss:
      state = .idle
      return [.report(.unrecognisedHeader)]
    case .rule, .section, .pairs, .object, .objectStart, .unread, .other:
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
    if line.kind == .objectStart, block.isInHeaderRecord {
      state = .collecting(CollectedObject(text, at: line.position), in: block, after: .awaitingRecord)
      return .nothing
    }
    if block.awaitsValue, record.isPrint, line.kind == .other || line.kind == .unread, Self.isToken(text) {
      guard block.hasRoom(for: text, within: limits) else {
        return breakLimit(text, at: line.position, of: block)
      }
      block.join(text, in: record)
      state = .open(block)
      return [.join]
    }
    block.awaitsValue = false
    guard block.isInHeaderRecord, !line.continuesBlock(with: block.keys) else {
      return lineCame(line, text, in: record, inside: block)
    }
    return [.end(end(block, .recordEnd))] + lineCameOutside(line, in: record)
  }

  /// A line came that an open block takes, or that ends the block.
  private mutating func lineCame(
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
      state = .collecting(CollectedObject(text, at: line.position), in: block, after: .open)
      return .nothing
    case .header:
      state = .open(BlockProgress(header: line, in: record))
      let ending = block.ending(.newHeader)
      return [block.headerRecord == record.number ? .end(ending) : .holdBack(ending), .begin]
    case .endMarker:
      return [.end(end(block, .explicit))]
    case .rule where block.lines == 0:
      state = .open(block)
      return [.noteStyle(.banner)]
    case .rule(let count) where count >= 3:
      return [.end(end(block, .explicit))]
    case .nearMiss:
      return [.report(.unrecognisedHeader)]
        + foreignLineCame(text, at: line.position, in: record, inside: block)
    case .rule, .other:
      return foreignLineCame(text, at: line.position, in: record, inside: block)
    }
  }

  /// A line came that no body can have. As a part of a record of WARNING or above it suspends the block, if that record
  /// has fed the block nothing; otherwise it ends the block.
  private mutating func foreignLineCame(
    _ text: Span<UInt8>, at position: LogPosition, in record: BlockRecord, inside block: BlockProgress
  ) -> [BlockAction] {
    if record.interrupts, record.number != block.headerRecord, record.number != block.lastRecord {
      state = .suspended(block, BlockSuspension(place: LinePlace(text, at: position), record: record.number))
      return .nothing
    }
    return [.end(end(block, .otherLine, behind: .idle))]
  }

  /// A line came behind an interruption. The end marker, or keys of ours that are new to the block, resume it; a further
  /// grave record prolongs the suspension; anything else shows that the block had ended before.
  private mutating func lineCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord, behind suspension: BlockSuspension,
    of before: BlockProgress
  ) -> [BlockAction] {
    let isInterruption = record.number == suspension.record
    if !isInterruption {
      if line.kind == .objectStart {
        state = .collecting(
          CollectedObject(text, at: line.position), in: before, after: .suspended(suspension))
        return .nothing
      }
      if before.isResumed(by: line) {
        var block = before
        block.lastRecord = record.number
        return [.note(.interrupted, suspension.place)] + lineCame(line, text, in: record, inside: block)
      }
    }
    // Only with its first line can a record resume the block; the rest of a grave one prolongs.
    if line.kind != .header, isInterruption || record.isWarning {
      state = .suspended(before, BlockSuspension(place: suspension.place, record: record.number))
      return line.kind == .nearMiss ? [.report(.unrecognisedHeader)] : .nothing
    }
    return [.end(end(before, .otherLine, behind: .idle))] + lineCameOutside(line, in: record)
  }

  // MARK: Objects over several lines

  /// A further line of what may be an object came and is kept.
  private mutating func objectGrew(by text: Span<UInt8>, in record: BlockRecord) -> [BlockAction] {
    guard case .collecting(let object, let block, let before) = state else { return .nothing }
    // No line of an object begins so. What came, headers perhaps, is not to wait for the record's end.
    if text[0] == UInt8(ascii: "=") { return objectBroke(in: record) }
    if text[text.count - 1] == UInt8(ascii: "}"), let body = object.body {
      return objectCame(object, body, in: record, of: block, before)
    }
    return object.text.count > limits.bytes ? objectBroke(in: record) : .nothing
  }

  /// The lines are an object.
  private mutating func objectCame(
    _ object: CollectedObject, _ body: JSONBody, in record: BlockRecord, of progress: BlockProgress,
    _ before: BlockState.BeforeObject
  ) -> [BlockAction] {
    var block = progress
    let keys = LineKeys(body.pairs, isPrint: record.isPrint)
    var actions: [BlockAction] = .nothing
    switch before {
    case .open: break
    case .awaitingRecord:
      guard keys.areNew(to: block.keys) else { return objectBroke(in: record) }
    case .suspended(let suspension):
      guard keys.areNew(to: block.keys) else { return objectBroke(in: record) }
      actions.append(.note(.interrupted, suspension.place))
    }
    guard block.hasRoom(forLine: object.text.span, within: limits) else {
      return actions + breakLimit(object.text.span, at: object.position, of: block)
    }
    block.take(BlockLine(kind: .object, position: object.position, keys: keys), object.text.span, in: record)
    state = .open(block)
    return actions + [.takeObject(object, body)]
  }

  /// The lines are no object. The first one is foreign; the others are read again.
  mutating func objectBroke(in record: BlockRecord) -> [BlockAction] {
    guard case .collecting(let object, let block, let before) = state else { return .nothing }
    let first = object.lines[0]
    let readAgain = BlockAction.readAgain(Array(object.lines.dropFirst()))
    switch before {
    case .open:
      return foreignLineCame(first.text.span, at: first.position, in: record, inside: block) + [readAgain]
    case .awaitingRecord:
      return [.end(end(block, .recordEnd, behind: .idle)), readAgain]
    case .suspended(let suspension):
      state = .suspended(block, suspension)
      let line = BlockLine(kind: .other, position: first.position)
      return lineCame(line, first.text.span, in: record) + [readAgain]
    }
  }

  // MARK: Other events

  /// The last line of the log came, and may be cut: a header, an end marker, or a line that begins with a key. Nothing is
  /// read from it.
  mutating func cutLineCame(_ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord) -> [BlockAction] {
    switch line.kind {
    case .header: lineCame(line, text, in: record)
    case .endMarker: cutEndMarkerCame(line, text, in: record)
    case .pairs, .unread: cutPairCame(line, in: record)
    case .nearMiss, .rule, .section, .object, .objectStart, .other: .nothing
    }
  }

  private mutating func cutEndMarkerCame(
    _ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord
  ) -> [BlockAction] {
    switch state {
    case .idle, .behindBlock, .collecting: .nothing
    case .suspended(let block, let suspension) where suspension.record == record.number:
      [.end(end(block, .explicit))]
    case .open, .awaitingRecord, .suspended: lineCame(line, text, in: record)
    }
  }

  /// A line came that may be cut and begins with a key. Where the line is the block's, what the key says is not known.
  private func cutPairCame(_ line: BlockLine, in record: BlockRecord) -> [BlockAction] {
    switch state {
    case .open(let block), .awaitingRecord(let block):
      let isBlocks =
        !block.isInHeaderRecord || block.lastRecord == record.number || line.continuesBlock(with: block.keys)
      return isBlocks ? [.skip(.incompleteBlock)] : .nothing
    case .idle, .behindBlock, .suspended, .collecting: return .nothing
    }
  }

  /// The structured header that came last has keys of its own, as many bytes of them as this. They are the whole block.
  mutating func ownKeysCame(byteCount: Int, _ header: Span<UInt8>, at position: LogPosition) -> [BlockAction]
  {
    guard let block = state.block else { return .nothing }
    // The keys are one body-line, as long as the pairs of logfmt that say the same.
    if byteCount > limits.bytes { return breakLimit(header, at: position, of: block) }
    return [.takeOwnKeys, .end(end(block, .recordEnd))]
  }

  /// A log record ended. A block in its header's record ends with it; a print may be one of several writes, so there the
  /// stream's next record decides.
  mutating func recordEnded(_ record: BlockRecord) -> BlockEnding? {
    guard case .open(let block) = state, block.isInHeaderRecord, block.lastRecord == record.number else {
      return nil
    }
    guard record.isPrint else { return end(block, .recordEnd) }
    state = .awaitingRecord(block)
    return nil
  }

  /// A failure line of the block's task instance came. Streams of Airflow 3 whose lines come late are not ended by it.
  mutating func failureTold() -> BlockEnding? {
    guard let block = state.block, !block.isLate else { return nil }
    return block.extent == .headerRecord ? end(block, .recordEnd) : end(block, .failure, isIncomplete: true)
  }

  /// Too many blocks are open, and this one is the oldest.
  mutating func roomNeeded() -> BlockEnding? {
    state.block.map { end($0, .limit) }
  }

  /// The log ended.
  /// - Parameters:
  ///   - isWhole: Whether the log is known to be neither cut nor damaged.
  ///   - sawFailure: Whether the log has a failure line. Lines of a late stream may then be missing.
  /// - Returns: How the block ends; nil where none is open.
  mutating func inputEnded(isWhole: Bool, sawFailure: Bool) -> BlockEnding? {
    guard let block = state.block else { return nil }
    if block.extent == .headerRecord, isWhole || state.isRecordEnded { return end(block, .recordEnd) }
    return end(block, .endOfInput, isIncomplete: !isWhole || (block.isLate && sawFailure))
  }

  /// Ends the block.
  private mutating func end(
    _ block: BlockProgress, _ end: BlockEnd, isIncomplete: Bool = false,
    behind next: BlockState = .behindBlock
  ) -> BlockEnding {
    state = next
    return block.ending(end, isIncomplete: isIncomplete)
  }

  /// Ends the block because a line would make it longer than a block may be.
  private mutating func breakLimit(
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

/// One source stream of a log and the block that is open in it (page 2: one open block per source stream).
///
/// The machine of page 1's *How a block ended*: message lines in, records out. Lines come trimmed and without
/// escape sequences.
struct SourceStream {
  /// The open block, if there is one.
  private(set) var open: OpenBlock?
  /// A block that a header of another record cut: whether two writers interleave shows when the next one ends.
  private var held: OpenBlock?
  /// Two writers were found on this stream; from then on only blocks of one record can be trusted.
  private var isInterleaved = false
  /// The last line was a block's: an end marker now is late, not an orphan.
  private var followsBlock = false
  private var pendingJSON = PendingJSON()
  private var pairs: [LoggedPair] = []

  /// No block is open, and the last line was a block's.
  var isWatched: Bool { open == nil && followsBlock }
  /// The open block, the one waiting with it, or neither.
  var unfinishedBlocks: [BlockMark] { [held?.mark, open?.mark].compactMap(\.self) }

  /// Takes one message line.
  mutating func take(
    _ text: Span<UInt8>, at position: LogPosition, isOverlong: Bool, in context: LogRecordContext,
    _ state: inout ScanState
  ) {
    guard !text.isEmpty else { return }
    if pendingJSON.isPending {
      continueJSON(text, at: position, context, &state)
      return
    }
    if isOverlong || text.count > state.limits.blockBytes {
      takeOverlong(text, at: position, context, &state)
      return
    }
    let line = MessageLine(text, pairs: &pairs)
    if crossRecord(text, line, at: position, context, &state) { return }
    apply(line, text, at: position, context, &state)
  }

  /// A last line that may be cut: nothing is read from it (page 1). Only a header or a full end marker still
  /// says where a block ends.
  mutating func takeCut(
    _ text: Span<UInt8>, at position: LogPosition, in context: LogRecordContext, _ state: inout ScanState
  ) {
    guard !text.isEmpty else { return }
    if pendingJSON.completes(with: text) || (open != nil && JSONBody(text) != nil) {
      // A JSON value that parses whole is not cut.
      take(text, at: position, isOverlong: false, in: context, &state)
      return
    }
    if pendingJSON.isPending { abandonJSON(context, &state) }
    switch MessageLine(text, pairs: &pairs) {
    case .header(let version, let start):
      let key = start == nil ? nil : pairs.first?.key
      header(version: version, hasPairs: false, text, at: position, context, &state)
      if let key { reportCut(text, key, at: position) }
    case .endMarker:
      if open != nil { close(.explicit, &state) }
    default:
      guard let block = open, block.suspension == nil,
        block.shape != .inHeaderRecord || block.lastRecord == context.number,
        let key = MessageLine.keyOfCutLine(text)
      else { return }
      reportCut(text, key, at: position)
    }
  }

  private mutating func reportCut(_ text: Span<UInt8>, _ key: Range<Int>, at position: LogPosition) {
    let name: String =
      switch KeyName(text, in: key) {
      case .field(let field): field.name
      case .gates: "gates"
      case .deltaF1: "delta_f1"
      case .event, .extra: text.text(in: key).text
      }
    open?.issues.append(
      GrammarIssue(
        kind: .incompleteBlock, key: name, line: position.line, offset: position.offset,
        raw: text.rawText(in: MessageLine.valueOfCutLine(text, after: key))))
    open?.hasUnreadLine = true
  }

  // MARK: Record boundaries

  /// Decides what a line of another record than the block's last one means for it. Gives true when the line is
  /// used up.
  private mutating func crossRecord(
    _ text: Span<UInt8>, _ line: MessageLine, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) -> Bool {
    guard let block = open, block.lastRecord != context.number else { return false }
    if block.suspension != nil { return crossSuspension(text, line, at: position, context, &state) }
    if block.awaitsValue, context.isPrint, line == .other, Self.isToken(text) {
      guard admit(text, at: position, &state) else { return true }
      open?.join(text, record: context.number)
      touch(context)
      return true
    }
    if block.shape == .inHeaderRecord, !isContinued(by: line, text) { close(.recordEnd, &state) }
    return false
  }

  /// A block suspended by a record of WARNING or above resumes with the end marker or with known keys that are
  /// new to it; further grave records prolong the suspension; anything else shows that it had ended before.
  private mutating func crossSuspension(
    _ text: Span<UInt8>, _ line: MessageLine, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) -> Bool {
    guard let suspension = open?.suspension else { return false }
    if case .header = line {
      close(.otherLine, &state)
      return false
    }
    let isInterruption = context.number == suspension.record
    if !isInterruption, resumes(with: line, text) {
      open?.issues.append(
        GrammarIssue(
          kind: .interrupted, line: suspension.position.line, offset: suspension.position.offset,
          raw: suspension.raw))
      open?.suspension = nil
      return false
    }
    if isInterruption || context.isWarning {
      // Only with its first line can a record resume the block; the rest of a grave one prolongs.
      open?.suspension?.record = context.number
      if line == .nearMiss { state.report(.unrecognisedHeader, text, at: position) }
      return true
    }
    close(.otherLine, &state)
    followsBlock = false
    return false
  }

  private func resumes(with line: MessageLine, _ text: Span<UInt8>) -> Bool {
    switch line {
    case .endMarker: true
    case .rule(let count): count >= 3 && (open?.bodyLines ?? 0) > 0
    case .pairs, .json: isContinued(by: line, text)
    case .blank, .header, .nearMiss, .section, .other: false
    }
  }

  private func isContinued(by line: MessageLine, _ text: Span<UInt8>) -> Bool {
    guard let block = open else { return false }
    switch line {
    case .pairs: return block.isContinued(by: pairs)
    case .json: return JSONBody(text).map { block.isContinued(by: $0.pairs) } ?? false
    default: return false
    }
  }

  /// A log record has ended: a block in its header's record ends with it. A print may be one of several writes,
  /// so there the next record of the stream decides.
  mutating func endRecord(_ context: LogRecordContext, _ state: inout ScanState) {
    if pendingJSON.isPending, pendingJSON.record == context.number { abandonJSON(context, &state) }
    guard let block = open, block.shape == .inHeaderRecord, block.lastRecord == context.number else { return }
    if context.isPrint {
      open?.isRecordEnded = true
    } else {
      close(.recordEnd, &state)
    }
  }

  // MARK: Lines

  private mutating func apply(
    _ line: MessageLine, _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) {
    if case .header(let version, let start) = line {
      header(version: version, hasPairs: start != nil, text, at: position, context, &state)
      return
    }
    if line == .nearMiss { state.report(.unrecognisedHeader, text, at: position) }
    guard let block = open else {
      if line == .endMarker {
        if !followsBlock { state.report(.orphanEnd, text, at: position) }
      } else {
        followsBlock = false
      }
      return
    }
    switch line {
    case .endMarker:
      close(.explicit, &state)
    case .rule(let count):
      if block.bodyLines > 0 {
        if count >= 3 { close(.explicit, &state) } else { endBody(text, at: position, context, &state) }
      }
    case .section, .pairs:
      guard admit(text, at: position, &state) else { return }
      touch(context)
      if line == .pairs { open?.take(pairs, of: text, at: position, record: context.number) }
    case .json:
      beginJSON(text, at: position, context, &state)
    case .blank, .header: break
    case .nearMiss, .other:
      endBody(text, at: position, context, &state)
    }
  }

  /// Whether the block's limits admit one more body-line; if not, the block ends.
  private mutating func admit(_ text: Span<UInt8>, at position: LogPosition, _ state: inout ScanState) -> Bool
  {
    guard let block = open else { return false }
    if block.bodyLines < state.limits.blockLines, block.bodyBytes + text.count < state.limits.blockBytes {
      open?.countBodyLine(text)
      return true
    }
    open?.issues.append(
      GrammarIssue(
        kind: .blockTooLong, line: position.line, offset: position.offset,
        raw: text.rawText(in: 0..<text.count)))
    close(.limit, &state)
    followsBlock = false
    return false
  }

  private mutating func touch(_ context: LogRecordContext) {
    guard let block = open else { return }
    if block.shape == .headerOnly {
      open?.shape = context.number == block.headerRecord ? .inHeaderRecord : .acrossRecords
    }
    if context.number != block.headerRecord { open?.spansRecords = true }
    open?.lastRecord = context.number
    open?.isRecordEnded = false
  }

  /// A line that is no body-line: it ends the block, or, as part of a record of WARNING or above, suspends it.
  private mutating func endBody(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    guard let block = open else { return }
    // A record that has fed the block is no interruption of it.
    if context.isWarning, !context.isStandardStream, context.number != block.headerRecord,
      context.number != block.lastRecord
    {
      open?.suspension = OpenBlock.Suspension(
        position: position, raw: text.rawText(in: 0..<text.count), record: context.number)
      return
    }
    close(.otherLine, &state)
    followsBlock = false
  }

  private mutating func takeOverlong(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    let head = text.extracting(0..<min(text.count, 4096))
    if let key = MessageLine.keyOfCutLine(head), KeyName(head, in: key).isKnown, let block = open,
      block.suspension == nil, block.shape != .inHeaderRecord || block.lastRecord == context.number
    {
      let name =
        switch KeyName(head, in: key) {
        case .field(let field): field.name
        default: head.text(in: key).text
        }
      open?.issues.append(
        GrammarIssue(
          kind: .lineTooLong, key: name, line: position.line, offset: position.offset,
          raw: text.rawText(in: MessageLine.valueOfCutLine(head, after: key))))
      open?.hasUnreadLine = true
      touch(context)
      return
    }
    var line = MessageLine(head, pairs: &pairs)
    if case .header = line { line = .nearMiss }
    if line != .nearMiss { line = .other }
    if crossRecord(text, line, at: position, context, &state) { return }
    apply(line, text, at: position, context, &state)
  }

  // MARK: Headers and ends

  private mutating func header(
    version: Int, hasPairs: Bool, _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) {
    if let block = open {
      close(.newHeader, isCut: block.lastRecord != context.number, &state)
    }
    var block = OpenBlock(
      number: state.numberBlock(), position: position, version: version, header: text, context: context,
      isDamaged: state.isLineDamaged)
    state.noteHeader(block.mark)
    if hasPairs {
      block.take(pairs, of: text, at: position, record: context.number)
      block.bodyHash.add(text)
    }
    open = block
    followsBlock = false
    state.openCount += 1
  }

  /// A structured header of Airflow 3: the record's own keys are the block, complete in itself.
  mutating func takeStructuredHeader(
    _ line: Span<UInt8>, event: Span<UInt8>, at position: LogPosition, in context: LogRecordContext,
    _ state: inout ScanState
  ) {
    guard case .header(let version, let start) = MessageLine(event, pairs: &pairs) else { return }
    let headerLine = MessageLine.header(version: version, pairs: start)
    if crossRecord(event, headerLine, at: position, context, &state) { return }
    header(version: version, hasPairs: start != nil, event, at: position, context, &state)
    let body = JSONBody(structuredHeader: line)
    open?.take(body.pairs, of: body.text.span, at: position, record: context.number)
    open?.countBodyLine(body.text.span)
    close(.recordEnd, &state)
  }

  /// A failure line of the block's task instance.
  mutating func fail(_ state: inout ScanState) {
    guard let block = open else { return }
    if block.shape == .inHeaderRecord, !block.spansRecords {
      close(.recordEnd, &state)
    } else {
      close(.failure, isIncomplete: true, &state)
    }
  }

  /// Too many blocks are open; this one is the oldest.
  mutating func giveWay(_ state: inout ScanState) {
    close(.limit, &state)
  }

  /// The input has ended. `isIncomplete`: the log is known to be damaged, or, for a late stream, to have a
  /// failure line.
  mutating func finish(isWhole: Bool, sawFailure: Bool, _ state: inout ScanState) {
    guard let block = open else { return }
    if block.shape == .inHeaderRecord, !block.spansRecords, isWhole || block.isRecordEnded {
      close(.recordEnd, &state)
    } else {
      close(.endOfInput, isIncomplete: !isWhole || (block.isLate && sawFailure), &state)
    }
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    open?.isDamaged = true
    held?.isDamaged = true
  }

  /// Ends the open block. One that a header of another record cut is held until the next one's end.
  private mutating func close(
    _ end: BlockEnd, isCut: Bool = false, isIncomplete: Bool = false, _ state: inout ScanState
  ) {
    guard var block = open else { return }
    open = nil
    pendingJSON.clear()
    state.openCount -= 1
    followsBlock = true
    if isInterleaved, block.spansRecords { block.isInterleaved = true }
    if var cut = held {
      held = nil
      if !Interleaving.areSequential(cut, block) {
        cut.isInterleaved = true
        block.isInterleaved = true
      }
      if cut.isInterleaved { isInterleaved = true }
      state.emit(cut, end: .newHeader, isIncomplete: false)
    }
    if block.isInterleaved { isInterleaved = true }
    if isCut {
      held = block
    } else {
      state.emit(block, end: end, isIncomplete: isIncomplete)
    }
  }

  // MARK: JSON bodies

  private mutating func beginJSON(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    if let body = JSONBody(text) {
      guard admit(text, at: position, &state) else { return }
      touch(context)
      open?.take(body.pairs, of: body.text.span, at: position, record: context.number)
    } else {
      pendingJSON.begin(text, at: position, record: context.number)
    }
  }

  private mutating func continueJSON(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    pendingJSON.append(text, at: position)
    if text[text.count - 1] == UInt8(ascii: "}"), let body = JSONBody(pendingJSON.text.span) {
      let lines = pendingJSON.takeLines()
      for line in lines {
        guard admit(line.text.span, at: line.position, &state) else { return }
      }
      touch(context)
      open?.take(body.pairs, of: body.text.span, at: lines[0].position, record: context.number)
    } else if pendingJSON.lineCount > state.limits.blockLines
      || pendingJSON.text.count > state.limits.blockBytes
    {
      abandonJSON(context, &state)
    }
  }

  /// The lines were no object after all: the first ends the block as any other line does, and the rest is read
  /// again as what it is.
  private mutating func abandonJSON(_ context: LogRecordContext, _ state: inout ScanState) {
    let lines = pendingJSON.takeLines()
    for (index, line) in lines.enumerated() {
      if index == 0 {
        endBody(line.text.span, at: line.position, context, &state)
      } else {
        take(line.text.span, at: line.position, isOverlong: false, in: context, &state)
      }
    }
  }

  /// One word: what a flush may have cut off a pair.
  private static func isToken(_ text: Span<UInt8>) -> Bool {
    for index in 0..<text.count where text[index].isBlank { return false }
    return text[0] != UInt8(ascii: "\"")
  }
}

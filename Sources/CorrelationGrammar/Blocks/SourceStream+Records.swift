import LogModel

/// What the boundaries between log records mean for a block (2-log-envelopes, Records of a block;
/// 1-correlation-data, Suspension).
extension SourceStream {
  /// Decides what a line of another record than the block's last one means for it. Gives true when the line is
  /// used up.
  mutating func crossRecord(
    _ text: Span<UInt8>, _ line: MessageLine, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) -> Bool {
    guard let lastRecord = open?.lastRecord, lastRecord != context.number else { return false }
    if line == .json, let block = open, mayGoOn(block, context), JSONBody(text) == nil {
      // The object may lie over the lines of its record.
      pendingJSON.begin(text, at: position, record: context.number, decides: true)
      return true
    }
    return decide(text, line, at: position, context, &state)
  }

  /// Whether the record's first line decides if the block goes on.
  private func mayGoOn(_ block: OpenBlock, _ context: LogRecordContext) -> Bool {
    block.suspension.map { $0.record != context.number } ?? (block.shape == .inHeaderRecord)
  }

  /// As ``crossRecord(_:_:at:_:_:)``, for a line that is all there is to decide by.
  mutating func decide(
    _ text: Span<UInt8>, _ line: MessageLine, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) -> Bool {
    guard open != nil else { return false }
    if open?.suspension != nil { return crossSuspension(text, line, at: position, context, &state) }
    if open?.awaitsValue == true, context.isPrint, line == .other, Self.isToken(text) {
      guard admit(text, at: position, isRestOfLine: true, &state) else { return true }
      open?.join(text, record: context.number)
      touch(context)
      return true
    }
    open?.settleAwaitedValue()
    if open?.shape == .inHeaderRecord, !isContinued(by: line, text) { close(.recordEnd, &state) }
    return false
  }

  /// A block suspended by a record of WARNING or above resumes with the end marker or with known keys that are
  /// new to it; further grave records prolong the suspension; anything else shows that it had ended before.
  mutating func crossSuspension(
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
      resume(suspension)
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

  private mutating func resume(_ suspension: OpenBlock.Suspension) {
    open?.issues.append(
      GrammarIssue(
        kind: .interrupted, line: suspension.position.line, offset: suspension.position.offset,
        raw: suspension.raw))
    open?.suspension = nil
  }

  /// Whether the block goes on with an object over the first lines of a record; if it was suspended, it resumes.
  mutating func goesOn(with body: JSONBody) -> Bool {
    guard let block = open, block.isContinued(by: body.pairs) else { return false }
    open?.settleAwaitedValue()
    if let suspension = block.suspension { resume(suspension) }
    return true
  }

  func resumes(with line: MessageLine, _ text: Span<UInt8>) -> Bool {
    switch line {
    case .endMarker: true
    case .rule(let count): count >= 3 && (open?.bodyLines ?? 0) > 0
    case .pairs, .json: isContinued(by: line, text)
    case .blank, .header, .nearMiss, .section, .other: false
    }
  }

  func isContinued(by line: MessageLine, _ text: Span<UInt8>) -> Bool {
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
    // What was behind an unfinished object may begin with another one.
    while pendingJSON.isPending, pendingJSON.record == context.number { abandonJSON(context, &state) }
    guard open?.shape == .inHeaderRecord, open?.lastRecord == context.number else { return }
    if context.isPrint {
      open?.isRecordEnded = true
    } else {
      close(.recordEnd, &state)
    }
  }

  /// One word: what a flush may have cut off a pair.
  static func isToken(_ text: Span<UInt8>) -> Bool {
    for index in 0..<text.count where text[index].isBlank { return false }
    return text[0] != UInt8(ascii: "\"")
  }
}

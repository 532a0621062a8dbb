import LogModel

/// One source stream of a log and the block that is open in it (2-log-envelopes, Headers in messages: one
/// open block per source stream).
///
/// The machine of 1-correlation-data, Grammar: message lines in, records out. Lines come trimmed and without
/// escape sequences.
struct SourceStream {
  /// The open block, if there is one.
  var open: OpenBlock?
  /// A block that a header of another record cut: whether two writers interleave shows when the next one ends.
  var held: OpenBlock?
  /// Two writers were found on this stream; from then on only blocks of one record can be trusted.
  var isInterleaved = false
  /// The last line was a block's: an end marker now is late, not an orphan.
  var followsBlock = false
  var pendingJSON = PendingJSON()
  var pairs: [LoggedPair] = []

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

  mutating func apply(
    _ line: MessageLine, _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) {
    if case .header(let version, let start) = line {
      header(version: version, hasPairs: start != nil, text, at: position, context, &state)
      return
    }
    if line == .nearMiss { state.report(.unrecognisedHeader, text, at: position) }
    // Not `let block = open`: a copy of the block for each line would cost more than the line.
    guard let bodyLines = open?.bodyLines else {
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
      if bodyLines == 0 { note(.banner, text, at: position, state) }
      if bodyLines > 0 {
        if count >= 3 { close(.explicit, &state) } else { endBody(text, at: position, context, &state) }
      }
    case .section, .pairs:
      guard admit(text, at: position, &state) else { return }
      touch(context)
      if state.limits.notesStyle {
        let kinds = line == .section ? [.section] : StyleNote.kinds(of: text, pairs)
        for kind in kinds { note(kind, text, at: position, state) }
      }
      if line == .pairs { open?.take(pairs, of: text, at: position, in: context) }
    case .json:
      beginJSON(text, at: position, context, &state)
    case .blank, .header: break
    case .nearMiss, .other:
      endBody(text, at: position, context, &state)
    }
  }

  /// Says that the open block is not in the strict form, where that is asked for.
  mutating func note(
    _ kind: StyleNote.Kind, _ text: Span<UInt8>, at position: LogPosition, _ state: ScanState
  ) {
    guard state.limits.notesStyle else { return }
    open?.styleNotes.append(StyleNote(kind, text, at: position))
  }

  /// Whether the block's limits admit one more body-line, or the rest of one; if not, the block ends.
  mutating func admit(
    _ text: Span<UInt8>, at position: LogPosition, isRestOfLine: Bool = false, _ state: inout ScanState
  ) -> Bool {
    guard let bodyLines = open?.bodyLines, let bodyBytes = open?.bodyBytes else { return false }
    if isRestOfLine || bodyLines < state.limits.blockLines,
      bodyBytes + text.count < state.limits.blockBytes
    {
      open?.countBodyLine(text, isRestOfLine: isRestOfLine)
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

  mutating func touch(_ context: LogRecordContext) {
    guard let headerRecord = open?.headerRecord else { return }
    if open?.shape == .headerOnly {
      open?.shape = context.number == headerRecord ? .inHeaderRecord : .acrossRecords
    }
    if context.number != headerRecord { open?.spansRecords = true }
    open?.lastRecord = context.number
    open?.isRecordEnded = false
  }

  /// A line that is no body-line: it ends the block, or, as part of a record of WARNING or above, suspends it.
  mutating func endBody(
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
}

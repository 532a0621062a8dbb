import LogModel

/// How blocks begin and end, and what a block's end says about the one before it (1-correlation-data,
/// Interleaving).
extension SourceStream {
  mutating func header(
    version: Int, hasPairs: Bool, _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext,
    _ state: inout ScanState
  ) {
    if let block = open {
      close(.newHeader, isCut: block.headerRecord != context.number, &state)
    }
    var block = OpenBlock(
      number: state.numberBlock(), position: position, version: version, header: text, context: context,
      isDamaged: state.isLineDamaged)
    state.noteHeader(block.mark)
    if hasPairs {
      block.take(pairs, of: text, at: position, in: context)
      block.bodyHash.add(text)
    }
    open = block
    if hasPairs { note(.pairsOnHeader, text, at: position, state) }
    followsBlock = false
    state.openCount += 1
  }

  /// A structured header of Airflow 3: the record's own keys are the block, complete in itself.
  mutating func takeStructuredHeader(
    _ body: JSONBody, event: Span<UInt8>, at position: LogPosition, in context: LogRecordContext,
    _ state: inout ScanState
  ) {
    guard case .header(let version, let start) = MessageLine(event, pairs: &pairs) else { return }
    let headerLine = MessageLine.header(version: version, pairs: start)
    if crossRecord(event, headerLine, at: position, context, &state) { return }
    header(version: version, hasPairs: start != nil, event, at: position, context, &state)
    note(.structuredHeader, event, at: position, state)
    open?.countBodyLine(body.text.span)
    // The keys are one body-line, as long as the pairs of logfmt that say the same.
    if body.text.count > state.limits.blockBytes {
      open?.issues.append(
        GrammarIssue(
          kind: .blockTooLong, line: position.line, offset: position.offset,
          raw: event.rawText(in: 0..<event.count)))
      close(.limit, &state)
      followsBlock = false
    } else {
      open?.take(body.pairs, of: body.text.span, at: position, in: context)
      close(.recordEnd, &state)
    }
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
  mutating func close(
    _ end: BlockEnd, isCut: Bool = false, isIncomplete: Bool = false, _ state: inout ScanState
  ) {
    guard var block = open else { return }
    block.settleAwaitedValue()
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
}

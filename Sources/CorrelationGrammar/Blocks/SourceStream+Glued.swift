import LogModel

/// Lines on which the text of a header or of an end marker is glued to another text (1-correlation-data, Near-miss headers).
extension SourceStream {
  /// Takes such a line. It ends the block, or what is looked at behind the block. What stands before the mark may be cut.
  mutating func take(
    _ text: Span<UInt8>, gluedAt mark: GluedMark, at position: LogPosition, isGrouped: Bool,
    in context: LogRecordContext, _ ledger: inout BlockLedger
  ) {
    let record = BlockRecord(context)
    // The line carries no object on.
    breakObjects(&ledger)
    let before = text.extracting(text.trimmingBlanks(0..<mark.place))
    if !before.isEmpty {
      take(before, before: mark, at: position, isGrouped: isGrouped, in: context, &ledger)
    }
    reading.readAsGlued(text, at: position)
    readBehindBodyLine(text, in: record)
    carryOut(machine.lineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
  }

  /// Takes what stands before the mark: its keys are lost, and it may be the rest of the value before it.
  private mutating func take(
    _ text: Span<UInt8>, before mark: GluedMark, at position: LogPosition, isGrouped: Bool,
    in context: LogRecordContext, _ ledger: inout BlockLedger
  ) {
    let record = BlockRecord(context)
    reading.readBeforeMark(text, at: position, in: record)
    if isGrouped { reading.readAsGrouped() }
    readBehindBodyLine(text, in: record)
    if reading.line.kind == .objectStart {
      // An object that a line ends that cannot carry it on.
      carryOut(machine.lineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
      breakObjects(&ledger)
      return
    }
    if machine.mayHoldRest(in: record), reading.line.cut.isShown(before: mark),
      let issue = block?.body.cutLastValue()
    {
      block?.issues.append(issue)
    }
    carryOut(machine.cutLineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
  }

  /// A line came that may be what is left of a record of this stream, and holds a mark. It begins as an object. `isTold` says whether the line
  /// has been reported, of another stream: it is reported once.
  mutating func takeDamaged(
    _ line: HeldLine, isTold: inout Bool, in context: LogRecordContext, _ ledger: inout BlockLedger
  ) {
    guard machine.hasBlock else { return }
    breakObjects(&ledger)
    let (text, record) = (line.text.span, line.record)
    reading.readAsObjectStart(at: line.position)
    carryOut(machine.lineCame(reading.line, text, in: record), text, of: record, in: context, &ledger)
    breakObjects(&ledger)
    reading.readAsGlued(text, at: line.position)
    let actions = machine.lineCame(reading.line, text, in: record)
    let report = BlockAction.report(.unrecognisedHeader)
    carryOut(isTold ? actions.filter { $0 != report } : actions, text, of: record, in: context, &ledger)
    if actions.contains(report) { isTold = true }
  }
}

extension BlockLine.Cut {
  /// Whether the value before the line was cut, where the line stands before a mark. With an end marker the block goes on behind it.
  fileprivate func isShown(before mark: GluedMark) -> Bool {
    switch self {
    case .no: false
    case .ifBlockGoesOn: mark.isEndMarker
    case .yes, .ofJoinedPair: true
    }
  }
}

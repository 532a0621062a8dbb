import LogModel

/// Lines of which nothing is read: those that may be cut, and those that are too long (1-correlation-data,
/// Cut lines).
extension SourceStream {
  /// A last line that may be cut: nothing is read from it (1-correlation-data, Cut lines). Only a header or a
  /// full end marker still says where a block ends.
  mutating func takeCut(
    _ text: Span<UInt8>, at position: LogPosition, in context: LogRecordContext, _ state: inout ScanState
  ) {
    guard !text.isEmpty else { return }
    if pendingJSON.completes(with: text) || (open != nil && JSONBody(text) != nil) {
      // A JSON value that parses whole is not cut.
      take(text, at: position, isOverlong: false, in: context, &state)
      return
    }
    while pendingJSON.isPending { abandonJSON(context, &state) }
    let line = MessageLine(text, pairs: &pairs)
    switch line {
    case .header(let version, let start):
      let key = start == nil ? nil : pairs.first?.key
      _ = crossRecord(text, line, at: position, context, &state)
      header(version: version, hasPairs: false, text, at: position, context, &state)
      if let key { reportCut(text, key, at: position) }
    case .endMarker:
      _ = crossRecord(text, line, at: position, context, &state)
      if open != nil { close(.explicit, &state) }
    default:
      guard let block = open, block.suspension == nil,
        block.shape != .inHeaderRecord || block.lastRecord == context.number || isContinued(by: line, text),
        let key = MessageLine.keyOfCutLine(text)
      else { return }
      reportCut(text, key, at: position)
      open?.hasUnreadLine = true
    }
  }

  mutating func reportCut(_ text: Span<UInt8>, _ key: Range<Int>, at position: LogPosition) {
    open?.issues.append(
      GrammarIssue(
        kind: .incompleteBlock, key: Self.keyText(text, key), line: position.line, offset: position.offset,
        raw: text.rawText(in: MessageLine.valueOfCutLine(text, after: key))))
  }

  mutating func takeOverlong(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    let head = text.extracting(0..<min(text.count, 4096))
    if let key = MessageLine.keyOfCutLine(head), KeyName(head, in: key).isKnown, let block = open,
      block.suspension == nil, block.shape != .inHeaderRecord || block.lastRecord == context.number
    {
      open?.issues.append(
        GrammarIssue(
          kind: .lineTooLong, key: Self.keyText(head, key), line: position.line, offset: position.offset,
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

  /// The canonical key of ours, or the key as logged.
  private static func keyText(_ text: Span<UInt8>, _ key: Range<Int>) -> String {
    switch KeyName(text, in: key) {
    case .field(let field): field.name
    case .gates: "gates"
    case .deltaF1: "delta_f1"
    case .event, .extra: text.text(in: key).text
    }
  }
}

/// Bodies that are JSON objects, on one line or over the lines of one record (page 1, *json-object*).
extension SourceStream {
  mutating func beginJSON(
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

  mutating func continueJSON(
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
  mutating func abandonJSON(_ context: LogRecordContext, _ state: inout ScanState) {
    let lines = pendingJSON.takeLines()
    for (index, line) in lines.enumerated() {
      if index == 0 {
        endBody(line.text.span, at: line.position, context, &state)
      } else {
        take(line.text.span, at: line.position, isOverlong: false, in: context, &state)
      }
    }
  }
}

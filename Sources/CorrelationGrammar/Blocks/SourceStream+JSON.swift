import LogModel

/// Bodies that are JSON objects, on one line or over the lines of one record (1-correlation-data, Objects).
extension SourceStream {
  mutating func beginJSON(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    if let body = JSONBody(text) {
      guard admit(text, at: position, &state) else { return }
      touch(context)
      note(.jsonBody, text, at: position, state)
      open?.take(body.pairs, of: body.text.span, at: position, in: context)
    } else {
      pendingJSON.begin(text, at: position, record: context.number)
    }
  }

  mutating func continueJSON(
    _ text: Span<UInt8>, at position: LogPosition, _ context: LogRecordContext, _ state: inout ScanState
  ) {
    pendingJSON.append(text, at: position)
    if text[0] == UInt8(ascii: "=") {
      // No line of an object begins so: it is none, and what came, headers perhaps, is not to wait for the record's end.
      abandonJSON(context, &state)
    } else if text[text.count - 1] == UInt8(ascii: "}"), let body = JSONBody(pendingJSON.text.span) {
      // One object is one body-line, however many lines it takes.
      let object = pendingJSON.text
      let start = pendingJSON.position
      if pendingJSON.decides, !goesOn(with: body) {
        abandonJSON(context, &state)
        return
      }
      pendingJSON.clear()
      guard admit(object.span, at: start, &state) else { return }
      touch(context)
      note(.jsonBody, object.span, at: start, state)
      open?.take(body.pairs, of: body.text.span, at: start, in: context)
    } else if pendingJSON.text.count > state.limits.blockBytes {
      abandonJSON(context, &state)
    }
  }

  /// The lines were no object after all: the first ends the block as any other line does, and the rest is read
  /// again as what it is.
  mutating func abandonJSON(_ context: LogRecordContext, _ state: inout ScanState) {
    let decides = pendingJSON.decides
    let lines = pendingJSON.takeLines()
    for (index, line) in lines.enumerated() {
      if index == 0, decides {
        if decide(line.text.span, .json, at: line.position, context, &state) { continue }
        apply(.json, line.text.span, at: line.position, context, &state)
      } else if index == 0 {
        endBody(line.text.span, at: line.position, context, &state)
      } else {
        take(line.text.span, at: line.position, isOverlong: false, in: context, &state)
      }
    }
  }
}

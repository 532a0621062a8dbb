import LogModel

/// Records whose messages wrap the lines of another program (``Recogniser/message(_:_:)``). The first line of such a message names the
/// program; the lines behind it are the program's too.
extension RecordReader {
  /// Takes the first line of a message; false where it wraps no line. The record at hand is the one that wraps it.
  mutating func takeWrappedMessage(
    _ message: Span<UInt8>, as envelope: Int, _ origin: LineOrigin, of line: Span<UInt8>,
    _ attributes: LineSplitter.Attributes
  ) -> Bool {
    guard lane.roleInside == .wrapped,
      case .message(_, let recognise) = envelopes.definitions[envelope].recogniser,
      let head = recognise(message)
    else { return false }
    let outer = lane.number
    let (instance, time) = (lane.context.instanceKey, lane.context.timeText)
    let identity = origin.identity(line) ?? lane.identity
    var program: [UInt8] = []
    program.append(name: message.extracting(head.program))
    guard enterLane(LaneKey(outer: outer, wrapper: envelope, program: program)) else { return false }
    counts.count(envelope)
    (lane.instance, lane.identity, lane.isLate) = (instance, identity, !origin.logger.isEmpty)
    lane.wrapperTime = time
    let inner = lane.number
    if head.message.isEmpty {
      takeMessageText(Span(), attributes)
    } else {
      takeLine(message.extracting(head.message), as: lane.roleInside, attributes)
    }
    enterLane(outer)
    lane.continuedIn = inner
    return true
  }

  /// Takes the message of an object if it wraps lines.
  mutating func takeWrappedLines(
    _ text: Span<UInt8>, as envelope: Int, of line: Span<UInt8>, _ origin: LineOrigin,
    _ attributes: LineSplitter.Attributes
  ) -> Bool {
    var end = text.index(of: 0x0A) ?? text.count
    let first = text.extracting(Self.trimmed(text, 0..<end))
    guard takeWrappedMessage(first, as: envelope, origin, of: line, attributes) else { return false }
    while end < text.count {
      let start = end + 1
      end = text.index(of: 0x0A, from: start) ?? text.count
      if end > start { takeBare(text.extracting(start..<end), attributes) }
    }
    endContinued()
    return true
  }

  /// Takes the record that waited if its message wraps lines.
  mutating func takeWrappedLines(of line: Span<UInt8>, _ origin: LineOrigin) -> Bool {
    guard let envelope = envelopes.messageEnvelope(of: line, origin), let first = lane.waiting.lines.first
    else { return false }
    let waiting = lane.waiting
    let message = waiting.text.span.extracting(first.text)
    guard takeWrappedMessage(message, as: envelope, origin, of: line, first.attributes) else { return false }
    if lane.takeDamage() { streams.markLineDamaged() }
    lane.waiting.clear()
    for line in waiting.lines.dropFirst() where !line.text.isEmpty {
      takeBare(waiting.text.span.extracting(line.text), line.attributes)
    }
    endContinued()
    return true
  }

  /// A wrapped line without an envelope of its own: it begins a record that goes on with the lines behind it.
  mutating func takeMessageText(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    guard let wrapper = lane.wrapper else { return }
    beginRecord(envelopes.bare)
    lane.beginText(wrapper)
    lane.context.begin(number: recordNumber, envelopes.definitions[wrapper].streams)
    lane.completeContext()
    let message = line.readable(Self.trimmed(line, 0..<line.count))
    if !message.isEmpty || streams.hasOpenBlock { deliver(line, message, attributes) }
  }

  /// Takes a line behind the first one of a message that wraps lines; false where the record at hand has no such message.
  mutating func goOnInside(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> Bool {
    guard let inner = lane.continuedIn else { return false }
    let outer = lane.number
    enterLane(inner)
    takeBare(line, attributes)
    enterLane(outer)
    return true
  }

  /// The record with such a message ends, and with it the record inside.
  mutating func endContinued() {
    guard let inner = lane.continuedIn else { return }
    let outer = lane.number
    lane.continuedIn = nil
    enterLane(inner)
    if lane.waiting.isActive { releaseWaiting() }
    endRecord()
    lane.beginRecord()
    enterLane(outer)
  }
}

import LogModel

/// Lines that wrap the lines of other programs, and the lanes in which these are read.
extension RecordReader {
  /// More programs than the logs of a cluster have.
  private static let mostLanes = 4096

  /// Takes a line that wraps another, or a piece of one; false where the line proves to wrap none.
  mutating func takeWrapping(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, as role: EnvelopeList.LineRole,
    _ attributes: LineSplitter.Attributes
  ) -> Bool {
    var program: [UInt8] = []
    swap(&program, &programName)
    program.empty()
    if let name = envelopes.definitions[envelope].program {
      name(line, members, &program)
    } else {
      program.append(line, in: head.program)
    }
    if program.count > [UInt8].longestName { program = program.abridged }
    defer { swap(&program, &programName) }
    let outer = role.isInside ? lane.number : 0
    let outerTime = role.isInside ? lane.wrapperTime : []
    let isKnown = lanes.contains(LaneKey(outer: outer, wrapper: envelope, program: program), current: lane)
    if !isKnown, !isShown(envelope, by: line.extracting(head.message)) { return false }
    guard enterLane(LaneKey(outer: outer, wrapper: envelope, program: program)) else {
      reportUnheard(line, attributes)
      return false
    }
    counts.count(envelope)
    lane.wrapperTime = outerTime
    if !head.time.isEmpty {
      lane.wrapperTime.empty()
      lane.wrapperTime.append(name: line.extracting(head.time))
    }
    if !isKnown { noteTask(of: head.origin, line, attributes) }
    takeContent(line, envelope, head, attributes)
    if role.isInside { enterLane(outer) }
    return true
  }

  /// The log names so many programs that lines of another one cannot be read. That a header is among them is reported.
  private mutating func reportUnheard(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    guard line.index(of: MessageLine.headerStart) != nil else { return }
    streams.report(.unrecognisedHeader, line.extracting(0..<min(200, line.count)), at: attributes.position)
  }

  private mutating func takeContent(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) {
    guard envelopes.definitions[envelope].isObject else {
      takePieces(line.extracting(head.message), head.piece, attributes)
      return
    }
    // An object that parses whole is not cut, wherever the file ends.
    var whole = attributes
    whole.isCut = false
    var text: [UInt8] = []
    JSONString.decode(line, in: head.message, into: &text)
    takePieces(text.span, head.piece, whole)
  }

  private mutating func takePieces(
    _ text: Span<UInt8>, _ piece: RecordHead.Piece, _ attributes: LineSplitter.Attributes
  ) {
    switch piece {
    case .line: takePiece(text, isLast: true, attributes)
    case .part: takePiece(text, isLast: false, attributes)
    case .linesWithFeed, .lines:
      var start = 0
      while start < text.count {
        let end = text.index(of: 0x0A, from: start) ?? text.count
        let isLast = end < text.count || piece == .lines
        takePiece(text.extracting(start..<end), isLast: isLast, attributes)
        start = end + 1
      }
    }
  }

  private mutating func takePiece(
    _ text: Span<UInt8>, isLast: Bool, _ attributes: LineSplitter.Attributes
  ) {
    if !lane.hasPiece {
      if isLast {
        withoutEscapes(text, attributes) { $0.takeLine($1, as: $0.lane.roleInside, attributes) }
        return
      }
      lane.piecePosition = attributes.position
    }
    let isJSON = lane.piece.isEmpty ? text.has("{") : lane.piece.bytes.first == UInt8(ascii: "{")
    let limits = streams.limits
    lane.piece.append(
      text, in: 0..<text.count, limit: isJSON ? limits.jsonLineBytes : limits.textLineBytes)
    if attributes.isOverlong { lane.piece.markOverlong() }
    if isLast { takeJoined(isCut: attributes.isCut) }
  }

  /// Takes the line that came in pieces.
  private mutating func takeJoined(isCut: Bool) {
    var piece = PartialLine()
    swap(&piece, &lane.piece)
    let attributes = LineSplitter.Attributes(
      position: lane.piecePosition, isOverlong: piece.isOverlong, holdsHeader: piece.holdsHeader, isCut: isCut
    )
    if lane.takeDamage() { streams.markLineDamaged() }
    withoutEscapes(piece.bytes.span, attributes) { $0.takeLine($1, as: $0.lane.roleInside, attributes) }
    piece.clear(keeping: streams.limits.textLineBytes)
    swap(&piece, &lane.piece)
  }

  // MARK: What shows a wrapper

  /// Whether a line of a program that is not known yet is one of a wrapper, by the line inside.
  private func isShown(_ envelope: Int, by line: Span<UInt8>) -> Bool {
    switch envelopes.definitions[envelope].shape {
    case .wrapsLine(let sign):
      switch sign {
      case .prefix: true
      case .lineInside: speaksForItself(line, keysCount: true, depth: RecordLane.mostNested)
      case .envelopeInside: speaksForItself(line, keysCount: false, depth: RecordLane.mostNested)
      }
    case .line, .untilNextPrefix, .untilContext, .list, .loose: false
    }
  }

  /// Whether a line is one of some envelope, a header, an end marker, or, where keys count, begins with a known key.
  private func speaksForItself(_ line: Span<UInt8>, keysCount: Bool, depth: Int) -> Bool {
    let message = line.extracting(Self.trimmed(line, 0..<line.count))
    guard depth > 0, !message.isEmpty else { return false }
    if MessageLine.speaksForItself(message), keysCount || message[0] == MessageLine.mark { return true }
    var members = JSONMembers()
    guard let (envelope, head) = envelopes.recognise(line, as: .wrapped, &members) else { return false }
    guard envelopes.definitions[envelope].isShownInside else { return true }
    return speaksForItself(line.extracting(head.message), keysCount: keysCount, depth: depth - 1)
  }

  /// Takes note of the task that the lines of a new program name, as far as the lines that wrap them name it.
  private mutating func noteTask(
    of origin: LineOrigin, _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes
  ) {
    var context = LogRecordContext()
    origin.nameInstance(line, in: &context.streamKey)
    guard !context.instanceKey.isEmpty else { return }
    lane.instance = context.instanceKey
    lane.identity = origin.identity(line)
    if let issue = attempt.noteInstance(context, origin, line, attributes) { streams.report(issue) }
  }

  // MARK: Lanes

  /// Goes on with the log's own lines.
  mutating func enterOwnLane() {
    enterLane(0)
  }

  /// Goes on with the lines of a program; false where there are too many programs.
  mutating func enterLane(_ key: LaneKey) -> Bool {
    if lane.key == key { return true }
    if let number = lanes.number(of: key) {
      enterLane(number)
      return true
    }
    guard lanes.count < Self.mostLanes else { return false }
    enterLane(key.outer)
    let outer = lane
    enterLane(lanes.add(key, in: outer, envelopes.definitions[key.wrapper]))
    return true
  }

  /// Goes on with the lines of the lane with a number.
  mutating func enterLane(_ number: Int) {
    if lane.number != number { lanes.exchange(&lane, for: number) }
  }

  private mutating func forEachLane(_ body: (inout RecordReader) -> Void) {
    var number = 0
    // Lanes can be added meanwhile.
    while number < lanes.count {
      enterLane(number)
      body(&self)
      number += 1
    }
  }

  /// The programs' lines and records that have not ended take too much memory together. Lines count as overlong from now on, and records that
  /// wait for their source as ones that have none.
  mutating func makeRoomInLanes() {
    let before = lane.number
    for number in lanes.large {
      enterLane(number)
      if lane.waiting.isActive { giveUpWaiting() }
      describeText()
      lane.letGo()
      lanes.note(lane)
    }
    enterLane(before)
  }

  // MARK: The end

  /// The log has ended: what still waits or is in pieces is all there is. `isWhole` is false where the log is known to be cut.
  mutating func finish(isWhole: Bool) {
    // A line whose last piece has not come may be cut.
    forEachLane { if $0.lane.hasPiece { $0.takeJoined(isCut: true) } }
    forEachLane { if $0.lane.waiting.isActive { $0.releaseWaiting() } }
    let before = streams.eventCount
    if isWhole { forEachLane { $0.endRecord() } }
    streams.inputEnded(isWhole: isWhole, sawFailure: attempt.sawFailure, from: before)
  }

  /// The gzip member that is being read proved damaged.
  mutating func memberIsDamaged(isWithinLine: Bool) -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? {
    lane.markDamaged()
    lanes.markDamaged()
    return streams.memberIsDamaged(isWithinLine: isWithinLine)
  }
}

import LogModel

/// Lines that wrap the lines of other programs, and the lanes in which these are read.
extension RecordReader {
  /// More programs than any container or pod has streams.
  private static let mostLanes = 16

  /// Takes a line that wraps another, or a piece of one; false where the log names too many programs.
  mutating func takeWrapping(
    _ line: Span<UInt8>, _ envelope: Int, _ head: RecordHead, _ attributes: LineSplitter.Attributes
  ) -> Bool {
    guard enterLane(of: envelope, program: line.extracting(head.lane)) else { return false }
    counts.count(envelope)
    lane.wrapperTime.removeAll(keepingCapacity: true)
    lane.wrapperTime.append(line, in: head.time)
    guard envelopes.definitions[envelope].isObject else {
      takePieces(line.extracting(head.message), head.piece, attributes)
      return true
    }
    // An object that parses whole is not cut, wherever the file ends.
    var whole = attributes
    whole.isCut = false
    var text: [UInt8] = []
    JSONString.decode(line, in: head.message, into: &text)
    takePieces(text.span, head.piece, whole)
    return true
  }

  private mutating func takePieces(
    _ text: Span<UInt8>, _ piece: RecordHead.Piece, _ attributes: LineSplitter.Attributes
  ) {
    switch piece {
    case .line: takePiece(text, isLast: true, attributes)
    case .part: takePiece(text, isLast: false, attributes)
    case .linesWithFeed:
      var start = 0
      while start < text.count {
        let end = text.index(of: 0x0A, from: start) ?? text.count
        takePiece(text.extracting(start..<end), isLast: end < text.count, attributes)
        start = end + 1
      }
    }
  }

  private mutating func takePiece(
    _ text: Span<UInt8>, isLast: Bool, _ attributes: LineSplitter.Attributes
  ) {
    if !lane.hasPiece {
      if isLast {
        withoutEscapes(text, attributes) { $0.takeLine($1, as: .wrapped, attributes) }
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
    withoutEscapes(piece.bytes.span, attributes) { $0.takeLine($1, as: .wrapped, attributes) }
    piece.clear(keeping: streams.limits.textLineBytes)
    swap(&piece, &lane.piece)
  }

  // MARK: Lanes

  /// Goes on with the log's own lines.
  mutating func enterOwnLane() {
    if lane.wrapper != nil { enterLane(0) }
  }

  /// Goes on with the lines of a program; false where there are too many programs.
  private mutating func enterLane(of wrapper: Int, program: Span<UInt8>) -> Bool {
    if lane.isOf(wrapper, program: program) { return true }
    if let index = parkedLanes.firstIndex(where: { $0.isOf(wrapper, program: program) }) {
      swap(&lane, &parkedLanes[index])
      return true
    }
    guard parkedLanes.count < Self.mostLanes else { return false }
    let name = envelopes.definitions[wrapper].name
    parkedLanes.append(
      RecordLane(wrapper, named: name, program: program, number: UInt32(parkedLanes.count + 1)))
    swap(&lane, &parkedLanes[parkedLanes.count - 1])
    return true
  }

  private mutating func enterLane(_ number: UInt32) {
    if let index = parkedLanes.firstIndex(where: { $0.number == number }) { swap(&lane, &parkedLanes[index]) }
  }

  private mutating func forEachLane(_ body: (inout RecordReader) -> Void) {
    for number in [lane.number] + parkedLanes.map(\.number) {
      enterLane(number)
      body(&self)
    }
  }

  // MARK: The end

  /// The log has ended: what still waits or is in pieces is all there is. `isWhole` is false where the log is known to be cut.
  mutating func finish(isWhole: Bool) {
    forEachLane { reader in
      // A line whose last piece has not come may be cut.
      if reader.lane.hasPiece { reader.takeJoined(isCut: true) }
      if reader.lane.waiting.isActive { reader.releaseWaiting() }
    }
    let before = streams.eventCount
    if isWhole { forEachLane { $0.endRecord() } }
    streams.inputEnded(isWhole: isWhole, sawFailure: attempt.sawFailure, from: before)
  }

  /// The gzip member that is being read proved damaged.
  mutating func memberIsDamaged(isWithinLine: Bool) -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? {
    lane.markDamaged()
    for index in parkedLanes.indices { parkedLanes[index].markDamaged() }
    return streams.memberIsDamaged(isWithinLine: isWithinLine)
  }
}

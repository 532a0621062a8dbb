import LogModel

/// From physical lines to the lines that a program wrote: escape sequences and collectors' wrappers are taken
/// away, and each line goes to the recogniser of its envelope (2-log-envelopes, Envelopes).
extension LogScanner {
  /// Takes one physical line, or one element of an API answer.
  mutating func take(_ raw: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    if attributes.isElement {
      enterLane([])
      withPlain(raw, attributes) { _ = $0.takeJSON($1, attributes, mayBeWrapped: false) }
      return
    }
    withPlain(raw, attributes) { scanner, line in
      guard let first = line.isEmpty ? nil : line[0] else { return }
      if first.isASCIIDigit, let prefix = CollectorPrefix(line) {
        scanner.takeCollected(line, prefix, attributes)
        return
      }
      scanner.enterLane([])
      scanner.takeLine(line, attributes, mayBeWrapped: true)
    }
  }

  /// Runs the body on a line without the CR at its end and without escape sequences.
  private mutating func withPlain(
    _ raw: Span<UInt8>, _ attributes: LineSplitter.Attributes, _ body: (inout LogScanner, Span<UInt8>) -> Void
  ) {
    var end = raw.count
    if end > 0, raw[end - 1] == 0x0D, !attributes.isOverlong { end -= 1 }
    let line = raw.extracting(0..<end)
    guard line.index(of: ANSIEscapes.escape) != nil else {
      body(&self, line)
      return
    }
    var buffer: [UInt8] = []
    swap(&buffer, &plain)
    buffer.removeAll(keepingCapacity: true)
    ANSIEscapes.strip(line, in: 0..<line.count, into: &buffer)
    body(&self, buffer.span)
    swap(&buffer, &plain)
  }

  private mutating func takeLine(
    _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes, mayBeWrapped: Bool
  ) {
    guard let first = line.isEmpty ? nil : line[0] else { return }
    if let prefix = lineFormat?.prefix(of: line) {
      takeCustomRecord(line, prefix, attributes)
      return
    }
    switch first {
    case UInt8(ascii: "["):
      if let prefix = AirflowTextPrefix(line) {
        takeTextRecord(line, prefix, attributes)
        return
      }
      if let prefix = DownloadPrefix(line) {
        takeDownload(line, prefix, attributes)
        return
      }
    case UInt8(ascii: "{"), 0x20, 0x09:
      if takeJSON(line, attributes, mayBeWrapped: mayBeWrapped) { return }
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      if let prefix = ConsolePrefix(line) {
        takeConsole(line, prefix, attributes)
        return
      }
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      if let prefix = DownloadPrefix(line) {
        takeDownload(line, prefix, attributes)
        return
      }
    default: break
    }
    takeBare(line, attributes)
  }

  // MARK: Collectors

  /// A line of a container as the runtime wrote it, whole or in pieces.
  private mutating func takeCollected(
    _ line: Span<UInt8>, _ prefix: CollectorPrefix, _ attributes: LineSplitter.Attributes
  ) {
    envelopeCounts.count(.cri)
    enterLane(line.has("stdout", at: prefix.stream.lowerBound) ? Self.criStdout : Self.criStderr)
    noteCollectorTime(line, prefix.time)
    takePiece(line.extracting(prefix.message..<line.count), isLast: !prefix.isPartial, attributes)
  }

  private static let criStdout = Array("cri stdout".utf8)
  private static let criStderr = Array("cri stderr".utf8)

  /// A line of a container as Docker's JSON log has it; one that does not end in LF goes on in the next. Containers
  /// have two streams; false where a log names more than any container could.
  mutating func takeDocker(
    _ line: Span<UInt8>, _ json: JSONLogLine, _ attributes: LineSplitter.Attributes
  ) -> Bool {
    var tag = Array("docker ".utf8)
    tag.append(line, in: json.containerStream)
    guard
      tag == lane.tag || parkedLanes.count < Self.mostLanes || parkedLanes.contains(where: { $0.tag == tag })
    else { return false }
    envelopeCounts.count(.dockerJSON)
    enterLane(tag)
    noteCollectorTime(line, json.time)
    var whole = attributes
    // A JSON value that parses whole is not cut, wherever the file ends.
    whole.isCut = false
    var text: [UInt8] = []
    JSONString.decode(line, in: json.message, into: &text)
    var start = 0
    while start < text.count {
      let end = text.span.index(of: 0x0A, from: start) ?? text.count
      takePiece(text.span.extracting(start..<end), isLast: end < text.count, whole)
      start = end + 1
    }
    return true
  }

  private static let mostLanes = 16

  private mutating func noteCollectorTime(_ line: Span<UInt8>, _ range: Range<Int>) {
    lane.collectorTime.removeAll(keepingCapacity: true)
    lane.collectorTime.append(line, in: range)
  }

  private mutating func takePiece(
    _ text: Span<UInt8>, isLast: Bool, _ attributes: LineSplitter.Attributes
  ) {
    if !lane.hasPiece {
      if isLast {
        withPlain(text, attributes) { $0.takeLine($1, attributes, mayBeWrapped: false) }
        return
      }
      lane.piecePosition = attributes.position
    }
    let isJSON = lane.piece.isEmpty ? text.has("{") : lane.piece.bytes.first == UInt8(ascii: "{")
    lane.piece.append(
      text, in: 0..<text.count, limit: isJSON ? state.limits.jsonLineBytes : state.limits.textLineBytes)
    if attributes.isOverlong { lane.piece.markOverlong() }
    if isLast { takePieces(isCut: attributes.isCut) }
  }

  /// Takes the line that came in pieces.
  private mutating func takePieces(isCut: Bool) {
    var piece = HeldLine()
    swap(&piece, &lane.piece)
    let attributes = LineSplitter.Attributes(
      position: lane.piecePosition, isOverlong: piece.isOverlong, holdsHeader: piece.holdsHeader, isCut: isCut
    )
    if lane.takeDamage() { state.isLineDamaged = true }
    withPlain(piece.bytes.span, attributes) { $0.takeLine($1, attributes, mayBeWrapped: false) }
    piece.clear(keeping: state.limits.textLineBytes)
    swap(&piece, &lane.piece)
  }

  // MARK: Lanes

  /// Goes on with the lines of a container stream, or of the log itself.
  private mutating func enterLane(_ tag: [UInt8]) {
    guard lane.tag != tag else { return }
    if let index = parkedLanes.firstIndex(where: { $0.tag == tag }) {
      swap(&lane, &parkedLanes[index])
    } else {
      var fresh = RecordLane(tag: tag)
      swap(&lane, &fresh)
      parkedLanes.append(fresh)
    }
  }

  /// The log has ended: what is still held or in pieces is all there is.
  mutating func finishLines() {
    forEachLane { scanner in
      // A line whose last piece has not come may be cut.
      if scanner.lane.hasPiece { scanner.takePieces(isCut: true) }
      if scanner.lane.held.isActive { scanner.releaseHeld() }
    }
  }

  /// The log has ended, and so have the records that were being read.
  mutating func finishRecords() {
    forEachLane { $0.endRecord() }
  }

  private mutating func forEachLane(_ body: (inout LogScanner) -> Void) {
    let tags = ([lane] + parkedLanes).map(\.tag)
    for tag in tags {
      enterLane(tag)
      body(&self)
    }
  }
}

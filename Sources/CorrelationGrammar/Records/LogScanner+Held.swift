import LogModel

/// Records whose source stands at the end of their last line (2-log-envelopes, Envelopes: airflow3-console,
/// ui-download). Their lines are held until it has come, or the next record shows that it will not.
extension LogScanner {
  mutating func takeConsole(
    _ line: Span<UInt8>, _ prefix: ConsolePrefix, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(.airflow3Console)
    noteTime(line, prefix.time)
    lane.held.begin(.console, line, time: prefix.time, level: prefix.level)
    hold(line, from: prefix.message, isFirst: true, attributes)
  }

  mutating func takeDownload(
    _ line: Span<UInt8>, _ prefix: DownloadPrefix, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(.uiDownload)
    if !prefix.time.isEmpty { noteTime(line, prefix.time) }
    lane.held.begin(.download, line, time: prefix.time, level: prefix.level)
    hold(line, from: prefix.message, isFirst: true, attributes)
  }

  /// A further line of a held record.
  mutating func takeHeldLine(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    hold(line, from: 0, isFirst: false, attributes)
  }

  private mutating func hold(
    _ line: Span<UInt8>, from start: Int, isFirst: Bool, _ attributes: LineSplitter.Attributes
  ) {
    // A cut line tells its logger too, if the cut is behind it.
    if !attributes.isOverlong {
      switch lane.held.envelope {
      case .console:
        if let context = ConsoleContext(line, from: start, needsKey: !isFirst) {
          lane.held.append(line.extracting(Self.trimmed(line, start..<context.messageEnd)), attributes)
          releaseConsole(line, context, isCut: attributes.isCut)
          return
        }
      case .download:
        if let source = DownloadSource(line, from: start) {
          lane.held.append(line.extracting(Self.trimmed(line, start..<source.messageEnd)), attributes)
          releaseDownload(line, source, isCut: attributes.isCut)
          return
        }
      }
    }
    lane.held.append(line.extracting(Self.trimmed(line, start..<line.count)), attributes)
    if attributes.isOverlong || attributes.isCut || lane.held.text.count > state.limits.textLineBytes {
      releaseHeld()
      // The record's further lines need not wait: its source is not to be had.
      lane.isInTextRecord = true
      lane.isWatchedRecord = true
    }
  }

  /// Hands on a record whose source is not told.
  mutating func releaseHeld() {
    beginHeldContext()
    lane.context.streamKey.append(lane.held.envelope == .console ? UInt8(ascii: "k") : UInt8(ascii: "d"))
    lane.completeContext()
    if lane.held.envelope == .download { noteStreamTime() }
    deliverHeld(nil)
  }

  private mutating func releaseConsole(_ line: Span<UInt8>, _ context: ConsoleContext, isCut: Bool) {
    var origin = LineOrigin(isJSON: false)
    origin.logger = context.logger
    var hasOwnKeys = false
    let end = line.trimmingBlanks(0..<line.count).upperBound
    context.forEachMember(line) { member in
      // Of a line that may be cut the last value may be a part of one.
      if isCut, member.value.upperBound + (member.isQuoted ? 1 : 0) == end { return }
      if line.is("loc", in: member.key) {
        let end = line.lastIndex(of: UInt8(ascii: ":"), before: member.value.upperBound)
        origin.file = member.value.lowerBound..<max(member.value.lowerBound, end ?? member.value.upperBound)
      } else {
        origin.take(member.key, member.value, of: line)
      }
      if !LineOrigin.isContext(line, member.key), KeyName(line, in: member.key).isKnown { hasOwnKeys = true }
    }
    beginHeldContext()
    lane.context.streamKey.append(UInt8(ascii: "k"))
    lane.context.streamKey.append(line, in: origin.logger)
    lane.context.streamKey.append(0)
    origin.describeInstance(line, in: &lane.context)
    lane.context.describeLogger(line, origin.logger, channel: 0..<0, file: origin.file)
    lane.completeContext()
    let time = lane.context.timeText
    let text = lane.held.text
    if let first = lane.held.lines.first { noteInstance(origin, line, timeText: time, first.attributes) }
    if text.span.index(of: HeldLine.headerText) != nil { noteIdentity(origin, line) }
    if hasOwnKeys, !isCut, lane.held.lines.count == 1, Self.isHeader(text.span) {
      let position = lane.held.lines[0].attributes.position
      let body = JSONBody(consoleHeader: line, context)
      takeStructured(body, text.span, at: position)
      lane.held.clear()
    } else {
      deliverHeld(line.extracting(origin.finalState).text(in: 0..<origin.finalState.count).text)
    }
    // Whether the record ends with a line that may be cut is not known.
    if !isCut { endRecord() }
  }

  private mutating func releaseDownload(_ line: Span<UInt8>, _ source: DownloadSource, isCut: Bool) {
    beginHeldContext()
    lane.context.streamKey.append(UInt8(ascii: "d"))
    if source.file.isEmpty {
      lane.context.streamKey.append(0)
      lane.context.streamKey.append(line, in: source.source)
    } else {
      lane.context.streamKey.append(line, in: source.file)
    }
    lane.context.describeLogger(line, source.source, channel: 0..<0, file: source.file)
    lane.completeContext()
    noteStreamTime()
    deliverHeld(nil)
    if !isCut { endRecord() }
  }

  private mutating func beginHeldContext() {
    lane.context.begin(number: recordNumber)
    lane.context.timeText.append(contentsOf: lane.held.time)
    let level = lane.held.level
    lane.context.isWarning = LogRecordContext.isWarning(level.span, in: 0..<level.count)
  }

  private mutating func deliverHeld(_ finalState: String?) {
    var held = HeldRecord()
    swap(&held, &lane.held)
    if lane.takeDamage() { state.isLineDamaged = true }
    for (index, line) in held.lines.enumerated() {
      let message = held.text.span.extracting(line.text)
      if index == 0, lane.context.isAirflow {
        let outcome = finalState.flatMap { OutcomeLine(message, finalState: $0) } ?? OutcomeLine(message)
        noteOutcome(outcome, at: line.attributes)
      }
      if !message.isEmpty { deliver(message, line.attributes) }
    }
    held.clear()
    swap(&held, &lane.held)
  }
}

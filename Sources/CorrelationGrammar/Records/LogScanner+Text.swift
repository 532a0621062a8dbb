import LogModel

/// Records whose lines begin with a prefix that tells everything, and lines without any (2-log-envelopes,
/// Envelopes: airflow2-text, custom, bare).
extension LogScanner {
  mutating func takeTextRecord(
    _ line: Span<UInt8>, _ prefix: AirflowTextPrefix, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(.airflow2Text)
    lane.isInTextRecord = true
    lane.prefix.removeAll(keepingCapacity: true)
    lane.prefix.append(line, in: 0..<prefix.message)
    noteTime(line, prefix.time)
    if firstTime != nil { skipper.learnText(line, headBytes: prefix.file.lowerBound) }
    let message = Self.trimmed(line, prefix.message..<line.count)
    lane.isWatchedRecord =
      !streams.watched.isEmpty && (!lane.tag.isEmpty || streams.mayWatch(textLine: line, file: prefix.file))
    if passesOver(line, message: message), !lane.isWatchedRecord {
      guard OutcomeLine.isAirflowFile(line, in: prefix.file) else { return }
      takeAirflowMessage(line.extracting(message), attributes)
      return
    }
    describeTextRecord(line, prefix)
    if lane.context.isAirflow, !lane.context.isStandardStream {
      takeAirflowMessage(line.extracting(message), attributes)
    }
    deliver(line.extracting(message), attributes)
  }

  /// Describes the record at hand, of whose prefix only the bytes are left.
  private mutating func describeTextRecord() {
    guard !lane.isDescribed, let head = AirflowTextPrefix(lane.prefix.span) else { return }
    let prefix = lane.prefix
    describeTextRecord(prefix.span, head)
  }

  private mutating func describeTextRecord(_ line: Span<UInt8>, _ prefix: AirflowTextPrefix) {
    lane.context.begin(number: recordNumber)
    prefix.describe(line, in: &lane.context)
    lane.completeContext()
  }

  mutating func takeCustomRecord(
    _ line: Span<UInt8>, _ prefix: LineFormat.Prefix, _ attributes: LineSplitter.Attributes
  ) {
    beginRecord(.custom)
    lane.isInTextRecord = true
    if !prefix.time.isEmpty { noteTime(line, prefix.time) }
    lane.context.begin(number: recordNumber)
    lane.context.timeText.append(line, in: prefix.time)
    lane.context.isWarning = LogRecordContext.isWarning(line, in: prefix.level)
    if lineFormat?.hasFile == true {
      lane.context.describeFile(line, prefix.file, level: prefix.level, kind: UInt8(ascii: "c"))
    } else {
      lane.context.streamKey.append(UInt8(ascii: "c"))
      lane.context.streamKey.append(line, in: prefix.name)
      lane.context.isPrint = true
      // `airflow.task` is the logger of print() as well, so none of its lines tells an outcome.
      lane.context.isAirflow =
        line.has("airflow.", at: prefix.name.lowerBound) && !line.is("airflow.task", in: prefix.name)
    }
    lane.completeContext()
    lane.isWatchedRecord = !streams.watched.isEmpty
    let message = Self.trimmed(line, prefix.message..<line.count)
    if lane.context.isAirflow, !lane.context.isStandardStream {
      takeAirflowMessage(line.extracting(message), attributes)
    } else if line.is("airflow.task", in: prefix.name) {
      noteTold(line.extracting(message), attributes)
    }
    if passesOver(line, message: message), !lane.isWatchedRecord { return }
    deliver(line.extracting(message), attributes)
  }

  /// A line without envelope: the next message line of an unfinished record, else a record of its own.
  mutating func takeBare(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    if lane.held.isActive {
      takeHeldLine(line, attributes)
      return
    }
    let message = Self.trimmed(line, 0..<line.count)
    if lane.isInTextRecord {
      if passesOver(line, message: message), !isRecordAttentive { return }
      describeTextRecord()
      deliver(line.extracting(message), attributes)
      return
    }
    envelopeCounts.count(.bare)
    if passesOver(line, message: message), !streams.watchesBareLines { return }
    recordNumber += 1
    lane.context.begin(number: recordNumber)
    lane.context.streamKey.append(UInt8(ascii: "b"))
    lane.completeContext()
    deliver(line.extracting(message), attributes)
    endRecord()
  }

  /// Whether a message line says nothing while no block is open: only what begins with `=` can.
  func passesOver(_ line: Span<UInt8>, message: Range<Int>) -> Bool {
    guard state.openCount == 0 else { return false }
    return message.isEmpty || line[message.lowerBound] != UInt8(ascii: "=")
  }
}

import LogModel

/// Knows the copy of a record that had an issue outside blocks (2-log-envelopes, Records written twice).
///
/// Most lines of a stream without a block are passed over, so ``WrittenTwice`` does not know which record came last in it. Here a copy
/// is known where its lines with issues stand right behind those of the record before it in the log. Two handlers write so.
struct ReportedTwice {
  /// A record that had such issues.
  private struct Record {
    var number = -1
    var stream = StreamKey(.bare)
    /// The time as written.
    var time: [UInt8] = []
    /// The lines that had an issue, with its kind.
    var lines: [(kind: IssueKind, text: [UInt8])] = []
    /// The lines of the log from the first of them to the last, counted from 1.
    var place = 0...0
  }

  private var last = Record()
  private var current = Record()

  /// So many lines of a record are compared, and as long ones.
  private static let mostLines = 64
  private static let mostBytes = 4096

  /// Makes ready for another log.
  mutating func reset() {
    if last.number != -1 || current.number != -1 { self = ReportedTwice() }
  }

  /// Takes note of an issue; whether the record before has the same at the same place of its issues. A line that was read again, behind
  /// others, has the context of another record and is no copy.
  mutating func isCopy(
    _ kind: IssueKind, _ text: Span<UInt8>, at line: Int, of record: BlockRecord, in context: LogRecordContext
  ) -> Bool {
    guard record.number == context.number, LogTime(context.timeText.span) != nil else { return false }
    if context.number != current.number {
      last = current
      current = Record(
        number: context.number, stream: context.streamKey, time: context.timeText, place: line...line)
    }
    current.place = current.place.lowerBound...max(line, current.place.upperBound)
    let place = current.lines.count
    guard place < Self.mostLines, text.count <= Self.mostBytes else { return false }
    var bytes: [UInt8] = []
    bytes.append(text)
    if WrittenTwice.isToken(bytes) { return false }
    current.lines.append((kind, bytes))
    // Records that are passed over are not numbered, so that only lines tell what stands between two of them.
    return last.place.upperBound + 1 == current.place.lowerBound && last.time == current.time
      && last.stream == current.stream && place < last.lines.count && last.lines[place] == (kind, bytes)
  }
}

public import LogModel

/// The front door of the grammar: bytes of one decompressed log in, records and issues out.
///
/// Chunks may be cut anywhere; the result does not depend on where. Nothing is thrown: what is wrong with a log is an event with a
/// position. A record comes as soon as its block has ended, so a log can be followed while it grows.
///
/// Behind the door ``LineSplitter`` cuts the bytes into lines, ``RecordReader`` reads the lines as log records by the envelopes of
/// ``EnvelopeDefinition/all``, and ``BlockStreams`` reads the blocks in their messages.
public struct LogScanner {
  private var splitter: LineSplitter
  private var reader: RecordReader
  private var mark = ByteOrderMark()
  private var unread = UnreadHeaders()

  /// A scanner for one log.
  /// - Parameters:
  ///   - limits: What one block may cost.
  ///   - expecting: The task attempt that the log's path, or whoever pipes it, names. Lines that name another one are reported,
  ///     once, as `identity_conflict` (2-log-envelopes, Identity).
  ///   - runIsLogicalDate: Whether the expected run id is the run's logical date, as in Airflow's older paths.
  ///   - lineFormat: The log's own format, where `airflow.cfg` has another than the default (2-log-envelopes, Envelopes: custom).
  public init(
    limits: ScanLimits = ScanLimits(), expecting: TaskIdentity? = nil, runIsLogicalDate: Bool = false,
    lineFormat: LineFormat? = nil
  ) {
    let envelopes =
      lineFormat.map { EnvelopeList(EnvelopeDefinition.all, lineFormat: $0) } ?? EnvelopeList.standard
    self.init(
      limits: limits, expecting: expecting, runIsLogicalDate: runIsLogicalDate, envelopes: envelopes)
  }

  /// A scanner that looks for some envelopes. With `passesOver` false each line is read; the result is the same.
  init(
    limits: ScanLimits = ScanLimits(), expecting: TaskIdentity? = nil, runIsLogicalDate: Bool = false,
    envelopes: EnvelopeList, passesOver: Bool = true
  ) {
    splitter = LineSplitter(envelopes, textLimit: limits.textLineBytes, jsonLimit: limits.jsonLineBytes)
    let expected = expecting.map { ExpectedTask(identity: $0, runIsLogicalDate: runIsLogicalDate) }
    reader = RecordReader(envelopes, limits: limits, expecting: expected, passesOver: passesOver)
  }

  /// Forgets the log, however far it was read, and makes ready for another one, as a new scanner with the same limits and the same format
  /// would be. Only buffers are kept, so that a short log is read without making them. After a large log make a new scanner: its buffers
  /// may be large.
  /// - Parameters:
  ///   - expecting: The task attempt that the other log's path, or whoever pipes it, names.
  ///   - runIsLogicalDate: Whether the expected run id is the run's logical date.
  public mutating func begin(expecting: TaskIdentity? = nil, runIsLogicalDate: Bool = false) {
    splitter.reset()
    reader.reset(expecting: expecting.map { ExpectedTask(identity: $0, runIsLogicalDate: runIsLogicalDate) })
    mark = ByteOrderMark()
    unread.reset()
  }

  // MARK: What the log is, as far as it has been read

  /// Headers found so far, replays included.
  public var blockCount: Int { reader.streams.blockCount }
  /// Blocks that were replays of earlier ones.
  public var replayCount: Int { reader.streams.replayCount }
  /// Bytes of the decompressed log taken so far.
  public var byteCount: Int { splitter.bytesConsumed + mark.pending }
  /// The number of the physical line that the next byte belongs to, from 1.
  public var lineCount: Int { splitter.position.line }
  /// What the log tells of its task attempt.
  public var outcome: TaskOutcome { reader.attempt.outcome }
  /// What the log's lines tell of the attempts they name; empty where they name none. Only where nobody told whose log it is are all
  /// lines asked.
  public var toldOutcomes: [ToldOutcome] { reader.attempt.toldOutcomes }
  /// Whether the log's lines tell of more than one attempt, where nobody told whose log it is.
  public var tellsSeveralAttempts: Bool { reader.attempt.tellsSeveral }
  /// Airflow 3's identifier of the first task instance that a line names, with the time of that line.
  public var firstInstance: (id: String, time: LogTime?)? { reader.attempt.firstInstance }
  /// The envelopes that were recognised, with the number of records of each; of one that wraps others, of lines. Of text, lines count
  /// that begin like a record as far as the name of their source.
  public var envelopes: [(envelope: LogEnvelope, count: Int)] { reader.counts.found(in: reader.envelopes) }

  // MARK: Reading

  /// Takes the next bytes of the log and hands on what has become certain.
  public mutating func consume(_ chunk: Span<UInt8>, _ sink: (consuming LogEvent) -> Void) {
    if mark.isPast {
      read(chunk, sink)
      return
    }
    switch mark.take(chunk) {
    case .unclear: break
    case .text(let earlier):
      if !earlier.isEmpty { read(earlier.span, sink) }
      read(chunk, sink)
    case .mark(let length, let end):
      splitter.skipMark(length)
      read(chunk.extracting(end..<chunk.count), sink)
    }
  }

  private mutating func read(_ chunk: Span<UInt8>, _ sink: (consuming LogEvent) -> Void) {
    relieved(sink) { $0.readLines(chunk, $1) }
  }

  /// Runs the body, in which one line can bring events in great number: these go to the sink before the line has ended.
  private mutating func relieved(
    _ sink: (consuming LogEvent) -> Void, _ body: (inout LogScanner, (consuming LogEvent) -> Void) -> Void
  ) {
    withoutActuallyEscaping(sink) { sink in
      reader.streams.relief = sink
      body(&self, sink)
      reader.streams.relief = nil
    }
  }

  private mutating func readLines(_ chunk: Span<UInt8>, _ sink: (consuming LogEvent) -> Void) {
    unread.begin(chunk, of: splitter.position, at: splitter.bytesConsumed)
    var looked = 0
    let end = ByteScan.lastLineEnd(chunk, from: 0)
    var position = 0
    while position < end {
      if !splitter.isWithinLine, reader.mayBeInsideBlock,
        let run = reader.takePairs(chunk, from: position, to: end, at: splitter.position)
      {
        splitter.advance(lines: run.count, bytes: run.end - position)
        position = run.end
        reader.streams.lineEnded()
        if position == end { break }
      } else if !splitter.isWithinLine, !reader.mayBeInsideBlock,
        let passed = reader.pass(chunk, from: position, to: end)
      {
        splitter.advance(lines: passed.lines, bytes: passed.end - position)
        if !unread.isOver {
          unread.look(through: chunk, looked..<position)
          looked = passed.end
        }
        position = passed.end
        if position == end { break }
      }
      position = splitter.takeLine(chunk, from: position) { reader.take($0, $1) }
      reader.streams.lineEnded()
      drain(sink)
    }
    splitter.hold(chunk, from: end) { reader.take($0, $1) }
    drain(sink)
    unread.look(through: chunk, looked..<chunk.count)
    unread.end(chunk)
  }

  /// Hands the events on.
  private mutating func drain(_ sink: (consuming LogEvent) -> Void) {
    if unread.isOver {
      reader.streams.drain(sink)
      return
    }
    for line in reader.streams.takeRelievedLines() { unread.issueCame(atLine: line) }
    if blockCount > 0 { unread.stop() }
    reader.streams.drain { event in
      if case .sourceIssue(let issue) = event { unread.issueCame(issue) }
      sink(event)
    }
  }

  /// Ends the log. `isWhole` is false when it is known to be cut or damaged: blocks that are still open then say so, and so does a last
  /// line without LF in any case (1-correlation-data, Grammar: nothing is read from a line that may be cut).
  public mutating func finish(isWhole: Bool, _ sink: (consuming LogEvent) -> Void) {
    let beginning = mark.finish()
    if !beginning.isEmpty { read(beginning.span, sink) }
    // A list of records that stops within is known to be cut, whatever the file is.
    let isWhole = isWhole && !splitter.lacksEndOfList
    relieved(sink) { scanner, sink in
      scanner.splitter.finish { scanner.reader.take($0, $1) }
      scanner.reader.finish(isWhole: isWhole)
      scanner.drain(sink)
    }
    if let issue = unread.issue() { sink(.sourceIssue(issue)) }
  }

  /// A gzip member begins with the next byte.
  public mutating func beginMember() {
    reader.streams.beginMember()
  }

  /// The gzip member that was being read proved damaged: its checksum or length is wrong, or inflating failed.
  ///
  /// Every block with bytes of it is in doubt. Those not yet handed on say so themselves.
  /// - Returns: The blocks concerned, as ranges of their numbers, and the issue of the source that names the first of them; nil where
  ///   none is.
  public mutating func memberIsDamaged() -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? {
    reader.memberIsDamaged(isWithinLine: splitter.isWithinLine)
  }
}

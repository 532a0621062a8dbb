public import LogModel

/// The front door of the grammar: bytes of one decompressed log in, records and issues out.
///
/// Chunks may be cut anywhere; the result does not depend on where. Nothing is thrown: what is wrong with a log is an
/// event with a position. A record comes as soon as its block has ended, so a log can be followed while it grows.
///
/// Ordinary lines are passed over by a search over the whole chunk (``LineSkipper``); the others are taken one by one.
/// Of these too a line is only looked at as far as it takes to see that nothing depends on it (`passesOver`,
/// ``QuietJSONLine``).
public struct LogScanner: Sendable {
  var splitter: LineSplitter
  var state: BlockLedger
  var outcomeTracker = OutcomeTracker()
  var streams = StreamTable()

  /// The lines that are being read, and those of the other container streams.
  var lane = RecordLane()
  var parkedLanes: [RecordLane] = []
  var recordNumber = 0
  let lineFormat: LineFormat?
  var envelopeCounts = EnvelopeCounts()

  var firstTime: LogTime?
  var lastTimeText: [UInt8] = []
  /// Reused buffers: a line without escape sequences; an event with its escapes resolved.
  var plain: [UInt8] = []
  var decoded: [UInt8] = []
  /// The task attempt that the log's path names, until a line was found to contradict it.
  var expectedIdentity: TaskIdentity?
  /// Whether somebody knows whose log it is; if not, all lines are asked.
  let isIdentityKnown: Bool
  var told = ToldIdentity()
  var instances = InstanceTable()
  /// The task instance that was last compared with the path's.
  var checkedInstance: [UInt8] = []
  /// Of streams some of whose lines may have no time: those of JSON lines and of downloads.
  var streamTimes = StreamTimes()
  var quietLines = QuietLineTable()
  var repeated = RepeatedJSONLine()
  var skipper = LineSkipper()
  /// Blocks unfinished when the gzip member began.
  var memberUnfinished: [BlockMark] = []

  /// A scanner for one log.
  /// - Parameters:
  ///   - limits: What one block may cost.
  ///   - expecting: The task attempt that the log's path names. Lines that name another one are reported,
  ///     once, as `identity_conflict` (2-log-envelopes, Identity).
  ///   - lineFormat: The log's own format, where `airflow.cfg` has another than the default (2-log-envelopes,
  ///     Envelopes: custom).
  public init(
    limits: ScanLimits = ScanLimits(), expecting: TaskIdentity? = nil, lineFormat: LineFormat? = nil
  ) {
    expectedIdentity = expecting
    isIdentityKnown = expecting != nil
    self.lineFormat = lineFormat
    splitter = LineSplitter(textLimit: limits.textLineBytes, jsonLimit: limits.jsonLineBytes)
    state = BlockLedger(limits: limits)
  }

  /// Headers found so far, replays included.
  public var blockCount: Int { state.blockCount }
  /// Blocks that were replays of earlier ones.
  public var replayCount: Int { state.replayCount }
  /// Bytes of the decompressed log taken so far.
  public var byteCount: Int { splitter.bytesConsumed }
  /// The number of the physical line that the next byte belongs to, from 1.
  public var lineCount: Int { splitter.position.line }
  /// What the log tells of its task attempt, as far as it has been read.
  public var outcome: TaskOutcome {
    outcomeTracker.outcome(first: firstTime, last: LogTime(lastTimeText.span))
  }

  /// What the log's lines tell of the attempts they name; empty where they name none. Only where nobody told whose
  /// log it is are all lines asked.
  public var toldOutcomes: [ToldOutcome] {
    var outcomes: [ToldOutcome] = []
    for instance in instances.instances {
      guard let identity = instance.identity, !outcomes.contains(where: { $0.identity == identity }) else {
        continue
      }
      outcomes.append(
        ToldOutcome(
          identity: identity,
          outcome: instances.hasSeveral
            ? instance.tracker.outcome(first: instance.first, last: LogTime(instance.lastTimeText.span))
            : outcome))
    }
    if outcomes.isEmpty, let identity = told.identity {
      outcomes.append(ToldOutcome(identity: identity, outcome: outcome))
    }
    return outcomes
  }
  /// Airflow 3's identifier of the first task instance that a line names, with the time of that line.
  public var firstInstance: (id: String, time: LogTime?)? {
    instances.instances.first { $0.id != nil }.flatMap { instance in instance.id.map { ($0, instance.first) }
    }
  }
  /// The envelopes that were recognised, with the number of records of each (of a collector's, of lines). Of Airflow 2's
  /// text, lines count that begin like a record as far as their file's name.
  public var envelopes: [(envelope: LogEnvelope, count: Int)] { envelopeCounts.found }

  /// Takes the next bytes of the log and hands on what has become certain.
  public mutating func consume(_ chunk: Span<UInt8>, _ sink: (LogEvent) -> Void) {
    // The splitter is taken out for the call, because its lines are handed to the rest of the scanner.
    var splitter = self.splitter
    self.splitter = LineSplitter(textLimit: 0, jsonLimit: 0)
    let end = ByteScan.lastLineEnd(chunk, from: 0)
    var position = 0
    while position < end {
      if !splitter.isWithinLine { position = pass(chunk, from: position, to: end, &splitter) }
      guard position < end else { break }
      position = splitter.takeLine(chunk, from: position) { line, attributes in take(line, attributes) }
      state.isLineDamaged = false
      if !state.events.isEmpty { state.drain(sink) }
    }
    splitter.hold(chunk, from: end) { line, attributes in
      take(line, attributes)
      if !state.events.isEmpty { state.drain(sink) }
    }
    self.splitter = splitter
  }

  /// Ends the log. `isWhole` is false when it is known to be cut or damaged: blocks that are still open then
  /// say so, and so does a last line without LF in any case (1-correlation-data, Cut lines: nothing is read
  /// from a line that may be cut).
  public mutating func finish(isWhole: Bool, _ sink: (LogEvent) -> Void) {
    // An API answer that stops in its list is known to be cut, whatever the file is.
    let isWhole = isWhole && !splitter.isWithinAnswer
    var splitter = self.splitter
    splitter.finish { line, attributes in take(line, attributes) }
    self.splitter = splitter
    finishLines()
    let before = state.events.count
    if isWhole { finishRecords() }
    for index in streams.open {
      streams.change(index) { $0.finish(isWhole: isWhole, sawFailure: outcomeTracker.sawFailure, &state) }
    }
    state.orderRecords(from: before)
    state.drain(sink)
  }

  /// A gzip member begins with the next byte.
  public mutating func beginMember() {
    memberUnfinished = streams.unfinishedBlocks
    state.beginMember()
  }

  /// The gzip member that was being read proved damaged: its checksum or length is wrong, or inflating failed.
  ///
  /// Every block with bytes of it is in doubt. Those not yet handed on say so themselves.
  /// - Returns: The blocks concerned, as ranges of their numbers, and the issue of the source that names the first of
  ///   them; nil where none is.
  public mutating func memberIsDamaged() -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? {
    for index in streams.open { streams.change(index) { $0.markDamaged() } }
    state.isLineDamaged = splitter.isWithinLine
    lane.markDamaged()
    for index in parkedLanes.indices { parkedLanes[index].markDamaged() }
    var blocks = memberUnfinished.map { $0.number...$0.number }
    if let first = state.firstInMember { blocks.append(first.number...state.blockCount) }
    let first = memberUnfinished.first ?? state.firstInMember
    state.awaitsDamagedBlock = first == nil
    return first.map { (blocks, .damage(from: $0)) }
  }
}

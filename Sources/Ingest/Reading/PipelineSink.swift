import CorrelationGrammar
import LogInput
import LogModel

/// Feeds the scanner and hands on what it finds.
///
/// What a chunk of a gzip member gave is held until the next chunk has come or the member has ended well, so that the records
/// of its last chunk can still say that the member is damaged (5-command-line, Streaming).
struct PipelineSink<Failure: Error>: LogSink {
  private let reused: ReusedScanner
  private var events: HeldEvents<Failure>
  private var isInMember = false
  private let lines: ((Span<UInt8>) -> Void)?
  private let handle: (consuming LogPart) throws(Failure) -> Void
  private let chunkEnd: () throws(Failure) -> Void

  init(
    _ reused: ReusedScanner, lines: ((Span<UInt8>) -> Void)?,
    handle: @escaping (consuming LogPart) throws(Failure) -> Void,
    chunkEnd: @escaping () throws(Failure) -> Void
  ) {
    self.reused = reused
    events = HeldEvents(handle: handle, buffers: &reused.events)
    self.lines = lines
    self.handle = handle
    self.chunkEnd = chunkEnd
  }

  mutating func opened(_ state: LogState?) throws(Failure) { try handle(.opened(state)) }

  mutating func receive(_ bytes: Span<UInt8>) throws(Failure) {
    if let lines { lines(bytes) }
    reused.scanner.consume(bytes) { events.find($0) }
    try events.endChunk()
    if !isInMember { try events.flush() }
    try chunkEnd()
  }

  mutating func memberBegan(_ member: GzipMember) throws(Failure) {
    try events.flush()
    isInMember = true
    reused.scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure) {
    if let damage, damage.castsDoubt, let (blocks, issue) = reused.scanner.memberIsDamaged() {
      events.markDamaged(blocks)
      try events.take(issue)
      for range in blocks { try handle(.damage(blocks: range)) }
    }
    try events.flush()
    isInMember = false
  }

  /// Ends the log.
  mutating func finish(
    _ reading: LogReading, mayStillGrow: (TaskOutcome, LogState?) -> Bool
  ) throws(Failure) -> LogScan {
    try finish(&reused.scanner, reading, mayStillGrow)
  }

  /// The scanner is passed by reference, because each look at a class's property would copy it.
  private mutating func finish(
    _ scanner: inout LogScanner, _ reading: LogReading, _ mayStillGrow: (TaskOutcome, LogState?) -> Bool
  ) throws(Failure) -> LogScan {
    let status = reading.status(scanner.outcome, mayStillGrow: mayStillGrow)
    scanner.finish(isWhole: status == .complete) { events.find($0) }
    try events.endChunk()
    try events.flush()
    if let garbage = reading.trailingGarbage {
      try events.take(
        GrammarIssue(
          kind: .trailingGarbage, line: scanner.lineCount, offset: scanner.byteCount,
          raw: String(decoding: garbage.bytes, as: UTF8.self)))
    }
    try chunkEnd()
    events.giveBack(to: &reused.events)
    let toldOutcomes = scanner.toldOutcomes
    return LogScan(
      reading: reading, status: status, blocks: scanner.blockCount, replays: scanner.replayCount,
      issues: events.issues.list, outcome: scanner.outcome, toldOutcomes: toldOutcomes,
      toldIdentity: Self.toldIdentity(toldOutcomes, scanner),
      tellsSeveralAttempts: scanner.tellsSeveralAttempts, envelopes: scanner.envelopes)
  }

  private static func toldIdentity(
    _ outcomes: [ToldOutcome], _ scanner: borrowing LogScanner
  ) -> TaskIdentity? {
    guard outcomes.count == 1, var identity = outcomes.first?.identity else { return nil }
    if let (id, time) = scanner.firstInstance { identity.part = time.map { "\(id)@\($0)" } ?? id }
    return identity
  }
}

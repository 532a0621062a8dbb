import CorrelationGrammar
import LogInput
import LogModel

/// Feeds the scanner and hands on what it finds.
///
/// What a chunk of a gzip member gave is held until the next chunk has come or the member has ended well, so that the records
/// of its last chunk can still say that the member is damaged (5-command-line, Streaming).
struct PipelineSink<Failure: Error>: LogSink {
  private var scanner: LogScanner
  private var events: HeldEvents<Failure>
  private var isInMember = false
  private let lines: ((Span<UInt8>) -> Void)?
  private let handle: (consuming LogPart) throws(Failure) -> Void
  private let chunkEnd: () throws(Failure) -> Void

  init(
    _ scanner: consuming LogScanner, lines: ((Span<UInt8>) -> Void)?,
    handle: @escaping (consuming LogPart) throws(Failure) -> Void,
    chunkEnd: @escaping () throws(Failure) -> Void
  ) {
    self.scanner = scanner
    events = HeldEvents(handle: handle)
    self.lines = lines
    self.handle = handle
    self.chunkEnd = chunkEnd
  }

  mutating func opened(_ state: LogState?) throws(Failure) { try handle(.opened(state)) }

  mutating func receive(_ bytes: Span<UInt8>) throws(Failure) {
    if let lines { lines(bytes) }
    scanner.consume(bytes) { events.find($0) }
    try events.endChunk()
    if !isInMember { try events.flush() }
    try chunkEnd()
  }

  mutating func memberBegan(_ member: GzipMember) throws(Failure) {
    try events.flush()
    isInMember = true
    scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure) {
    if let damage, damage.castsDoubt, let (blocks, issue) = scanner.memberIsDamaged() {
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
    return LogScan(
      reading: reading, status: status, blocks: scanner.blockCount, replays: scanner.replayCount,
      issues: events.issues.list, outcome: scanner.outcome, toldOutcomes: scanner.toldOutcomes,
      toldIdentity: toldIdentity, tellsSeveralAttempts: scanner.tellsSeveralAttempts,
      envelopes: scanner.envelopes)
  }

  private var toldIdentity: TaskIdentity? {
    guard scanner.toldOutcomes.count == 1, var identity = scanner.toldOutcomes.first?.identity else {
      return nil
    }
    if let (id, time) = scanner.firstInstance { identity.part = time.map { "\(id)@\($0)" } ?? id }
    return identity
  }
}

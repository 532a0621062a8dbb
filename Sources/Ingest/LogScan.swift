public import CorrelationGrammar
public import LogInput
public import LogModel

/// What reading and scanning one log came to, besides its records.
public struct LogScan: Sendable {
  /// How the reading went.
  public var reading: LogReading
  /// The status, which besides the reading's says whether the task may still write.
  public var status: LogStatus
  /// Headers found, replays included.
  public var blocks: Int
  /// Blocks that stood in the log before.
  public var replays: Int
  /// Issues of the source, in the order found.
  public var issues: [GrammarIssue]
  /// What the log tells of its task attempt.
  public var outcome: TaskOutcome
  /// What its lines tell of the attempts that they name; for a log of which nobody else knows whose it is.
  public var toldOutcomes: [ToldOutcome]
  /// The attempt that its lines name, where they name one; nil where none or several. Of a container's output
  /// `part` says which one it is: the first task instance's identifier with its first time (2-log-envelopes,
  /// Identity).
  public var toldIdentity: TaskIdentity?
  /// The envelopes that were recognised, with the number of records of each (of a collector's, of lines).
  public var envelopes: [(envelope: LogEnvelope, count: Int)]

  /// What the log tells of the attempt that it belongs to; where none is known, of each that its lines name.
  public func outcomes(of identity: TaskIdentity?) -> [(identity: TaskIdentity, outcome: TaskOutcome)] {
    if let identity { return [(identity, outcome)] }
    return toldOutcomes.map { ($0.identity, $0.outcome) }
  }
}

/// What a scan hands on while it goes on.
public enum ScanEvent: Sendable {
  /// The log was opened and looked like this; nil where nothing tells. Comes first.
  case opened(LogState?)
  /// A block has ended and is a record.
  case record(CorrelationRecord)
  /// These blocks have bytes of a gzip member that proved damaged; records handed on before do not say so.
  case damage(blocks: ClosedRange<Int>)
}

/// Reads one log and scans it: bytes → inflated chunks → log lines → blocks → records.
///
/// One scanner serves one thread; it keeps the reader's buffers from log to log.
public struct LogScanning: ~Copyable {
  private var reader: PlaceReader
  private let limits: ScanLimits
  private let lineFormat: LineFormat?

  /// A scanner with its buffers.
  public init(
    readLimits: ReadLimits = ReadLimits(), limits: ScanLimits = ScanLimits(), lineFormat: LineFormat? = nil,
    fingerprints: Bool, inflater: Inflater = .fastest
  ) {
    reader = PlaceReader(LogReader(limits: readLimits, fingerprints: fingerprints, inflater: inflater))
    self.limits = limits
    self.lineFormat = lineFormat
  }

  /// Reads a log only to learn whose it is.
  /// - Returns: The attempt, nil where the lines name none or several; and what went wrong with the reading.
  mutating func identity(of place: LogPlace) -> (identity: TaskIdentity?, error: InputError?) {
    let scan = scan(place, handle: { (_) throws(Never) in }, chunkEnd: { () throws(Never) in })
    return (scan.toldIdentity, scan.reading.error)
  }

  /// Reads a log to its end.
  /// - Parameters:
  ///   - place: The log.
  ///   - given: The task attempt that the log belongs to whatever its lines say; nil where only they tell.
  ///   - mayStillGrow: Given the plain log's outcome and file state, whether its task may still write into
  ///     it; the log is then `growing` though nothing changed while it was read (2-log-envelopes, Growing
  ///     logs).
  ///   - handle: Takes records and damage in stream order.
  ///   - chunkEnd: Called when what was read so far has been handed on, so that output can be flushed.
  /// - Returns: How the reading went, and what the log is beside its records.
  /// - Throws: What `handle` and `chunkEnd` throw, and nothing else.
  public mutating func scan<Failure: Error>(
    _ place: LogPlace, of given: GivenTask? = nil,
    mayStillGrow: (TaskOutcome, LogState?) -> Bool = { _, _ in false },
    handle: (ScanEvent) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) -> LogScan {
    // The sink keeps what the closures do not need: the scanner and the issues of the source.
    return try withoutActuallyEscaping(handle) { (handle) throws(Failure) in
      try withoutActuallyEscaping(chunkEnd) { (chunkEnd) throws(Failure) in
        var sink = ScanningSink<Failure>(
          scanner: LogScanner(
            limits: limits, expecting: given?.identity, runIsLogicalDate: given?.runIsLogicalDate ?? false,
            lineFormat: lineFormat),
          handle: handle, chunkEnd: chunkEnd)
        return try sink.finish(try reader.read(place, into: &sink), mayStillGrow: mayStillGrow)
      }
    }
  }
}

/// Feeds the scanner and hands on what it finds.
///
/// What a chunk of a gzip member gave is held until the next chunk has come or the member has ended well, so
/// that the records of its last chunk can still say that the member is damaged (5-command-line, Streaming).
private struct ScanningSink<Failure: Error>: LogSink {
  private var scanner: LogScanner
  private var found: [LogEvent] = []
  private var held: [LogEvent] = []
  private var issues: [GrammarIssue] = []
  private var isInMember = false
  private let handle: (ScanEvent) throws(Failure) -> Void
  private let chunkEnd: () throws(Failure) -> Void

  init(
    scanner: LogScanner, handle: @escaping (ScanEvent) throws(Failure) -> Void,
    chunkEnd: @escaping () throws(Failure) -> Void
  ) {
    self.scanner = scanner
    self.handle = handle
    self.chunkEnd = chunkEnd
  }

  mutating func opened(_ state: LogState?) throws(Failure) { try handle(.opened(state)) }

  mutating func receive(_ bytes: Span<UInt8>) throws(Failure) {
    scanner.consume(bytes) { found.append($0) }
    try handOn(held)
    held.removeAll(keepingCapacity: true)
    swap(&found, &held)
    if !isInMember { try flush() }
    try chunkEnd()
  }

  mutating func memberBegan(_ member: GzipMember) throws(Failure) {
    try flush()
    isInMember = true
    scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure) {
    if let damage, damage.castsDoubt, let (blocks, issue) = scanner.memberIsDamaged() {
      for index in held.indices {
        guard case .record(var record) = held[index], blocks.contains(where: { $0.contains(record.block) })
        else { continue }
        record.markDamaged()
        held[index] = .record(record)
      }
      issues.append(issue)
      for range in blocks { try handle(.damage(blocks: range)) }
    }
    try flush()
    isInMember = false
  }

  mutating func finish(
    _ reading: LogReading, mayStillGrow: (TaskOutcome, LogState?) -> Bool
  ) throws(Failure) -> LogScan {
    var status = reading.status
    if status == .complete, reading.wrapping == .plain, mayStillGrow(scanner.outcome, reading.file) {
      status = .growing
    }
    scanner.finish(isWhole: status == .complete) { held.append($0) }
    try flush()
    if let garbage = reading.trailingGarbage {
      issues.append(
        GrammarIssue(
          kind: .trailingGarbage, line: scanner.lineCount, offset: scanner.byteCount,
          raw: String(decoding: garbage.bytes, as: UTF8.self)))
    }
    try chunkEnd()
    return LogScan(
      reading: reading, status: status, blocks: scanner.blockCount, replays: scanner.replayCount,
      issues: issues, outcome: scanner.outcome, toldOutcomes: scanner.toldOutcomes,
      toldIdentity: toldIdentity,
      envelopes: scanner.envelopes)
  }

  private var toldIdentity: TaskIdentity? {
    guard scanner.toldOutcomes.count == 1, var identity = scanner.toldOutcomes.first?.identity else {
      return nil
    }
    if let (id, time) = scanner.firstInstance { identity.part = time.map { "\(id)@\($0)" } ?? id }
    return identity
  }

  private mutating func flush() throws(Failure) {
    try handOn(held)
    held.removeAll(keepingCapacity: true)
  }

  private mutating func handOn(_ events: [LogEvent]) throws(Failure) {
    for event in events {
      switch event {
      case .record(let record):
        try handle(.record(record))
      case .replay: break
      case .sourceIssue(let issue): issues.append(issue)
      }
    }
  }
}

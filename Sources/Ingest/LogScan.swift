public import CorrelationGrammar
public import LogInput
public import SystemPackage

/// Where a log is read from.
public enum LogPlace: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file; whether a link at the path's end is followed: so when somebody named it, not when a walk found it.
  case file(FilePath, followingLinks: Bool)

  /// The file's last modification, where it is one.
  var modificationTime: LogTime? {
    switch self {
    case .standardInput: nil
    case .file(let path, _): path.modificationTime
    }
  }
}

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
}

/// Reads one log and scans it: bytes → inflated chunks → log lines → blocks → records.
///
/// One scanner serves one thread; it keeps the reader's buffers from log to log.
public struct LogScanning: ~Copyable {
  private var reader: LogReader
  private let limits: ScanLimits

  /// A scanner with its buffers.
  public init(readLimits: ReadLimits = ReadLimits(), limits: ScanLimits = ScanLimits(), fingerprints: Bool) {
    reader = LogReader(limits: readLimits, fingerprints: fingerprints)
    self.limits = limits
  }

  /// Reads a log to its end.
  /// - Parameters:
  ///   - place: The log.
  ///   - mayStillGrow: Given the plain log's outcome and file state, whether its task may still write into it;
  ///     the log is then `growing` though nothing changed while it was read (page 2, *Files*).
  ///   - handle: Takes records, replays and damage in stream order.
  ///   - chunkEnd: Called when what was read so far has been handed on, so that output can be flushed.
  /// - Returns: How the reading went, and what the log is beside its records.
  /// - Throws: What `handle` and `chunkEnd` throw, and nothing else.
  public mutating func scan<Failure: Error>(
    _ place: LogPlace, mayStillGrow: (TaskOutcome, FileState?) -> Bool = { _, _ in false },
    handle: (LogEvent) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) -> LogScan {
    // The sink keeps what the closures do not need: the scanner and the issues of the source.
    return try withoutActuallyEscaping(handle) { (handle) throws(Failure) in
      try withoutActuallyEscaping(chunkEnd) { (chunkEnd) throws(Failure) in
        var sink = ScanningSink<Failure>(limits: limits, handle: handle, chunkEnd: chunkEnd)
        let reading =
          switch place {
          case .standardInput: try reader.readStandardInput(into: &sink)
          case .file(let path, let followingLinks):
            try reader.read(path, followingLinks: followingLinks, into: &sink)
          }
        return try sink.finish(reading, mayStillGrow: mayStillGrow)
      }
    }
  }
}

/// Feeds the scanner and hands on what it finds.
private struct ScanningSink<Failure: Error>: LogSink {
  private var scanner: LogScanner
  private var events: [LogEvent] = []
  private var issues: [GrammarIssue] = []
  private let handle: (LogEvent) throws(Failure) -> Void
  private let chunkEnd: () throws(Failure) -> Void

  init(
    limits: ScanLimits, handle: @escaping (LogEvent) throws(Failure) -> Void,
    chunkEnd: @escaping () throws(Failure) -> Void
  ) {
    scanner = LogScanner(limits: limits)
    self.handle = handle
    self.chunkEnd = chunkEnd
  }

  mutating func receive(_ bytes: Span<UInt8>) throws(Failure) {
    scanner.consume(bytes) { events.append($0) }
    try handOn()
    try chunkEnd()
  }

  mutating func memberBegan(_ member: GzipMember) throws(Failure) {
    scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure) {
    guard let damage, damage.castsDoubt else { return }
    scanner.memberIsDamaged { events.append($0) }
    try handOn()
  }

  mutating func finish(
    _ reading: LogReading, mayStillGrow: (TaskOutcome, FileState?) -> Bool
  ) throws(Failure) -> LogScan {
    var status = reading.status
    if status == .complete, reading.wrapping == .plain, mayStillGrow(scanner.outcome, reading.file) {
      status = .growing
    }
    scanner.finish(isWhole: status == .complete) { events.append($0) }
    try handOn()
    if let garbage = reading.trailingGarbage {
      issues.append(
        GrammarIssue(
          kind: .trailingGarbage, line: scanner.lineCount, offset: scanner.byteCount,
          raw: String(decoding: garbage.bytes, as: UTF8.self)))
    }
    try chunkEnd()
    return LogScan(
      reading: reading, status: status, blocks: scanner.blockCount, replays: scanner.replayCount,
      issues: issues, outcome: scanner.outcome)
  }

  private mutating func handOn() throws(Failure) {
    guard !events.isEmpty else { return }
    for event in events {
      if case .sourceIssue(let issue) = event { issues.append(issue) } else { try handle(event) }
    }
    events.removeAll(keepingCapacity: true)
  }
}

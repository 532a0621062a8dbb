public import CorrelationGrammar
public import LogInput
public import LogModel

/// One thing that a log gives while it is read.
public enum LogPart: Sendable {
  /// The log was opened. Carries its state; nil if it has none, as a pipe. It is the first part.
  case opened(LogState?)
  /// A block has ended. Carries its record.
  case record(CorrelationRecord)
  /// The log itself has an issue. ``LogScan/issues`` has it too.
  case issue(GrammarIssue)
  /// A gzip member is damaged, and these blocks have bytes of it. Their records may have been handed on before, without saying so.
  case damage(blocks: ClosedRange<Int>)
}

/// The way of one log from its bytes to its records, the same for `parse`, `lint`, `ingest` and `backfill`:
///
///     PlaceReader     opens the file, the object or the standard input, and inflates it
///         │  chunks of the log; where gzip members begin and end (of a large file through ReadAhead, from another thread)
///     PipelineSink    hands the chunks to the scanner, and holds what may yet prove damaged
///         │  chunks
///     LogScanner      lines ─► log records ─► blocks ─► correlation records
///         │  records, issues of the source
///     PipelineSink
///         │  LogPart
///     handle          prints (ParseRun), complains (LintRun) or stores (LogStorage)
///
/// At the end comes a ``LogScan``: how the reading went, and what the log tells of its task. A pipeline serves one thread and
/// keeps the buffers of reader, scanner and sink from log to log.
public struct LogPipeline: ~Copyable {
  private var reader: PlaceReader
  private let limits: ScanLimits
  private let lineFormat: LineFormat?
  private let cores: Cores?
  /// The scanner of the log that was read last, unless that log was large.
  private var reused: ReusedScanner?
  /// What a log without any byte comes to: the same for all but for their states.
  private var nothing: LogScan?
  /// Makes a reader for a thread of its own.
  private let anotherReader: @Sendable () -> PlaceReader

  /// Files from this size on are worth a thread of their own.
  private static let largeFile: Int64 = 4 << 20

  /// A pipeline with its buffers.
  /// - Parameters:
  ///   - readLimits: What one log may cost.
  ///   - limits: What one block may cost, and whether the style of its lines is noted.
  ///   - lineFormat: The logs' own format, where `airflow.cfg` has another than the default.
  ///   - fingerprints: Whether ``LogReading/fingerprint`` is wanted.
  ///   - inflater: Through what gzip is inflated.
  ///   - cores: The cores of the run. Where one of these is free, a large file is inflated on it.
  public init(
    readLimits: ReadLimits = ReadLimits(), limits: ScanLimits = ScanLimits(), lineFormat: LineFormat? = nil,
    fingerprints: Bool, inflater: Inflater = .fastest, cores: Cores? = nil
  ) {
    let makeReader = { @Sendable in
      PlaceReader(LogReader(limits: readLimits, fingerprints: fingerprints, inflater: inflater))
    }
    reader = makeReader()
    anotherReader = makeReader
    self.cores = cores
    self.limits = limits
    self.lineFormat = lineFormat
  }

  /// Reads a log to its end.
  /// - Parameters:
  ///   - place: The log.
  ///   - size: Its size when it was found; 0 where that is not known. A large file may be read ahead.
  ///   - given: The task attempt that path or flags name; nil if only the log's lines can name it.
  ///   - mayStillGrow: Whether the task of a plain log may still write to it, by the log's outcome and state. If so, the log is
  ///     `growing` although nothing changed while it was read (2-log-envelopes, Growing logs).
  ///   - lines: Takes each chunk of the log before the parts in it; nil if the text is not wanted.
  ///   - handle: Takes the parts in the order of the log.
  ///   - chunkEnd: Called after all parts of a chunk have been handed on, so that output can be flushed.
  /// - Returns: How the reading went, and everything about the log but its parts.
  /// - Throws: What `handle` and `chunkEnd` throw, and nothing else.
  public mutating func read<Failure: Error>(
    _ place: LogPlace, size: Int64 = 0, of given: @autoclosure () -> GivenTask? = nil,
    mayStillGrow: (TaskOutcome, LogState?) -> Bool = { _, _ in false },
    lines: ((Span<UInt8>) -> Void)? = nil,
    handle: (consuming LogPart) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) -> LogScan {
    if let state = place.emptyState {
      try handle(.opened(state))
      try chunkEnd()
      return scan(ofEmpty: place, state, mayStillGrow)
    }
    return try scan(
      place, size: size, of: given(), mayStillGrow, lines: lines, handle: handle, chunkEnd: chunkEnd)
  }

  private mutating func scan(
    ofEmpty place: LogPlace, _ state: LogState, _ mayStillGrow: (TaskOutcome, LogState?) -> Bool
  ) -> LogScan {
    var scan =
      nothing
      ?? scan(
        place, size: 0, of: nil, { _, _ in false }, lines: nil, handle: { (_) throws(Never) in },
        chunkEnd: { () throws(Never) in })
    nothing = scan
    scan.reading = scan.reading.reading(of: state)
    scan.status = scan.reading.status(scan.outcome, mayStillGrow: mayStillGrow)
    return scan
  }

  private mutating func scan<Failure: Error>(
    _ place: LogPlace, size: Int64, of given: GivenTask?, _ mayStillGrow: (TaskOutcome, LogState?) -> Bool,
    lines: ((Span<UInt8>) -> Void)?,
    handle: (consuming LogPart) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) -> LogScan {
    cores?.occupy()
    defer { cores?.release() }
    return try withoutActuallyEscaping(handle) { (handle) throws(Failure) in
      try withoutActuallyEscaping(chunkEnd) { (chunkEnd) throws(Failure) in
        let scanner = ReusedScanner.next(&reused, of: given, limits, lineFormat)
        defer { if !scanner.isWorthKeeping { reused = nil } }
        var sink = PipelineSink<Failure>(scanner, lines: lines, handle: handle, chunkEnd: chunkEnd)
        if size >= Self.largeFile, let reading = try readAhead(place, into: &sink) {
          return try sink.finish(reading, mayStillGrow: mayStillGrow)
        }
        return try sink.finish(try reader.read(place, into: &sink), mayStillGrow: mayStillGrow)
      }
    }
  }

  /// Reads a file on a core that is free. Nil where the log is no file or no core is free; then nothing was read.
  private func readAhead<Failure: Error>(
    _ place: LogPlace, into sink: inout PipelineSink<Failure>
  ) throws(Failure) -> LogReading? {
    guard let cores, cores.hasFree, place.isFile, cores.occupyFree() else { return nil }
    defer { cores.release() }
    return try ReadAhead().read(place, with: anotherReader, into: &sink)
  }

  /// Reads a log only to find the task attempt that its lines name.
  /// - Returns: The attempt, nil if the lines name none or several; and the error of the reading, if there was one.
  mutating func identity(of place: LogPlace) -> (identity: TaskIdentity?, error: InputError?) {
    let scan = read(place, handle: { (_) throws(Never) in }, chunkEnd: { () throws(Never) in })
    return (scan.toldIdentity, scan.reading.error)
  }
}

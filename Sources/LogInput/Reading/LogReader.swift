public import SystemPackage

/// Reads logs one after the other, gzip or not, and hands their decompressed bytes to a sink.
///
/// One reader serves one thread. It keeps its buffers, about 1 MiB, from log to log. Errors of a log or of the file system are in the
/// reading that it returns; it throws only what its sink throws.
public struct LogReader: ~Copyable {
  private let limits: ReadLimits
  private let fingerprints: Bool
  private var decoder: LogDecoder
  private var buffer: [UInt8]

  /// A reader.
  /// - Parameters:
  ///   - limits: What one log may cost.
  ///   - fingerprints: Whether ``LogReading/fingerprint`` is wanted.
  ///   - inflater: The library that inflates gzip.
  ///   - bufferBytes: How much is read and inflated at a time; at least 1.
  public init(
    limits: ReadLimits = ReadLimits(), fingerprints: Bool = true, inflater: Inflater = .fastest,
    bufferBytes: Int = 256 << 10
  ) {
    self.limits = limits
    self.fingerprints = fingerprints
    buffer = Array(repeating: 0, count: max(1, bufferBytes))
    decoder = LogDecoder(
      bufferBytes: bufferBytes, limits: limits, fingerprints: fingerprints, inflater: inflater)
  }

  /// Reads the file at a path.
  /// - Parameters:
  ///   - path: The file.
  ///   - root: The log root of a file that a walk found; nil for a file that somebody named (see ``LogFile/init(_:below:)``).
  ///   - rotated: The numbers of the log's earlier parts, the earliest part first; they are read as one log with it.
  ///   - sink: Takes the log.
  /// - Returns: The reading; its status is `failed` if the file cannot be opened.
  /// - Throws: What the sink throws, and nothing else.
  public mutating func read<Sink: LogSink & ~Copyable>(
    _ path: FilePath, below root: FilePath? = nil, rotated: [Int] = [], into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    guard rotated.isEmpty else { return try readParts(of: path, below: root, rotated, into: &sink) }
    let file: LogFile
    do throws(InputError) {
      file = try LogFile(path, below: root)
    } catch {
      return LogReading(status: .failed, error: error)
    }
    // It may have been rotated since it was listed.
    guard !path.hasRotatedPart(1) else { return try readParts(of: path, below: root, [1], into: &sink) }
    return try read(file, into: &sink)
  }

  /// Reads a log that a walk found. One that is empty is not opened.
  /// - Returns: The reading; its status is `failed` if the file cannot be opened.
  /// - Throws: What the sink throws, and nothing else.
  public mutating func read<Sink: LogSink & ~Copyable>(
    _ log: FoundLog, into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    if log.isEmpty { return try read(EmptyLog(log), into: &sink) }
    guard log.rotated.isEmpty else {
      return try readParts(of: log.readPath, below: log.readRoot.path, log.rotated, into: &sink)
    }
    let file: LogFile
    do throws(InputError) {
      file = try LogFile(log)
    } catch {
      return LogReading(status: .failed, error: error)
    }
    if log.mayBeRotated(file.state), log.hasRotatedPart(1) {
      return try readParts(of: log.readPath, below: log.readRoot.path, [1], into: &sink)
    }
    return try read(file, into: &sink)
  }

  private mutating func readParts<Sink: LogSink & ~Copyable>(
    of path: FilePath, below root: FilePath?, _ rotated: [Int], into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    let log: RotatedLog
    do throws(InputError) {
      log = try RotatedLog.opened(path, below: root, rotated: rotated)
    } catch {
      return LogReading(status: .failed, error: error)
    }
    return try read(log, into: &sink)
  }

  /// Reads the standard input to its end.
  public mutating func readStandardInput<Sink: LogSink & ~Copyable>(
    into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    let file: LogFile
    do throws(InputError) {
      file = try LogFile.standardInput()
    } catch {
      return LogReading(status: .failed, error: error)
    }
    return try read(file, into: &sink)
  }

  /// Reads an open log to its end.
  public mutating func read<Source: LogSource & ~Copyable, Sink: LogSink & ~Copyable>(
    _ log: consuming Source, into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    decoder.reset(limits: limits, fingerprints: fingerprints)
    var failure: InputError?
    var wantsMore = true
    var isOpened = false
    while wantsMore {
      let count: Int
      do throws(InputError) {
        count = try log.read(into: &buffer)
      } catch {
        failure = error
        break
      }
      if !isOpened { try sink.opened(log.logState) }
      isOpened = true
      if count == 0 { break }
      // A second reference, not a copy, and gone before the next read (see LogDecoder.take).
      let chunk = buffer
      wantsMore = try decoder.take(chunk.span.extracting(0..<count), into: &sink)
    }
    var (reading, damage) = try decoder.finish(into: &sink)
    reading.compressedBytes = log.bytesRead
    reading.file = log.logState
    if let failure {
      // The sink has got the bytes before the failed read, as those of a log that is cut there. The caller decides by the error's concern
      // whether to keep them.
      if reading.status != .corrupt { reading.status = reading.decompressedBytes > 0 ? .truncated : .failed }
      reading.error = failure
      // Store no state for the bytes that were not read. Otherwise the next run would take the object for unchanged and not read it again.
      if case .bucket(let trouble) = failure.kind {
        reading.file = nil
        if trouble == .changed { reading.status = .growing }
      }
      return reading
    }
    reading.error = damage.map { log.error($0.kind, offset: $0.offset) }
    if log.hasChanged() { reading.status = .growing }
    return reading
  }
}

import CorrelationGrammar

/// A scanner with the buffers of a sink, for one log after the other. It is a class so that a sink need not copy it.
final class ReusedScanner {
  /// Scans the log that is read.
  var scanner: LogScanner
  /// Buffers for events, empty between two logs.
  var events = EventBuffers()

  /// So many bytes a log may have so that its scanner is kept. The buffers of a larger log may be large.
  private static let mostBytes = 1 << 20

  private init(_ scanner: consuming LogScanner) {
    self.scanner = scanner
  }

  /// Whether the scanner is worth keeping for the next log.
  var isWorthKeeping: Bool { scanner.byteCount <= Self.mostBytes }

  /// Makes a scanner ready for the next log.
  /// - Parameters:
  ///   - reused: The scanner that was kept; nil where none was. It becomes the scanner that is made ready.
  ///   - given: The task attempt that path or flags name.
  ///   - limits: What one block may cost, the same for all logs.
  ///   - lineFormat: The logs' own format, the same for all logs.
  /// - Returns: The scanner.
  static func next(
    _ reused: inout ReusedScanner?, of given: GivenTask?, _ limits: ScanLimits, _ lineFormat: LineFormat?
  ) -> ReusedScanner {
    let runIsLogicalDate = given?.runIsLogicalDate ?? false
    if let reused {
      reused.scanner.begin(expecting: given?.identity, runIsLogicalDate: runIsLogicalDate)
      return reused
    }
    let new = ReusedScanner(
      LogScanner(
        limits: limits, expecting: given?.identity, runIsLogicalDate: runIsLogicalDate, lineFormat: lineFormat
      ))
    reused = new
    return new
  }
}

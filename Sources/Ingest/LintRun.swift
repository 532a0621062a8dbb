public import CorrelationGrammar
public import LogInput
import LogModel

/// One thing that `lint` has to say about a log.
public struct LintFinding: Sendable, Hashable {
  /// The physical line, from 1.
  public let line: Int
  /// The byte within the line, from 1; 1 where the text cannot be found in it as it is.
  public let column: Int
  /// `malformed_number`, `colon_pair`, `no_end_marker`, …
  public let kind: String
  /// The key concerned; nil where the whole block or log is.
  public let key: String?
  /// The text concerned.
  public let raw: String?
}

/// Checks the blocks of logs against the strict form of the grammar (1-correlation-data): logfmt pairs, one a
/// line, an explicit end marker, no issue of any kind.
public struct LintRun: ~Copyable {
  private var reader = PlaceReader(LogReader(fingerprints: false))
  private let lineFormat: LineFormat?

  /// A run.
  public init(lineFormat: LineFormat? = nil) {
    self.lineFormat = lineFormat
  }

  /// Reads a log and says what is not strict in it, in the order of its lines for each block.
  /// - Returns: How the reading went, and how many blocks there were.
  public mutating func lint<Failure: Error>(
    _ place: LogPlace, finding: (LintFinding) throws(Failure) -> Void
  ) throws(Failure) -> (reading: LogReading, blocks: Int) {
    var limits = ScanLimits()
    limits.notesStyle = true
    let task = place.pathTask
    let scanner = LogScanner(
      limits: limits, expecting: task?.identity, runIsLogicalDate: task?.runIsLogicalDate ?? false,
      lineFormat: lineFormat)
    return try withoutActuallyEscaping(finding) { (finding) throws(Failure) in
      var sink = LintSink<Failure>(scanner: scanner, finding: finding)
      let reading = try reader.read(place, into: &sink)
      try sink.finish(isWhole: reading.status == .complete)
      return (reading, sink.scanner.blockCount)
    }
  }
}

/// Feeds the scanner, and keeps the last lines to find in them what is complained of.
private struct LintSink<Failure: Error>: LogSink {
  /// More than a block and the lines of others between its own.
  private static var windowBytes: Int { 2 << 20 }

  var scanner: LogScanner
  private var events: [LogEvent] = []
  private var window: [UInt8] = []
  private var windowStart = 0
  private let finding: (LintFinding) throws(Failure) -> Void

  init(scanner: LogScanner, finding: @escaping (LintFinding) throws(Failure) -> Void) {
    self.scanner = scanner
    self.finding = finding
  }

  mutating func receive(_ bytes: Span<UInt8>) throws(Failure) {
    if window.count > Self.windowBytes {
      let surplus = window.count - Self.windowBytes / 2
      window.removeFirst(surplus)
      windowStart += surplus
    }
    for index in 0..<bytes.count { window.append(bytes[index]) }
    scanner.consume(bytes) { events.append($0) }
    try report()
  }

  mutating func memberBegan(_ member: GzipMember) throws(Failure) { scanner.beginMember() }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure) {
    if let damage, damage.castsDoubt { _ = scanner.memberIsDamaged() }
  }

  mutating func finish(isWhole: Bool) throws(Failure) {
    scanner.finish(isWhole: isWhole) { events.append($0) }
    try report()
  }

  private mutating func report() throws(Failure) {
    let found = events
    events.removeAll(keepingCapacity: true)
    for event in found {
      switch event {
      case .record(let record):
        for item in findings(of: record) { try finding(item) }
      case .replay: break
      case .sourceIssue(let issue): try finding(findingOf(issue))
      }
    }
  }

  private func findings(of record: CorrelationRecord) -> [LintFinding] {
    var found = record.issues.map(findingOf)
    found += record.styleNotes.map { note in
      LintFinding(
        line: note.line, column: column(of: note.raw, after: nil, inLineAt: note.offset),
        kind: note.kind.rawValue, key: nil, raw: note.raw)
    }
    if record.end != .explicit, !record.styleNotes.contains(where: { $0.kind == .structuredHeader }) {
      found.append(
        LintFinding(
          line: record.line, column: column(of: record.headerText, after: nil, inLineAt: record.offset),
          kind: "no_end_marker", key: nil, raw: record.end.rawValue))
    }
    return found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
  }

  private func findingOf(_ issue: GrammarIssue) -> LintFinding {
    LintFinding(
      line: issue.line, column: column(of: issue.raw, after: issue.key, inLineAt: issue.offset),
      kind: issue.kind.rawValue, key: issue.key, raw: issue.raw)
  }

  /// Where a text stands in its physical line, from 1.
  private func column(of text: String?, after key: String?, inLineAt offset: Int) -> Int {
    guard offset >= windowStart, offset - windowStart < window.count else { return 1 }
    let line = window[(offset - windowStart)...].prefix { $0 != 0x0A }
    let place = key.flatMap { line.firstRange(of: Array($0.utf8)) }
    let rest = line[(place?.upperBound ?? line.startIndex)...]
    if let text, !text.isEmpty, let found = rest.firstRange(of: Array(text.utf8)) {
      return found.lowerBound - line.startIndex + 1
    }
    return place.map { $0.lowerBound - line.startIndex + 1 } ?? 1
  }
}

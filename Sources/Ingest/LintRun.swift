public import CorrelationGrammar
import Diagnosis
public import LogInput
import LogModel

/// One finding of `lint`.
public struct LintFinding: Sendable, Hashable {
  /// The physical line, from 1.
  public let line: Int
  /// The byte within the line, from 1. It is 1 if the line does not have the text in the same form.
  public let column: Int
  /// The rule: `malformed_number`, `colon_pair`, `no_end_marker`, … ``LintRule/all`` has them.
  public let kind: String
  /// The key concerned; nil if the finding is about the whole block or log.
  public let key: String?
  /// The text concerned.
  public let raw: String?
  /// What to print in place of it, where the finding tells more than its rule; nil elsewhere.
  public var hint: String?

  /// That an input has no block.
  public static let noBlock = LintFinding(
    line: 1, column: 1, kind: LintRule.noBlock.rawValue, key: nil, raw: nil)
}

/// What `lint` asks of blocks beyond the strict form.
public struct LintDemands: Sendable, Hashable {
  /// Keys of which each block must have a usable value; `gates` may be one of them.
  public var keys: [String]
  /// Whether each block must be judged.
  public var needsVerdict: Bool

  /// Demands; none where nothing is given.
  public init(keys: [String] = [], needsVerdict: Bool = false) {
    self.keys = keys
    self.needsVerdict = needsVerdict
  }
}

/// Checks the blocks of logs against the strict form of the grammar (1-correlation-data): logfmt pairs, one a
/// line, an explicit end marker, no issue of any kind.
public struct LintRun: ~Copyable {
  private var pipeline: LogPipeline
  private let demands: LintDemands

  /// A run.
  public init(
    _ demands: LintDemands = LintDemands(), lineFormat: LineFormat? = nil,
    readLimits: ReadLimits = ReadLimits(),
    limits: ScanLimits = ScanLimits()
  ) {
    self.demands = demands
    var limits = limits
    limits.notesStyle = true
    pipeline = LogPipeline(
      readLimits: readLimits, limits: limits, lineFormat: lineFormat, fingerprints: false)
  }

  /// Reads a log and says what is not strict in it, in the order of its lines for each block.
  /// - Returns: How the reading went, and how many blocks there were.
  public mutating func lint<Failure: Error>(
    _ log: ListedLog, finding: (LintFinding) throws(Failure) -> Void
  ) throws(Failure) -> (reading: LogReading, blocks: Int) {
    let lines = LastLines()
    let demands = demands
    let scan = try pipeline.read(
      log.place, of: log.given, lines: { lines.append($0) },
      handle: { (part) throws(Failure) in
        switch part {
        case .record(let record):
          for item in lines.findings(of: record, demands) { try finding(item) }
        case .issue(let issue): try finding(lines.finding(of: issue))
        case .opened, .damage: break
        }
      }, chunkEnd: { () throws(Failure) in })
    return (scan.reading, scan.blocks)
  }
}

/// Keeps the last lines of a log, to find the columns of findings in them.
private final class LastLines {
  /// Enough for a block and the lines of other writers between its lines.
  private static let mostBytes = 2 << 20

  private var bytes: [UInt8] = []
  private var start = 0

  /// Takes the log's next bytes.
  func append(_ chunk: Span<UInt8>) {
    if bytes.count > Self.mostBytes {
      let surplus = bytes.count - Self.mostBytes / 2
      bytes.removeFirst(surplus)
      start += surplus
    }
    for index in 0..<chunk.count { bytes.append(chunk[index]) }
  }

  /// The findings of a block, in the order of its lines.
  func findings(of record: CorrelationRecord, _ demands: LintDemands) -> [LintFinding] {
    var found = record.issues.map(finding(of:))
    found += record.styleNotes.map { note in
      LintFinding(
        line: note.line, column: column(of: note.raw, after: nil, inLineAt: note.offset),
        kind: note.kind.rawValue, key: nil, raw: note.raw)
    }
    if record.end != .explicit, !record.styleNotes.contains(where: { $0.kind == .structuredHeader }) {
      found.append(
        LintFinding(
          line: record.line,
          column: column(of: record.headerText, after: nil, inLineAt: record.offset),
          kind: LintRule.noEndMarker.rawValue, key: nil, raw: record.end.rawValue))
    }
    found += record.nearlyKnownKeys.map { key, near in
      let place = place(of: key, from: record.offset)
      return LintFinding(
        line: record.line + place.lines, column: place.column,
        kind: LintRule.nearlyKnownKey.rawValue, key: key,
        raw: nil, hint: "did you mean \(near.joined(separator: " or "))?")
    }
    found += unmet(demands, by: record)
    return found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
  }

  /// The demands that a block does not meet, at its header.
  private func unmet(_ demands: LintDemands, by record: CorrelationRecord) -> [LintFinding] {
    let column = column(of: record.headerText, after: nil, inLineAt: record.offset)
    var found = demands.keys.filter { key in
      key == "gates" ? record.gates == nil : FieldKey(name: key).flatMap { record[$0] } == nil
    }.map { key in
      LintFinding(
        line: record.line, column: column, kind: LintRule.missingKey.rawValue, key: key, raw: nil)
    }
    if demands.needsVerdict {
      let verdict = Classifier().verdict(on: record)
      if verdict.certainty == .unclassified {
        found.append(
          LintFinding(
            line: record.line, column: column, kind: LintRule.unclassifiedBlock.rawValue, key: nil,
            raw: nil,
            hint: verdict.explanation))
      }
    }
    return found
  }

  /// The first place of a key behind a byte: how many lines further on, and the column. The first line where it does not stand there as
  /// it is.
  private func place(of key: String, from offset: Int) -> (lines: Int, column: Int) {
    guard offset >= start, offset - start < bytes.count else { return (0, 1) }
    let rest = bytes[(offset - start)...]
    guard let found = rest.firstRange(of: Array(key.utf8)) else { return (0, 1) }
    let before = rest[..<found.lowerBound]
    let line = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? rest.startIndex
    return (before.count { $0 == 0x0A }, found.lowerBound - line + 1)
  }

  /// An issue as a finding.
  func finding(of issue: GrammarIssue) -> LintFinding {
    LintFinding(
      line: issue.line, column: column(of: issue.raw, after: issue.key, inLineAt: issue.offset),
      kind: issue.kind.rawValue, key: issue.key, raw: issue.raw)
  }

  /// The column of a text in its physical line, from 1.
  private func column(of text: String?, after key: String?, inLineAt offset: Int) -> Int {
    guard offset >= start, offset - start < bytes.count else { return 1 }
    let line = bytes[(offset - start)...].prefix { $0 != 0x0A }
    let place = key.flatMap { line.firstRange(of: Array($0.utf8)) }
    let rest = line[(place?.upperBound ?? line.startIndex)...]
    if let text, !text.isEmpty, let found = rest.firstRange(of: Array(text.utf8)) {
      return found.lowerBound - line.startIndex + 1
    }
    return place.map { $0.lowerBound - line.startIndex + 1 } ?? 1
  }
}

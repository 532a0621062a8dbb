public import CorrelationGrammar
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
  /// What was seen, where neither key nor text shows it; nil elsewhere.
  public var what: String?
  /// What to print in place of it, where the finding tells more than its rule; nil elsewhere.
  public var hint: String?
  /// Whether ``LintDemands/allowed`` has it: it is counted, and does not fail.
  public internal(set) var isAllowed = false

  /// Whether it is about a line that is meant for an end marker.
  var isEndMarker: Bool {
    GrammarIssue(kind: .unrecognisedHeader, line: line, offset: 0, raw: raw).isEndMarker
  }

  /// Whether it tells why an input may have no block: a header or an end marker is no line of its own, or misspelt.
  var isOfLostHeader: Bool {
    [IssueKind.unrecognisedHeader, .unreadHeader, .orphanEnd].contains { $0.rawValue == kind }
  }

  /// Whether it says why a block has no usable value of a key.
  func explainsAbsence(of key: String) -> Bool {
    guard let kind = IssueKind(rawValue: kind) else { return false }
    return kind.makesBlockAbsent || (kind.makesFieldAbsent && self.key == key)
  }

  /// That an input has no block.
  static let noBlock = LintFinding(
    line: 1, column: 1, kind: LintRule.noBlock.rawValue, key: nil, raw: nil)
}

/// What `lint` asks of blocks beyond the strict form.
public struct LintDemands: Sendable, Hashable {
  /// The canonical keys of which blocks must have a usable value; `gates` may be one of them. The keys of a run's summary are asked of
  /// summaries, all others of the other blocks.
  public var keys: [String]
  /// Whether each block must be judged.
  public var needsVerdict: Bool
  /// Whether each input must have a block.
  public var needsBlock: Bool
  /// The findings that do not fail.
  public var allowed: LintAllowance

  /// Demands; none where nothing is given.
  public init(
    keys: [String] = [], needsVerdict: Bool = false, needsBlock: Bool = false,
    allowed: LintAllowance = LintAllowance()
  ) {
    self.keys = keys
    self.needsVerdict = needsVerdict
    self.needsBlock = needsBlock
    self.allowed = allowed
  }
}

/// What `lint` knows of a log that it has read.
public struct LintedLog: Sendable {
  /// How the reading went.
  public let reading: LogReading
  /// How many blocks there were.
  public let blocks: Int
  /// Whether a finding that is not allowed tells what became of a header, so that none has to ask for a block.
  public let tellsOfLostHeader: Bool
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

  /// That an input has no block, where one is demanded; nil where none is.
  public var noBlock: LintFinding? {
    guard demands.needsBlock else { return nil }
    var finding = LintFinding.noBlock
    finding.isAllowed = demands.allowed.allows(finding)
    return finding
  }

  /// Reads a log and says what is not strict in it, in the order of its lines. Whether it should have a block is the caller's to say
  /// (``noBlock``).
  public mutating func lint<Failure: Error>(
    _ log: ListedLog, finding: (LintFinding) throws(Failure) -> Void
  ) throws(Failure) -> LintedLog {
    let lines = LintedLines()
    let demands = demands
    var sorted = SortedFindings()
    var tellsOfLostHeader = false
    func hand(_ found: [LintFinding]) throws(Failure) {
      for var item in found {
        item.isAllowed = demands.allowed.allows(item)
        if item.isOfLostHeader, !item.isAllowed { tellsOfLostHeader = true }
        try finding(item)
      }
    }
    var lost = LostHeaders()
    let scan = try pipeline.read(
      log.place, of: log.given, lines: { lines.append($0) },
      handle: { (part) throws(Failure) in
        switch part {
        case .record(let record):
          let found = lines.findings(of: record, demands)
          let endsEarly = record.endsByLimit || found.contains { $0.kind == LintRule.signEnd.rawValue }
          sorted.add(found, ofBlockAt: record.line, endsEarly: endsEarly)
        case .issue(let issue):
          lost.note(issue)
          // The end markers have findings of their own.
          if issue.kind != .unreadHeader || !lost.areOrphans(issue) { sorted.add([lines.finding(of: issue)]) }
        case .opened, .damage: break
        }
      },
      chunkEnd: { () throws(Failure) in
        sorted.add(guesses: lines.takeMisspeltHeaders())
        try hand(sorted.takeSurplus())
      })
    lines.end()
    sorted.add(guesses: lines.takeMisspeltHeaders())
    try hand(sorted.takeAll())
    return LintedLog(reading: scan.reading, blocks: scan.blocks, tellsOfLostHeader: tellsOfLostHeader)
  }
}

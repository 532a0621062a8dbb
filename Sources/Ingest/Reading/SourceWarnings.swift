public import LogInput
public import LogModel

/// What to tell whoever runs the program about headers from which no block came (1-correlation-data, Near-miss headers and Unread
/// headers), and about records of the future (1-correlation-data, Times of the future).
public struct SourceWarnings {
  private let issues: [GrammarIssue]
  private let misspelt: [LintFinding]
  private let lost: LostHeaders

  /// What is to be told of a log's issues.
  public init(_ issues: [GrammarIssue]) { self.init(issues, misspelt: []) }

  /// The same of a log that `parse` has read. Where an end marker has no header, a file is read a second time, and a line that is nearly a
  /// header is named.
  public init(_ scan: LogScan, of log: ListedLog, _ limits: ReadLimits, inflater: Inflater) {
    var misspelt: [LintFinding] = []
    if scan.issues.contains(where: { $0.kind == .orphanEnd }) {
      let known = Set(scan.issues.filter { $0.kind == .unrecognisedHeader }.map(\.line))
      misspelt = MisspeltHeaders.search(in: log.place, limits, inflater: inflater)
        .filter { !known.contains($0.line) && !$0.isEndMarker }
    }
    self.init(scan.issues, misspelt: misspelt)
  }

  private init(_ issues: [GrammarIssue], misspelt: [LintFinding]) {
    self.issues = issues
    self.misspelt = misspelt
    lost = LostHeaders(issues, misspelt: misspelt)
  }

  /// One text for each kind that a log's issues have, with the first place. Holds the log's text as it is: to be escaped.
  public func texts(location: String) -> [String] {
    var texts: [String] = []
    for isEnd in [false, true] {
      let near = issues.filter { $0.kind == .unrecognisedHeader && $0.isEndMarker == isEnd }
      let known = near.first.map { (line: $0.line, raw: $0.raw, cure: $0.cure) }
      let slip = isEnd ? nil : misspelt.first.map { (line: $0.line, raw: $0.raw, cure: $0.hint) }
      guard let first = [known, slip].compactMap(\.self).min(by: { $0.line < $1.line }) else { continue }
      let meant =
        isEnd
        ? "the end marker of a block and is none, so the block before it has none"
        : "the header of a block and is none, so nothing behind it was read"
      let others = Self.others(of: near.reduce(isEnd ? 0 : misspelt.count) { $0 + $1.count })
      texts.append(
        "\(location):\(first.line): looks like \(meant): `\(first.raw ?? "")`\(others); "
          + (first.cure ?? GrammarIssue.headerCure(isEnd: isEnd)))
    }
    if let unread = issues.first(where: { $0.kind == .unreadHeader }) {
      if !lost.areOrphans(unread) {
        texts.append(Self.unreadText(unread, location: location))
      } else if !lost.explainOrphans {
        texts.append(Self.orphanText(unread, location: location))
      }
    }
    if let future = issues.first(where: { $0.kind == .futureTime }) {
      texts.append(
        "\(location):\(future.line): a record of the future, \(future.raw ?? "")"
          + "\(Self.others(of: future.places ?? 1, "record")); golden signals pass it over until then: set the clock of the worker, or of this machine"
      )
    }
    return texts
  }

  /// What is said of end markers whose headers are nowhere.
  private static func orphanText(_ unread: GrammarIssue, location: String) -> String {
    "\(location):\(unread.line): an end marker stands here without its header, so no block was read: "
      + "`\(unread.raw ?? "")`\(others(of: unread.places ?? 1)); print the header as it is spelled, on a line of its own; "
      + "corrparse lint finds one that is misspelt"
  }

  /// Of a line that is shown whole it is known whether it has the words or only a part of them.
  private static func unreadText(_ unread: GrammarIssue, location: String) -> String {
    let (place, raw) = ("\(location):\(unread.line)", unread.raw ?? "")
    let shown = "`\(raw)`\(others(of: unread.places ?? 1))"
    if raw.contains("CORRELATION DATA") || raw.utf8.count > 190 {
      return "\(place): the words CORRELATION DATA stand here and no block was found: \(shown); "
        + "the header has to be a message of its own, in a format that corrparse knows or that --line-format gives"
    }
    return "\(place): a line's end cuts the words CORRELATION DATA in two here and no block was found: "
      + "\(shown); the header has to be a message of its own, which no terminal folds and no writer cuts into chunks"
  }

  private static func others(of count: Int, _ noun: String = "line") -> String {
    switch count {
    case ...1: ""
    case 2: ", and 1 more such \(noun)"
    default: ", and \(count - 1) more such \(noun)s"
    }
  }

  /// Whether the texts speak of issues of this kind, or of their cause.
  public func tell(_ kind: IssueKind) -> Bool {
    switch kind {
    case .unrecognisedHeader, .unreadHeader, .futureTime: true
    case .orphanEnd:
      lost.explainOrphans || issues.contains { $0.kind == .unreadHeader && lost.areOrphans($0) }
    case .malformedPair, .malformedNumber, .cutValue, .missingValue, .nonFinite, .maskedValue, .outOfRange,
      .unitAmbiguous, .duplicateKey, .invalidUTF8, .lineTooLong, .interleaved, .unsupportedVersion,
      .damagedSource,
      .blockTooLong, .incompleteBlock, .emptyBlock, .cutShort, .unitInferred, .rejoinedPair, .interrupted,
      .identityConflict, .rotatedLog, .trailingGarbage, .replaysUnchecked:
      false
    }
  }
}

import LogModel

/// What the issues of a log say together of headers that are lost: one cause has one finding.
///
/// A header that is misspelt leaves an end marker without its header (`orphan_end`), and the words in that end marker are what an
/// `unread_header` finds. The data has all of these issues (1-correlation-data, Unread headers), people are told the cause.
struct LostHeaders {
  /// The line of the first end marker without its header.
  private var firstOrphan: Int?
  private var orphans = 0
  /// Lines that are nearly a header.
  private var nearHeaders = 0

  /// Nothing known yet.
  init() {}

  /// What a log's issues say, with the misspelt headers that a second reading found.
  init(_ issues: [GrammarIssue], misspelt: [LintFinding]) {
    for issue in issues { note(issue) }
    nearHeaders += misspelt.count
  }

  /// Takes the log's next issue.
  mutating func note(_ issue: GrammarIssue) {
    switch issue.kind {
    case .orphanEnd:
      firstOrphan = firstOrphan ?? issue.line
      orphans += issue.count
    case .unrecognisedHeader where !issue.isEndMarker: nearHeaders += issue.count
    case .malformedPair, .malformedNumber, .cutValue, .missingValue, .nonFinite, .maskedValue, .outOfRange,
      .unitAmbiguous, .duplicateKey, .invalidUTF8, .lineTooLong, .interleaved, .unsupportedVersion,
      .damagedSource,
      .blockTooLong, .incompleteBlock, .emptyBlock, .cutShort, .unitInferred, .rejoinedPair, .interrupted,
      .unrecognisedHeader, .unreadHeader, .identityConflict, .futureTime, .rotatedLog, .trailingGarbage,
      .replaysUnchecked:
      break
    }
  }

  /// Whether the places of an `unread_header` are all end markers without their header.
  func areOrphans(_ unread: GrammarIssue) -> Bool {
    unread.line == firstOrphan && (unread.places ?? 1) <= orphans
  }

  /// Whether each end marker without its header has a line before or behind it that is nearly a header.
  var explainOrphans: Bool { nearHeaders >= orphans }
}

/// What is wrong with a block or a log (1-correlation-data, Issues). An issue is data and stops nothing.
///
/// Raw values are part of the NDJSON and database contracts.
public enum IssueKind: String, CaseIterable, Sendable, Hashable {
  case malformedPair = "malformed_pair"
  case malformedNumber = "malformed_number"
  case cutValue = "cut_value"
  case missingValue = "missing_value"
  case nonFinite = "non_finite"
  case maskedValue = "masked_value"
  case outOfRange = "out_of_range"
  case unitAmbiguous = "unit_ambiguous"
  case duplicateKey = "duplicate_key"
  case invalidUTF8 = "invalid_utf8"
  case lineTooLong = "line_too_long"
  case interleaved
  case unsupportedVersion = "unsupported_version"
  case damagedSource = "damaged_source"
  case blockTooLong = "block_too_long"
  case incompleteBlock = "incomplete_block"
  case emptyBlock = "empty_block"
  case cutShort = "cut_short"
  case unitInferred = "unit_inferred"
  case rejoinedPair = "rejoined_pair"
  case interrupted
  case orphanEnd = "orphan_end"
  case unrecognisedHeader = "unrecognised_header"
  case unreadHeader = "unread_header"
  case identityConflict = "identity_conflict"
  case futureTime = "future_time"
  case rotatedLog = "rotated_log"
  case trailingGarbage = "trailing_garbage"
  case replaysUnchecked = "replays_unchecked"

  /// Whether an issue of this kind that names a key makes that field absent.
  public var makesFieldAbsent: Bool {
    switch self {
    case .malformedPair, .malformedNumber, .cutValue, .missingValue, .nonFinite, .maskedValue, .outOfRange,
      .unitAmbiguous, .duplicateKey, .invalidUTF8, .lineTooLong, .incompleteBlock:
      true
    case .interleaved, .unsupportedVersion, .damagedSource, .blockTooLong, .emptyBlock, .cutShort,
      .unitInferred, .rejoinedPair, .interrupted, .orphanEnd, .unrecognisedHeader, .unreadHeader,
      .identityConflict, .futureTime, .rotatedLog, .trailingGarbage, .replaysUnchecked:
      false
    }
  }

  /// The kinds that an issue of a source can have, other than one of its blocks.
  public static let ofSources: [IssueKind] = [
    .orphanEnd, .unrecognisedHeader, .unreadHeader, .identityConflict, .futureTime, .rotatedLog,
    .damagedSource, .trailingGarbage, .lineTooLong, .replaysUnchecked,
  ]

  /// Whether an issue of this kind makes every field, gate and extra of its block absent.
  public var makesBlockAbsent: Bool {
    self == .interleaved || self == .unsupportedVersion
  }
}

/// One issue, with the place where it shows.
public struct GrammarIssue: Sendable, Hashable {
  /// What is wrong.
  public let kind: IssueKind
  /// The canonical key of the field concerned, or the key as logged where it is none of ours; nil where the
  /// issue concerns the whole block or source.
  public let key: String?
  /// The physical line, from 1, in the decompressed log.
  public let line: Int
  /// The byte at which that line begins, from 0, in the decompressed log.
  public let offset: Int
  /// The first 200 bytes of the text concerned (cut at a character); nil where there is none to show.
  public let raw: String?
  /// For an issue of a source that concerns blocks: the number of the first one.
  public let block: Int?
  /// For an issue of a source that stands for several places: how many lines or records it concerns. An issue that stands for the
  /// issues beyond the limit of ``SourceIssues`` says how many these are. Nil for every other issue.
  public internal(set) var places: Int?

  /// How many issues of a source it stands for.
  public var count: Int { kind == .unreadHeader || kind == .futureTime ? 1 : places ?? 1 }

  /// An issue at a place.
  public init(
    kind: IssueKind, key: String? = nil, line: Int, offset: Int, raw: String? = nil, block: Int? = nil,
    places: Int? = nil
  ) {
    self.kind = kind
    self.key = key
    self.line = line
    self.offset = offset
    self.raw = raw
    self.block = block
    self.places = places
  }
}

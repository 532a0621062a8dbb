public import LogModel

extension GrammarIssue {
  /// What to print in place of the text, where the issue tells more than its kind (``IssueKind/meaning``); nil elsewhere.
  var cure: String? {
    switch kind {
    case .unrecognisedHeader: Self.headerCure(isEnd: isEndMarker)
    case .outOfRange, .malformedPair: key.flatMap(Self.valueCure)
    case .malformedNumber, .cutValue, .missingValue, .nonFinite, .maskedValue, .unitAmbiguous, .duplicateKey,
      .invalidUTF8, .lineTooLong, .interleaved, .unsupportedVersion, .damagedSource, .blockTooLong,
      .incompleteBlock, .emptyBlock, .cutShort, .unitInferred, .rejoinedPair, .interrupted, .orphanEnd,
      .unreadHeader, .identityConflict, .futureTime, .rotatedLog, .trailingGarbage, .replaysUnchecked:
      nil
    }
  }

  /// Whether a line that is nearly a header is meant for an end marker.
  var isEndMarker: Bool {
    guard kind == .unrecognisedHeader, let raw else { return false }
    return raw.lowercased().drop { !$0.isLetter }.hasPrefix("end")
  }

  /// What to print for a header, or for an end marker, that is nearly one.
  static func headerCure(isEnd: Bool) -> String {
    "print \(isEnd ? "=== END CORRELATION DATA ===" : "=== CORRELATION DATA ===") and nothing else on the line"
  }

  private static func valueCure(_ key: String) -> String? {
    if key == "gates" { return "print gates=f1:pass,sortino:fail" }
    return FieldKey(name: key).map { "print \($0.domain.values)" }
  }
}

extension FieldDomain {
  /// The values of the domain, as an object of "print".
  public var values: String {
    switch self {
    case .name: "1 … 128 characters without blanks, quotes, =, comma, ; and |"
    case .horizon: "H1 … H99"
    case .phase: "screening, testing or wfrb"
    case .fold: "an integer from 0 on, or all"
    case .positiveDecimal: "a number above 0"
    case .count: "an integer from 0 on"
    case .fraction: "a fraction from 0 to 1, or percent points with the percent sign"
    case .anyDecimal: "a finite number"
    case .exitShare, .percentPoints: "percent points from 0 to 100, with the percent sign"
    case .boolean: "true or false"
    }
  }
}

extension FieldKey {
  /// The scores of a model, of which nobody prints one of less than one percent.
  static let scores: Set<FieldKey> = [
    .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .screeningF1Buy, .lastFoldF1Buy, .theta,
  ]
}

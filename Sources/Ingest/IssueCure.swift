public import LogModel

extension GrammarIssue {
  /// What to print in place of the text, where the issue tells more than its kind (``IssueKind/meaning``); nil elsewhere.
  var cure: String? {
    switch kind {
    case .unrecognisedHeader:
      isGlued ? Self.gluedCure : raw.flatMap { MarkerLine($0)?.cure } ?? Self.headerCure(isEnd: isEndMarker)
    case .unreadHeader: raw.flatMap { MarkerLine($0)?.cure }
    case .outOfRange, .malformedPair: sizeCure ?? key.flatMap(Self.valueCure)
    case .malformedNumber: percentCure ?? key.flatMap(Self.numberCure)
    case .unitAmbiguous, .unitInferred: unitCure
    case .cutValue, .missingValue, .nonFinite, .maskedValue, .duplicateKey,
      .invalidUTF8, .lineTooLong, .interleaved, .unsupportedVersion, .damagedSource, .blockTooLong,
      .incompleteBlock, .emptyBlock, .cutShort, .rejoinedPair, .interrupted, .orphanEnd,
      .identityConflict, .futureTime, .rotatedLog, .trailingGarbage, .replaysUnchecked:
      nil
    }
  }

  /// Whether a line that is nearly a header is meant for an end marker.
  var isEndMarker: Bool {
    guard kind == .unrecognisedHeader, let raw else { return false }
    if isGlued {
      return raw.firstRange(of: Self.headerStart) == nil && raw.firstRange(of: Self.endText) != nil
    }
    let words = raw.lowercased().split { !$0.isLetter }
    if words.first == "end" || words.last == "end" { return true }
    // `[INFO] === END CORRELATION DATA ===`: only the words of the marker count.
    return words.indices.dropFirst().contains { words[$0 - 1] == "end" && words[$0].hasPrefix("correlation") }
  }

  private static let headerStart = "=== CORRELATION DATA"
  private static let endText = "=== END CORRELATION DATA ==="
  private static let gluedCure =
    "print the header and the end marker each on a line of its own: end the text before with a newline"
  private static let headerWords: Set<Substring> = [
    "correlation", "data", "begin", "start", "end", "v", "info",
  ]

  /// Whether the text of a header or of an end marker is glued to another one on the line (1-correlation-data, Near-miss headers). Of a long
  /// line that text need not be shown.
  private var isGlued: Bool {
    guard let raw else { return false }
    if raw.firstRange(of: Self.headerStart) == nil, raw.firstRange(of: Self.endText) == nil {
      return raw.utf8.count > 190
    }
    if raw.hasPrefix(Self.headerStart) { return false }
    let words = raw.lowercased().split { !$0.isLetter }
    return words.contains { !Self.headerWords.contains($0) } || words.count { $0 == "correlation" } > 1
  }

  /// What to print for a header, or for an end marker, that is nearly one.
  static func headerCure(isEnd: Bool) -> String {
    "print \(isEnd ? "=== END CORRELATION DATA ===" : "=== CORRELATION DATA ===") and nothing else on the line"
  }

  private static func valueCure(_ key: String) -> String? {
    if key == "gates" { return "print gates=f1:pass,sortino:fail" }
    return FieldKey(name: key).map { "print \($0.domain.values)" }
  }

  /// The form of a number that is none, where its key takes another one than any decimal.
  private static func numberCure(_ key: String) -> String? {
    guard let field = FieldKey(name: key) else { return nil }
    switch field.domain {
    case .fold, .count, .exitShare, .percentPoints: return "print \(field.domain.values)"
    case .name, .horizon, .phase, .positiveDecimal, .fraction, .anyDecimal, .boolean: return nil
    }
  }

  /// For a number that is too large, or has too many digits, for any key of its kind.
  private var sizeCure: String? {
    guard kind == .outOfRange, let key, let field = FieldKey(name: key), let raw, let number = Double(raw)
    else { return nil }
    if number.magnitude >= 1e15 { return "print a number below 10^15" }
    let parts = raw.lowercased().split(separator: "e", maxSplits: 1)
    let places =
      parts[0].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
    let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    switch field.domain {
    case .positiveDecimal, .anyDecimal, .fraction, .exitShare, .percentPoints:
      return places - exponent > 30 ? "round the number: 30 digits behind the point are the most" : nil
    case .name, .horizon, .phase, .fold, .count, .boolean: return nil
    }
  }

  /// For a number with blanks before its percent sign: `58.1 %`.
  private var percentCure: String? {
    guard let key, let field = FieldKey(name: key), let raw, raw.hasSuffix("%") else { return nil }
    let number = raw.dropLast().split(separator: " ", omittingEmptySubsequences: false)
    guard number.count > 1, let first = number.first, number.dropFirst().allSatisfy(\.isEmpty),
      first.allSatisfy({ $0.isNumber && $0.isASCII || $0 == "." })
    else { return nil }
    switch field.domain {
    case .fraction, .exitShare, .percentPoints:
      return "print \(key)=\(first)%, without a blank before the sign"
    case .name, .horizon, .phase, .fold, .positiveDecimal, .anyDecimal, .count, .boolean: return nil
    }
  }

  /// The pair with its unit for a bare number that was read as a fraction or may be one: `tp_pct=30%` for `tp_pct=0.30`.
  private var unitCure: String? {
    guard let key, let raw, let fraction = ExactDecimal(fraction: raw) else { return nil }
    let pair = "print \(key)=\(fraction.shifted(by: 2))%"
    return kind == .unitInferred
      ? pair : pair + " where \(raw) is a fraction, \(key)=\(fraction)% where it is percent points"
  }
}

extension ExactDecimal {
  /// The number that a text of the form `0.30`, `.3` or `1` spells, in quotes or not; nil for any other text.
  fileprivate init?(fraction text: String) {
    let parts = text.utf8.filter { $0 != UInt8(ascii: "\"") }.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts.joined()
    // More digits are no number of a log (1-correlation-data, Numbers), and fewer have room in any case.
    guard (1...30).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    self.init(
      coefficient: digits.reduce(0) { $0 * 10 + Int128($1 - 0x30) },
      scale: parts.count == 2 ? parts[1].count : 0)
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

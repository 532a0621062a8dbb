import LogModel

/// Percentages of which the producer may have meant a hundredth or a hundred times as much, and exit shares that are no shares of one whole.
extension LintedLines {
  private static let shares = [FieldKey.tpPct, .slPct, .timeoutPct]

  /// The findings about percentages of a block.
  func percentFindings(in record: CorrelationRecord) -> [LintFinding] {
    let doubtfulShares = fractionsWithSign(in: record) + fractionsAmongPoints(in: record)
    let found = scoresWithSign(in: record) + doubtfulShares
    return doubtfulShares.isEmpty ? found + sumOfShares(in: record) : found
  }

  /// Scores that were printed as fractions with a percent sign, so that a hundredth of them was read.
  private func scoresWithSign(in record: CorrelationRecord) -> [LintFinding] {
    FieldKey.allCases.compactMap { key in
      guard FieldKey.scores.contains(key), let value = record.decimal(key), value > .zero,
        value <= ExactDecimal(coefficient: 1, scale: 2), hasPercentSign(key.name, from: record.offset)
      else { return nil }
      let meant = value.shifted(by: 2)
      return doubt(
        key, in: record,
        "read as \(value); print \(key.name)=\(meant) where \(meant) is the fraction, "
          + "\(key.name)=\(value) where \(meant) percent points are right")
    }
  }

  /// Exit shares that add up to 1 percent: shares of 100 are whole, and so are fractions of 1.
  private func fractionsWithSign(in record: CorrelationRecord) -> [LintFinding] {
    guard let sum = Self.sum(of: record), sum >= ExactDecimal(coefficient: 98, scale: 2),
      sum <= ExactDecimal(coefficient: 102, scale: 2)
    else { return [] }
    return Self.shares.compactMap { key in
      record.decimal(key).map { value in
        doubt(
          key, in: record,
          "read as \(value) percent points; print \(key.name)=\(value.shifted(by: 2))%")
      }
    }
  }

  /// Bare exit shares under 1 beside bare ones over 1, for which all are read as percent points (1-correlation-data, Units).
  private func fractionsAmongPoints(in record: CorrelationRecord) -> [LintFinding] {
    guard !record.issues.contains(where: { $0.kind == .unitInferred }) else { return [] }
    let one = ExactDecimal(coefficient: 1, scale: 0)
    let bare = Self.shares.compactMap { key -> (key: FieldKey, value: ExactDecimal)? in
      guard let value = record.decimal(key), text(of: key.name, from: record.offset) != nil,
        !hasPercentSign(key.name, from: record.offset)
      else { return nil }
      return (key, value)
    }
    guard bare.contains(where: { $0.value > one }) else { return [] }
    let small = bare.filter { $0.value > .zero && $0.value < one }
    let sum = Self.sum(of: record)
    let meant = sum.map { small.reduce($0) { $0 + $1.value.shifted(by: 2) - $1.value } }
    return small.map { key, value in
      let (points, fraction) = ("\(key.name)=\(value)%", "\(key.name)=\(value.shifted(by: 2))%")
      let cure =
        switch (Self.isWhole(sum), Self.isWhole(meant)) {
        case (true, false): points
        case (false, true): fraction
        case (true, true), (false, false):
          "\(fraction) where \(value) is a fraction, \(points) where it is percent points"
        }
      return doubt(
        key, in: record, "read as \(value) percent points, as another share is over 1; print \(cure)")
    }
  }

  /// That all three exit shares are there and are no shares of one whole. Without a trade all are 0.
  private func sumOfShares(in record: CorrelationRecord) -> [LintFinding] {
    guard let sum = Self.sum(of: record), sum != .zero, !Self.isWhole(sum) else { return [] }
    let read = Self.shares.map { "\($0.name) \(record.decimal($0) ?? .zero)%" }
    let places = Self.shares.map { place(of: $0.name, from: record.offset) }
    let first = places.min { ($0.lines, $0.column) < ($1.lines, $1.column) } ?? (0, 1)
    return [
      LintFinding(
        line: record.line + first.lines, column: first.column, kind: LintRule.shareSum.rawValue, key: nil,
        raw: nil,
        what: "read as \(read.joined(separator: ", ")), \(sum)% together")
    ]
  }

  /// The sum of the exit shares, in percent points; nil where one is not there.
  private static func sum(of record: CorrelationRecord) -> ExactDecimal? {
    let known = shares.compactMap { record.decimal($0) }
    return known.count == shares.count ? known.reduce(.zero) { $0 + $1 } : nil
  }

  /// Whether a sum of shares is that of one whole, in percent points, as nearly as fractions are taken for it.
  private static func isWhole(_ sum: ExactDecimal?) -> Bool {
    guard let sum else { return false }
    return sum >= ExactDecimal(coefficient: 95, scale: 0) && sum <= ExactDecimal(coefficient: 105, scale: 0)
  }

  private func doubt(_ key: FieldKey, in record: CorrelationRecord, _ hint: String) -> LintFinding {
    let place = place(of: key.name, from: record.offset)
    return LintFinding(
      line: record.line + place.lines, column: place.column, kind: LintRule.doubtfulPercent.rawValue,
      key: key.name, raw: text(of: key.name, from: record.offset), hint: hint)
  }
}

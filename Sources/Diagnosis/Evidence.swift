import LogModel

/// A record as the rules see it: which of its values count, and why the others do not.
///
/// It has the record's numbers and issues, not the record, of which a copy would count a reference for each of its texts.
struct Evidence {
  private var numbers: FieldNumbers
  let issues: [GrammarIssue]
  /// The issue that makes every field of the block absent.
  let wholeBlock: IssueKind?
  /// Whether the block comes from a damaged gzip member. Its values count, and no conclusion from them is certain.
  let isDamaged: Bool
  /// Whether known keys of the block may stand behind its end, where they are not read. No conclusion is certain.
  let isCutShort: Bool
  /// With `n_trades = 0`, sortino and the exit shares count as absent (3-classification, Applicability).
  let hasNoTrades: Bool
  /// `f1_buy - baseline_f1_buy`, in units of F1.
  let delta: ExactDecimal?
  /// `screening_f1_buy - last_fold_f1_buy`, in units of F1.
  let screeningGap: ExactDecimal?
  /// The fields that are there and count.
  private let counted: FieldKeys

  /// The keys whose presence makes a record a tested strategy's (3-classification, Applicability).
  static let testedStrategyKeys: [FieldKey] = [
    .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy, .screeningF1Buy,
    .lastFoldF1Buy, .sortino, .tpPct, .slPct, .timeoutPct, .nTrades,
  ]
  private static let testedStrategySet = FieldKeys(testedStrategyKeys)
  /// The keys that count only where there were trades.
  private static let needingTrades = FieldKeys([.sortino, .tpPct, .slPct, .timeoutPct])

  init(_ record: borrowing CorrelationRecord) {
    numbers = record.numbers
    issues = record.issues
    (wholeBlock, isDamaged, isCutShort) = issues.isEmpty ? (nil, false, false) : Self.doubts(issues)
    guard wholeBlock == nil else {
      (hasNoTrades, delta, screeningGap, counted) = (false, nil, nil, FieldKeys())
      return
    }
    hasNoTrades = numbers.decimal(.nTrades) == .zero
    delta = Self.difference(&numbers, .f1Buy, .baselineF1Buy)
    screeningGap = Self.difference(&numbers, .screeningF1Buy, .lastFoldF1Buy)
    counted = hasNoTrades ? numbers.present.subtracting(Self.needingTrades) : numbers.present
  }

  private static func doubts(_ issues: [GrammarIssue]) -> (IssueKind?, Bool, Bool) {
    (
      issues.first { $0.kind.makesBlockAbsent }?.kind, issues.contains { $0.kind == .damagedSource },
      issues.contains { $0.kind == .cutShort }
    )
  }

  // What reads a number changes nothing. It is marked mutating for the reason of ``FieldNumbers/decimal(_:)``.

  /// A field's value where it counts.
  mutating func decimal(_ key: FieldKey) -> ExactDecimal? {
    has(key) ? numbers.decimal(key) : nil
  }

  /// A truth value where it counts.
  mutating func boolean(_ key: FieldKey) -> Bool? {
    has(key) ? numbers.boolean(key) : nil
  }

  /// Whether a truth value holds or was not logged. One that was logged and cannot be used makes the result unknown; it is never replaced
  /// (ADR-25).
  mutating func isNotFalse(_ key: FieldKey) -> Truth {
    if let value = boolean(key) { return Truth(value) }
    return reason(for: key) == Self.absent ? .yes : .unknown
  }

  /// Whether a field is there and counts.
  func has(_ key: FieldKey) -> Bool { counted.contains(key) }

  /// A quantity's value; nil where one of its fields is absent.
  mutating func value(of quantity: Quantity) -> ExactDecimal? {
    switch quantity {
    case .field(let key): decimal(key)
    case .delta: delta
    case .screeningGap: screeningGap
    }
  }

  /// Why a field does not count: `no_trades`, the kind of the issue that made it absent, `cut_short` where it may have been
  /// logged behind the block's end, or `absent` where it was not logged.
  func reason(for key: FieldKey) -> String {
    if let wholeBlock { return wholeBlock.rawValue }
    if hasNoTrades && Self.needingTrades.contains(key) { return "no_trades" }
    if let issue = reasonForAbsence(of: key) { return issue.rawValue }
    return isCutShort ? IssueKind.cutShort.rawValue : Self.absent
  }

  /// The kind of the issue that made a field absent. Nil where the field is present or was not logged.
  func reasonForAbsence(of key: FieldKey) -> IssueKind? {
    numbers.has(key) ? nil : issues.reasonForAbsence(of: key)
  }

  /// Those of some fields that are not there or do not count.
  func absent(of keys: FieldKeys) -> FieldKeys { keys.subtracting(counted) }

  /// Whether the rules of layers ml and execution apply.
  var isTestedStrategy: Bool { hasAny(of: Self.testedStrategySet) }

  /// Whether one of the fields is there and counts.
  func hasAny(of keys: FieldKeys) -> Bool { !counted.isDisjoint(with: keys) }

  /// Whether the record is a run's summary, to which NO_CANDIDATES applies.
  ///
  /// A strategy's record whose values issues made absent is no summary, and no rule applies to it (3-classification,
  /// Applicability). Otherwise a broken strategy would look like a run without candidates.
  var isSummary: Bool {
    guard has(.nCandidates) || has(.nPassed), !isTestedStrategy else { return false }
    if issues.isEmpty { return true }
    for key in Self.testedStrategyKeys where reasonForAbsence(of: key) != nil { return false }
    return true
  }

  /// The reason of a field that was not logged.
  static let absent = "absent"

  private static func difference(
    _ numbers: inout FieldNumbers, _ left: FieldKey, _ right: FieldKey
  ) -> ExactDecimal? {
    guard let left = numbers.decimal(left), let right = numbers.decimal(right) else { return nil }
    return left - right
  }
}

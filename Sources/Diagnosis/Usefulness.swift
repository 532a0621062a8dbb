public import LogModel

extension CorrelationRecord {
  /// `f1_buy - baseline_f1_buy` in percentage points of F1 (0.05 is 5); nil where either is absent.
  public var deltaPoints: ExactDecimal? { Evidence(self).delta?.shifted(by: 2) }

  /// `screening_f1_buy - last_fold_f1_buy` in units of F1, as its threshold is written; nil where either is
  /// absent.
  public var screeningGap: ExactDecimal? { Evidence(self).screeningGap }

  /// Sortino, for useful and best strategies. With `n_trades = 0` it counts as absent (3-classification, Rules).
  public var countedSortino: ExactDecimal? {
    var evidence = Evidence(self)
    return evidence.decimal(.sortino)
  }

  /// Whether every gate was passed; nil without gates.
  public var passedAllGates: Bool? {
    guard let gates, !gates.isEmpty, Evidence(self).wholeBlock == nil else { return nil }
    return gates.allSatisfy(\.passed)
  }

  /// Whether the record is of a useful strategy (3-classification, Useful and best strategies). Its signal is exploitable or
  /// solid, and neither unstable nor overfit to the screening, and it is not of the screening. It passed all its gates. Where
  /// a whole block logged no gates, its Sortino is known and 0 or more.
  public func isUseful(under verdict: Verdict) -> Bool {
    let findings = verdict.codes
    guard DiagnosisCode.ofGoodSignal.contains(where: findings.contains) else { return false }
    guard !DiagnosisCode.againstGoodSignal.contains(where: findings.contains) else { return false }
    guard self[.phase] != .text("screening"), !hasDoubtfulGates else { return false }
    guard !issues.contains(where: { $0.kind == .damagedSource }) else { return false }
    if let passedAllGates { return passedAllGates }
    guard let countedSortino else { return false }
    return countedSortino >= .zero
  }

  /// Whether it is unknown that all gates were passed: the gates could not be read, or the block was cut and may lack some.
  public var hasDoubtfulGates: Bool {
    issues.contains { $0.key == "gates" || Self.cuts.contains($0.kind) }
  }

  /// The kinds of issues that say that a block lacks its end.
  private static let cuts: Set<IssueKind> = [.cutShort, .incompleteBlock, .blockTooLong]
}

extension DiagnosisCode {
  /// The findings of which a useful strategy has one.
  public static let ofGoodSignal: [DiagnosisCode] = [.mlExploitable, .mlSolid]
  /// The findings of which a useful strategy has none.
  public static let againstGoodSignal: [DiagnosisCode] = [.mlUnstable, .screeningOverfit]
}

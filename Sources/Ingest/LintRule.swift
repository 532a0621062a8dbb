import LogModel

/// A rule of `corrparse lint` that is neither an issue nor a form of the block.
public enum LintRule: String, CaseIterable, Sendable, Hashable {
  case noEndMarker = "no_end_marker"
  case nearlyKnownKey = "nearly_known_key"
  case missingKey = "missing_key"
  case unclassifiedBlock = "unclassified_block"
  case noBlock = "no_block"

  /// What the rule looks for, and what to do.
  public var meaning: (seen: String, example: String, cure: String) {
    switch self {
    case .noEndMarker:
      (
        "a block without its end marker", "(a header and pairs, then the end of the log)",
        "end the block with === END CORRELATION DATA ==="
      )
    case .nearlyKnownKey:
      (
        "a key that is nearly one of ours: it is kept as an extra and judges nothing",
        "baseline_f1=0.48",
        "print the key as it is known"
      )
    case .missingKey:
      (
        "a key that --require names and the block has no usable value of", "(no f1_buy)",
        "print the key"
      )
    case .unclassifiedBlock:
      (
        "with --require-verdict: a block that nothing can be said of", "f1_buy=0.55",
        "print the keys that the rules lack"
      )
    case .noBlock:
      ("an input without a block", "(no header)", "print a block, or lint with --allow-empty")
    }
  }

  /// The names of every rule, with its meaning: issues, forms and the rules of this type.
  public static let all: [(name: String, seen: String, example: String, cure: String)] =
    allCases.map { ($0.rawValue, $0.meaning.seen, $0.meaning.example, $0.meaning.cure) }
    + StyleNote.Kind.allCases.map {
      ($0.rawValue, $0.meaning.seen, $0.meaning.example, $0.meaning.cure)
    }
    + IssueKind.allCases.map { ($0.rawValue, $0.meaning.seen, $0.meaning.example, $0.meaning.cure) }
}

extension CorrelationRecord {
  /// The keys outside the grammar that are nearly known, with what they are near to.
  var nearlyKnownKeys: [(key: String, near: [String])] {
    let known = FieldKey.allCases.map(\.name) + ["gates"]
    return extras.compactMap { extra in
      let key = extra.key.lowercased()
      let near = NearestNames.of(key, among: known).filter { Self.isSlip(key, for: $0) }
      return near.isEmpty ? nil : (extra.key, near)
    }
  }

  /// Whether a key is a known one that lacks its end, or differs from it at one place by two characters at most: `baseline_f1` and `sortinoo` are
  /// slips, `sortino_ratio` and `precision_sell` are keys of their own.
  private static func isSlip(_ key: String, for known: String) -> Bool {
    if known.hasPrefix(key) { return true }
    let same = zip(key, known).prefix { $0 == $1 }.count
    let rest = zip(key.dropFirst(same).reversed(), known.dropFirst(same).reversed()).prefix { $0 == $1 }.count
    return key.count - same - rest <= 2 && known.count - same - rest <= 2
  }
}

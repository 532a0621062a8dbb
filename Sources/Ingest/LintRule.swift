import LogModel

/// A rule of `corrparse lint` that is neither an issue nor a form of the block.
public enum LintRule: String, CaseIterable, Sendable, Hashable {
  case noEndMarker = "no_end_marker"
  case nearlyKnownKey = "nearly_known_key"
  case doubtfulPercent = "doubtful_percent"
  case shareSum = "share_sum"
  case missingKey = "missing_key"
  case unclassifiedBlock = "unclassified_block"
  case noBlock = "no_block"
  case signEnd = "sign_end"
  case blankLine = "blank_line"
  case indented
  case trailingSeparator = "trailing_separator"
  case singleQuotes = "single_quotes"
  case blankInGates = "blank_in_gates"
  case percentInKey = "percent_in_key"

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
    case .doubtfulPercent:
      (
        "a fraction of which a hundredth is read: with a percent sign behind it, or an exit share without one beside shares over 1",
        "f1_buy=0.55%",
        "print a score as its fraction, f1_buy=0.55, and an exit share as percent points, sl_pct=58%"
      )
    case .shareSum:
      (
        "exit shares, all three, whose sum is not in 95 … 105 percent points",
        "(tp_pct=80.2%, sl_pct=58% and timeout_pct=11.7%)",
        "print the shares of one whole, with percent signs"
      )
    case .missingKey:
      (
        "a key that --require names and the block has no usable value of; keys of a run's summary are asked of summaries, all others of the other blocks",
        "(no f1_buy)", "print the key"
      )
    case .unclassifiedBlock:
      (
        "with --require-verdict: a block that nothing can be said of", "f1_buy=0.55",
        "print the keys that the rules lack"
      )
    case .noBlock:
      ("an input without a block", "(no header)", "print a block, or lint with --allow-empty")
    case .signEnd:
      (
        "a line of = behind a pair, which ends the block", "(======)",
        "print === END CORRELATION DATA === where the block ends, and no line of signs before it"
      )
    case .blankLine:
      ("a line without text within the block", "(an empty line)", "print nothing between the pairs")
    case .indented:
      (
        "blanks before a header, a pair or an end marker", "(two blanks, then sl=0.8)",
        "print each line from its begin"
      )
    case .trailingSeparator:
      ("a separator behind the last pair of a line", "f1_buy=0.55,", "print the pair alone")
    case .singleQuotes:
      ("a value in single quotes", "crypto='SOLUSDC'", "print the value alone, or in double quotes")
    case .blankInGates:
      ("blanks within gates", "gates=f1:pass, sortino:fail", "print gates=f1:pass,sortino:fail")
    case .percentInKey:
      ("a percent sign in a key", "tp%=30%", "print tp_pct=30%")
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

public import LogModel

/// What is said of a kind of issue or of a form of a block: what was seen, an example, and how its producer cures it.
///
/// `corrparse explain`, the advice of `corrparse lint` and the table of docs/printing-blocks.md come from here.
public struct Meaning: Sendable, Hashable {
  /// What was seen.
  public let seen: String
  /// A line as a block has it; in parentheses where one line does not show it.
  public let example: String
  /// What to do.
  public let cure: String

  init(_ seen: String, example: String, cure: String) {
    self.seen = seen
    self.example = example
    self.cure = cure
  }
}

extension IssueKind {
  /// What an issue of this kind means.
  public var meaning: Meaning {
    switch self {
    case .malformedPair:
      Meaning(
        "a text, gates or `complete` in another form than the key's", example: "gates=maybe",
        cure: "print the form that the key takes (docs/printing-blocks.md#keys)")
    case .malformedNumber:
      Meaning(
        "`0,55`, `1 204`, `tensor(0.5)`: no plain decimal", example: "f1_buy=0,55",
        cure: "print a decimal with a point, of up to 18 digits")
    case .cutValue:
      Meaning(
        "a value that a writer or a terminal may have cut in two",
        example: "(f1_buy=0.55 at the end of a line that is as long as the terminal is wide)",
        cure: "write the block with one call")
    case .missingValue:
      Meaning(
        "`None`, `nan`, `N/A`, `-` or nothing", example: "f1_buy=None",
        cure: "print the value; without the key the block may be judged otherwise")
    case .nonFinite:
      Meaning(
        "`inf`", example: "sortino=inf",
        cure:
          "print a finite value: look for the division by zero; without the key the block may be judged otherwise"
      )
    case .maskedValue:
      Meaning(
        "`***`: Airflow masks a secret that has the same text", example: "crypto=***",
        cure: "take that text out of Airflow's connections and variables")
    case .outOfRange:
      Meaning(
        "a value outside the key's range", example: "f1_buy=1.5",
        cure: "print a value that the key takes (docs/printing-blocks.md#keys)")
    case .unitAmbiguous:
      Meaning(
        "a bare number that may be a fraction or percent points", example: "sl_pct=0.58",
        cure: "print percent points with the percent sign, `sl_pct=58%`")
    case .duplicateKey:
      Meaning(
        "a key twice in one record, with two texts", example: "crypto=SOLUSDC crypto=BTCUSDC",
        cure: "print each key once; `symbol` and `pair` are `crypto`")
    case .invalidUTF8:
      Meaning(
        "bytes that are no UTF-8", example: "(crypto=SOL and the byte FF)",
        cure: "print UTF-8 (`PYTHONIOENCODING=utf-8`)")
    case .lineTooLong:
      Meaning(
        "a line over 64 KiB, or a JSON line over the limit",
        example: "(a pair of 70,000 characters)",
        cure: "print a shorter value")
    case .interleaved:
      Meaning(
        "lines of two writers on one stream, not to be told apart",
        example: "(two headers, then the pairs of both)",
        cure: "print each key once, and the block with one call")
    case .unsupportedVersion:
      Meaning(
        "a header of another version than 1", example: "(=== CORRELATION DATA v2 ===)",
        cure: "print `=== CORRELATION DATA ===`")
    case .damagedSource:
      Meaning(
        "a gzip member that is damaged", example: "(a gzip file with a wrong checksum)",
        cure: "look after the log's storage; the producer is not at fault")
    case .blockTooLong:
      Meaning(
        "over 256 lines or 64 KiB", example: "(a block of 300 lines)",
        cure: "leave extras out")
    case .incompleteBlock:
      Meaning(
        "the task failed, or the log ended, within the block",
        example: "(a header and pairs, then ERROR - Task failed with exception)",
        cure: "write the block with one call, and flush")
    case .emptyBlock:
      Meaning(
        "a header without a pair", example: "(a header, and the end marker on the next line)",
        cure: "print no header where there is nothing to tell")
    case .cutShort:
      Meaning(
        "other lines within the block, and keys behind them",
        example: "(a header and a pair, other lines, and the other pairs behind them)",
        cure: "write the block with one call, with its end marker")
    case .unitInferred:
      Meaning(
        "three exit shares that add up to 1: read as fractions",
        example: "tp_pct=0.4 sl_pct=0.3 timeout_pct=0.3",
        cure: "print percent points with the percent sign")
    case .rejoinedPair:
      Meaning(
        "a key and its value in two records", example: "(f1_buy= in one record, 0.55 in the next)",
        cure: "print a pair with one call")
    case .interrupted:
      Meaning(
        "a warning, or other lines, within the block",
        example: "(a header and a pair, WARNING - slow response, and the other pairs)",
        cure: "print nothing but pairs between header and end marker, and write the block with one call")
    case .orphanEnd:
      Meaning(
        "an end marker without a block",
        example: "(=== END CORRELATION DATA === without a header before it)",
        cure: "print the header as it is spelled, on a line of its own, from the same logger")
    case .unrecognisedHeader:
      Meaning(
        "a line that is nearly a header or an end marker", example: "(### CORRELATION DATA ###)",
        cure:
          "print `=== CORRELATION DATA ===`, at the end `=== END CORRELATION DATA ===`, and nothing else on the line"
      )
    case .unreadHeader:
      Meaning(
        "headers in a log of an unknown form, or end markers whose headers are misspelt",
        example: "(lines of a log_format that nobody has told corrparse)",
        cure:
          "print the header as it is spelled, on a line of its own, or give the lines' `log_format` by `--line-format`; JSON needs an ISO `timestamp`"
      )
    case .identityConflict:
      Meaning(
        "lines that name another task than the log's path",
        example: "(a log of the run r2 in the folder run_id=r1)",
        cure: "read logs from where Airflow keeps them")
    case .futureTime:
      Meaning(
        "a time more than a day ahead", example: "(a record of 2990)",
        cure: "set the worker's clock")
    case .rotatedLog:
      Meaning(
        "a growing log that no longer begins as it did",
        example: "(a running log that logrotate has truncated)",
        cure: "let nothing truncate a running task's log")
    case .trailingGarbage:
      Meaning(
        "bytes behind the last gzip member", example: "(a gzip file with other bytes behind it)",
        cure: "look after the log's storage")
    case .replaysUnchecked:
      Meaning(
        "more blocks than are remembered", example: "(a log of a million blocks)",
        cure: "print each block once; shorten the log")
    }
  }
}

extension StyleNote.Kind {
  /// What a form other than the strict one means. The parser takes all of them.
  public var meaning: Meaning {
    switch self {
    case .severalPairs:
      Meaning(
        "several pairs on a line", example: "crypto=SOLUSDC f1_buy=0.55",
        cure: "print one pair a line")
    case .colonPair: Meaning("a colon for `=`", example: "crypto: SOLUSDC", cure: "print key=value")
    case .blanksAtSign:
      Meaning("blanks beside `=`", example: "crypto = SOLUSDC", cure: "print key=value")
    case .numberRepr:
      Meaning(
        "the representation of a number object", example: "f1_buy=np.float64(0.55)",
        cure: "print float(x), or f\"{x:.4f}\", rather than the number's representation")
    case .bullet:
      Meaning(
        "a mark before a pair", example: "- crypto=SOLUSDC",
        cure: "print nothing but pairs between header and end marker")
    case .section:
      Meaning(
        "a heading within the block", example: "--- ml ---",
        cure: "print nothing but pairs between header and end marker")
    case .banner:
      Meaning(
        "a line of = between the header and the first pair", example: "======",
        cure: "print nothing but pairs between header and end marker")
    case .jsonBody:
      Meaning(
        "the pairs as an object", example: #"{"crypto":"SOLUSDC"}"#,
        cure: "print the pairs as lines of their own")
    case .pairsOnHeader:
      Meaning(
        "pairs on the header's line", example: "(=== CORRELATION DATA === crypto=SOLUSDC)",
        cure: "print the pairs as lines of their own")
    case .structuredHeader:
      Meaning(
        "a structured log record for the block", example: "(event=correlation_data crypto=SOLUSDC)",
        cure: "print the pairs as lines of their own")
    }
  }
}

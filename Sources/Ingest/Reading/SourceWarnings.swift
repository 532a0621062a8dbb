public import LogModel

/// What to tell whoever runs the program about headers from which no block came (1-correlation-data, Near-miss headers and Unread
/// headers), and about records of the future (1-correlation-data, Times of the future).
public enum SourceWarnings {
  /// One text for each kind that a log's issues have, with the first place. Holds the log's text as it is: to be escaped.
  public static func texts(_ issues: [GrammarIssue], location: String) -> [String] {
    var texts: [String] = []
    for isEnd in [false, true] {
      let near = issues.filter { $0.kind == .unrecognisedHeader && $0.isEndMarker == isEnd }
      guard let first = near.first else { continue }
      let meant =
        isEnd
        ? "the end marker of a block and is none, so the block before it has none"
        : "the header of a block and is none, so nothing behind it was read"
      let others = others(of: near.reduce(0) { $0 + $1.count })
      texts.append(
        "\(location):\(first.line): looks like \(meant): `\(first.raw ?? "")`\(others); "
          + GrammarIssue.headerCure(isEnd: isEnd))
    }
    if let unread = issues.first(where: { $0.kind == .unreadHeader }) {
      texts.append(unreadText(unread, location: location))
    }
    if let future = issues.first(where: { $0.kind == .futureTime }) {
      texts.append(
        "\(location):\(future.line): a record of the future, \(future.raw ?? "")"
          + "\(others(of: future.places ?? 1, "record")); golden signals pass it over until then: set the clock of the worker, or of this machine"
      )
    }
    return texts
  }

  /// Of a line that is shown whole it is known whether it has the words or only a part of them.
  private static func unreadText(_ unread: GrammarIssue, location: String) -> String {
    let (place, raw) = ("\(location):\(unread.line)", unread.raw ?? "")
    let shown = "`\(raw)`\(others(of: unread.places ?? 1))"
    if raw.contains("CORRELATION DATA") || raw.utf8.count > 190 {
      return "\(place): the words CORRELATION DATA stand here and no block was found: \(shown); "
        + "the header has to be a message of its own, in a format that corrparse knows or that --line-format gives"
    }
    return "\(place): a line's end cuts the words CORRELATION DATA in two here and no block was found: "
      + "\(shown); the header has to be a message of its own, which no terminal folds and no writer cuts into chunks"
  }

  private static func others(of count: Int, _ noun: String = "line") -> String {
    switch count {
    case ...1: ""
    case 2: ", and 1 more such \(noun)"
    default: ", and \(count - 1) more such \(noun)s"
    }
  }

  /// Whether the texts speak of an issue of this kind.
  public static func tell(_ kind: IssueKind) -> Bool {
    kind == .unrecognisedHeader || kind == .unreadHeader || kind == .futureTime
  }
}

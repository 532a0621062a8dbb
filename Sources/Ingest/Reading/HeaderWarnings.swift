public import LogModel

/// What to tell whoever runs the program about headers from which no block came (1-correlation-data, Near-miss headers and Unread
/// headers).
public enum HeaderWarnings {
  /// One text for each kind that a log's issues have, with the first place. Holds the log's text as it is: to be escaped.
  public static func texts(_ issues: [GrammarIssue], location: String) -> [String] {
    var texts: [String] = []
    let near = issues.filter { $0.kind == .unrecognisedHeader }
    if let first = near.first {
      texts.append(
        "\(location):\(first.line): looks like the header of a block and is none, so nothing behind it was read: "
          + "`\(first.raw ?? "")`\(others(of: near.count)); print === CORRELATION DATA === and nothing else on the line"
      )
    }
    if let unread = issues.first(where: { $0.kind == .unreadHeader }) {
      texts.append(
        "\(location):\(unread.line): the words CORRELATION DATA stand here and no block was found: "
          + "`\(unread.raw ?? "")`\(others(of: unread.places ?? 1)); the header has to be a message of its own, in a format that corrparse "
          + "knows or that --line-format gives")
    }
    return texts
  }

  private static func others(of count: Int) -> String {
    switch count {
    case ...1: ""
    case 2: ", and 1 more such line"
    default: ", and \(count - 1) more such lines"
    }
  }

  /// Whether the texts speak of an issue of this kind.
  public static func tell(_ kind: IssueKind) -> Bool {
    kind == .unrecognisedHeader || kind == .unreadHeader
  }
}

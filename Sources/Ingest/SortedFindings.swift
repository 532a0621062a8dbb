import LogModel

/// The findings of a log in the order of their lines, of which one cause has one. What a block has is known when it ends, behind what
/// other lines have.
struct SortedFindings {
  /// So many findings and blocks wait at the most. In a log of more of them the first ones are handed on before the end.
  private static let most = 10_000

  private enum Entry {
    case finding(LintFinding)
    /// A line that looks like a misspelt header, which the parser may have reported itself.
    case guess(LintFinding)
    case block(line: Int, endsEarly: Bool)

    var line: Int {
      switch self {
      case .finding(let finding), .guess(let finding): finding.line
      case .block(let line, _): line
      }
    }
  }

  private var entries: [Entry] = []
  /// A line before is nearly a header, and neither a block nor an end marker without its header has come since.
  private var isHeaderLost = false
  /// The last line that is nearly an end marker: the parser tells of it, and the block that it does not end.
  private var lastEnd: Int?

  /// The last block ended before its end marker, and a finding says why.
  private var isEndExpected = false

  /// Takes the findings of a block, those of one line in their order. Of a block that a line of signs or its length has ended early the end
  /// marker comes behind it, and is no finding of its own.
  mutating func add(_ found: [LintFinding], ofBlockAt line: Int, endsEarly: Bool) {
    entries.append(.block(line: line, endsEarly: endsEarly))
    add(found)
  }

  /// Takes findings.
  mutating func add(_ found: [LintFinding]) { entries += found.map(Entry.finding) }

  /// Takes lines that look like misspelt headers.
  mutating func add(guesses found: [LintFinding]) { entries += found.map(Entry.guess) }

  /// The findings in order, which are no longer kept.
  mutating func takeAll() -> [LintFinding] { take(entries.count) }

  /// The first half of the findings, if there are more than may wait.
  mutating func takeSurplus() -> [LintFinding] {
    entries.count > Self.most ? take(entries.count / 2) : []
  }

  private mutating func take(_ count: Int) -> [LintFinding] {
    let sorted = entries.enumerated()
      .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
    entries = Array(sorted.dropFirst(count))
    let reported = Set(
      sorted.compactMap { entry in
        if case .finding(let finding) = entry, finding.kind == IssueKind.unrecognisedHeader.rawValue {
          finding.line
        } else {
          nil
        }
      })
    return sorted.prefix(count).compactMap { entry in
      switch entry {
      case .block(_, let endsEarly):
        isHeaderLost = false
        isEndExpected = endsEarly
        return nil
      case .guess(let finding): return reported.contains(finding.line) ? nil : taken(finding)
      case .finding(let finding): return taken(finding)
      }
    }
  }

  /// A finding, unless the header that is lost is its cause.
  private mutating func taken(_ finding: LintFinding) -> LintFinding? {
    if finding.kind == IssueKind.unrecognisedHeader.rawValue {
      guard finding.isEndMarker else {
        isHeaderLost = true
        return finding
      }
      guard lastEnd != finding.line else { return nil }
      lastEnd = finding.line
    } else if finding.kind == IssueKind.orphanEnd.rawValue, isHeaderLost || isEndExpected {
      (isHeaderLost, isEndExpected) = (false, false)
      return nil
    }
    return finding
  }
}

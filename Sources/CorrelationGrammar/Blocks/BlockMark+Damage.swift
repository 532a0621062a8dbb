import LogModel

extension GrammarIssue {
  /// The issue of a source with a damaged gzip member. `first` is the first block that has bytes of the member.
  static func damage(from first: BlockMark) -> GrammarIssue {
    GrammarIssue(
      kind: .damagedSource, line: first.position.line, offset: first.position.offset, raw: first.raw,
      block: first.place)
  }
}

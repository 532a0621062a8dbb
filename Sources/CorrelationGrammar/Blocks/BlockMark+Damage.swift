import LogModel

extension GrammarIssue {
  /// The source's issue of a damaged gzip member; `first` is the first block with bytes of it.
  static func damage(from first: BlockMark) -> GrammarIssue {
    GrammarIssue(
      kind: .damagedSource, line: first.position.line, offset: first.position.offset, raw: first.raw,
      block: first.number)
  }
}

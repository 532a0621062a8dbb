import LogModel

/// What damage of a gzip member means for the blocks that have bytes of it.
extension BlockStreams {
  /// Bytes of the line that is being read are in doubt.
  mutating func markLineDamaged() { ledger.isLineDamaged = true }

  /// The next line begins.
  mutating func lineEnded() { ledger.isLineDamaged = false }

  /// A gzip member begins.
  mutating func beginMember() {
    memberUnfinished = table.unfinishedBlocks
    ledger.beginMember()
  }

  /// The gzip member that was being read proved damaged; the line at hand reaches into it if `isWithinLine`.
  /// - Returns: The blocks with bytes of it, as ranges of their numbers, and the issue that names the first of them. Nil if no block
  ///   has such bytes.
  mutating func memberIsDamaged(isWithinLine: Bool) -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? {
    // No header keeps its place behind this, so that all numbers are known.
    for index in table.holding { release(index, atEnd: true) }
    for index in table.open { table.change(index) { $0.markDamaged() } }
    ledger.isLineDamaged = isWithinLine
    let earlier = (memberUnfinished + ledger.openedLate).sorted { $0.place < $1.place }.map(ledger.numbered)
    let firstInside = ledger.firstInMember.map(ledger.numbered)
    var blocks = earlier.map { $0.place...$0.place }
    if let firstInside { blocks.append(firstInside.place...ledger.blockCount) }
    ledger.markWaitingDamaged(blocks)
    let first = earlier.first ?? firstInside
    ledger.awaitsDamagedBlock = first == nil
    return first.map { (blocks, .damage(from: $0)) }
  }
}

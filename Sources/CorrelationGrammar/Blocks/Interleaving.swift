import LogModel

/// Tells one writer on a stream from two (1-correlation-data, Grammar). What two writers wrote is never guessed apart.
struct Interleaving {
  /// How many writers the stream has, as its blocks show.
  private enum Writers {
    case one
    /// From now on only blocks of one record can be trusted.
    case several
  }

  private static let mostKeys = 1024

  private var writers = Writers.one
  /// A block that a header of another record ended. Whether two writers interleave shows when the next block ends.
  private(set) var heldBack: (block: OpenBlock, ending: BlockEnding)?
  /// About how many bytes of memory that block takes.
  private(set) var heldBytes = 0

  /// Whether only blocks of one record can be trusted from now on.
  var isDoubtful: Bool { writers == .several }

  /// Trusts only blocks of one record from now on.
  mutating func doubt() { writers = .several }

  /// The headers are numbered anew.
  mutating func renumber(_ number: (Int) -> Int) {
    if let place = heldBack?.block.header.place { heldBack?.block.header.place = number(place) }
  }

  /// Marks the block that is held back as damaged.
  mutating func markDamaged() { heldBack?.block.isDamaged = true }

  /// A block has ended. It is marked if it is one of two writers'.
  /// - Returns: The block that was held back for it.
  mutating func blockEnded(_ block: inout OpenBlock, _ ending: BlockEnding) -> (
    block: OpenBlock, ending: BlockEnding
  )? {
    if writers == .several, ending.spansRecords { block.isAmongInterleaved = true }
    guard case .some = heldBack else {
      if block.isInterleaved { writers = .several }
      return nil
    }
    var before = heldBack.take()
    heldBytes = 0
    if let first = before?.block, !Self.areSequential(first.body.keyOrder, block.body.keyOrder) {
      before?.block.isAmongInterleaved = true
      block.isAmongInterleaved = true
    }
    if block.isInterleaved || before?.block.isInterleaved == true { writers = .several }
    return before
  }

  /// Holds a block back that has ended.
  mutating func holdBack(_ block: OpenBlock, _ ending: BlockEnding) {
    heldBack = (block, ending)
    heldBytes = heldBack?.block.memory ?? 0
  }

  /// Whether a block without end marker and the one whose header ended it look like one writer's: both begin with the
  /// same key, end with the same key, and share at least three quarters of the longer one's keys in order.
  private static func areSequential(_ first: [KeyIdentity], _ second: [KeyIdentity]) -> Bool {
    guard let begin = first.first, begin == second.first, first.last == second.last,
      max(first.count, second.count) <= mostKeys
    else { return false }
    return 4 * longestCommonSubsequence(first, second) >= 3 * max(first.count, second.count)
  }

  private static func longestCommonSubsequence(_ first: [KeyIdentity], _ second: [KeyIdentity]) -> Int {
    var row = Array(repeating: 0, count: second.count + 1)
    for key in first {
      var diagonal = 0
      for index in second.indices {
        let above = row[index + 1]
        row[index + 1] = key == second[index] ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[second.count]
  }
}

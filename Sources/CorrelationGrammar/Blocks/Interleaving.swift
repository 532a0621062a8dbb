/// Tells two blocks that one writer wrote one after the other from two writers on one stream
/// (1-correlation-data, Interleaving).
enum Interleaving {
  private static let mostKeys = 1024

  /// Whether a block without end marker and the one whose header cut it look like one writer's: both begin with the
  /// same key, end with the same key, and share at least three quarters of the longer one's keys in order.
  static func areSequential(_ cut: OpenBlock, _ next: OpenBlock) -> Bool {
    let (first, second) = (cut.keyOrder, next.keyOrder)
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

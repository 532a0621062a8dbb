/// Finds what somebody may have meant by a name that there is none of: a typing mistake is answered with the names that are there.
public enum NearestNames {
  /// At most `limit` names that are most like the given one, the most alike first. Empty if all are too far away.
  ///
  /// A name is near when few edits lead to it (a character more, less, other, or two in the other order: one for each
  /// `charactersPerEdit` characters, and at least one), whatever the case of the letters. A name that the given one begins, or that
  /// begins the given one, is near too, as `attempt=1.log` and `attempt=1.log.gz` are.
  public static func of(
    _ name: String, among names: some Sequence<String>, limit: Int = 3, charactersPerEdit: Int = 3
  ) -> [String] {
    let wanted = Array(name.lowercased())
    let most = max(1, wanted.count / max(1, charactersPerEdit))
    var found: [(distance: Int, name: String)] = []
    for candidate in names where candidate != name {
      let other = Array(candidate.lowercased())
      let isPart =
        min(wanted.count, other.count) >= 4 && (other.starts(with: wanted) || wanted.starts(with: other))
      let difference = abs(wanted.count - other.count)
      guard isPart || difference <= most else { continue }
      let distance = isPart ? difference : edits(from: wanted, to: other)
      if isPart || distance <= most { found.append((distance, candidate)) }
    }
    return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(limit).map(\.name)
  }

  /// How many edits lead from one text to the other (the optimal string alignment distance).
  private static func edits(from left: [Character], to right: [Character]) -> Int {
    var earlier: [Int] = []
    var above = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let isSame = left[row] == right[column]
        var best = min(above[column + 1] + 1, current[column] + 1, above[column] + (isSame ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, earlier[column - 1] + 1)
        }
        current.append(best)
      }
      (earlier, above) = (above, current)
    }
    return above[right.count]
  }
}

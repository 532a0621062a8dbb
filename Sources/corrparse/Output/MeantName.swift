import LogModel

/// What somebody may have meant by a name that nothing has.
enum MeantName {
  /// So many names are listed where none is near.
  private static let mostListed = 5

  /// What follows the message about a name: `; did you mean SOLUSDC?`, or some of the names that there are.
  /// - Parameters:
  ///   - name: The name that was given.
  ///   - others: The names that there are.
  ///   - noun: What they name, in the plural.
  /// - Returns: The hint; empty where there is no other name.
  static func hint(_ name: String, among others: [String], _ noun: String) -> String {
    guard !others.isEmpty else { return "" }
    // Who knows how a name begins writes its beginning.
    let begun = others.filter { !name.isEmpty && $0.lowercased().hasPrefix(name.lowercased()) }.sorted()
    let near = begun.isEmpty || begun.count > 3 ? NearestNames.of(name, among: others) : begun
    guard near.isEmpty else { return "; did you mean \(near.joined(separator: " or "))?" }
    let listed = others.sorted().prefix(mostListed).joined(separator: ", ")
    return "; \(noun) there are \(listed)\(others.count > mostListed ? ", …" : "")"
  }
}

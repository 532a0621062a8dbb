public import SystemPackage

extension FilePath {
  /// Paths that are there and whose names come nearest to this one, which leads nowhere: at most three, the nearest first. The folder
  /// that is looked into is the last one on the way that there is.
  public var nearestNames: [FilePath] {
    var (folder, missing) = (absolute, FilePath.Component?.none)
    while true {
      guard let name = folder.lastComponent else { break }
      (missing, folder) = (name, folder.removingLastComponent())
      if case .folder? = try? folder.target() { break }
    }
    guard let missing, let listed = try? Folder(folder, in: nil, shownPath: folder) else { return [] }
    let wanted = Array(missing.string.utf8)
    let ranked = listed.entries.compactMap { entry -> (distance: Int, name: [UInt8])? in
      let name = Array(listed.name(of: entry))
      let distance = Self.distance(name, wanted)
      // What has less than half of its name in common is no likely slip.
      return distance * 2 <= max(name.count, wanted.count) ? (distance, name) : nil
    }
    return ranked.sorted { ($0.distance, $0.name.count) < ($1.distance, $1.name.count) }.prefix(3)
      .map { folder.appending(FilePath(bytes: $0.name).components) }
  }

  /// How many bytes have to be added, removed or replaced to make one name of the other.
  private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (index, byte) in first.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, other) in second.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[second.count]
  }
}

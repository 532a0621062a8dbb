import LogModel
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
    guard let missing, let listed = try? Folder(folder) else { return [] }
    let names = listed.entries.map { String(decoding: listed.name(of: $0), as: UTF8.self) }
    // Identifiers of runs and DAGs are long, and much of one is like another. What has less than half in common is no likely slip.
    let near = NearestNames.of(missing.string, among: names, charactersPerEdit: 2)
    return near.compactMap { name in
      guard let entry = zip(listed.entries, names).first(where: { $0.1 == name })?.0 else { return nil }
      return folder.appending(FilePath(bytes: listed.name(of: entry)).components)
    }
  }
}

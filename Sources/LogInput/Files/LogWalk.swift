public import SystemPackage

/// Walks a log root and finds the logs in it, one at a time, ordered bytewise by path.
///
/// In memory are the names in the open folders, from the root to the present one, and the key of every folder seen.
///
/// A walk never leaves the root, and finds nothing twice (2-log-envelopes, Folders and links):
/// - A link to a folder is passed over. If the folder is in the root, the walk finds it there.
/// - A link to a file that has a log's name is passed over. If the file is in the root, the walk finds it there.
/// - A link with a log's name to another file in the root is a log.
public struct LogWalk: ~Copyable {
  /// One thing that a walk finds.
  public enum Finding: Sendable, Hashable {
    /// A log.
    case log(FoundLog)
    /// Something passed over on purpose, with its path below the root.
    case skipped(FilePath, reason: SkipReason)
    /// A file whose name is no log's, with its path below the root.
    case ignored(FilePath)
    /// A folder or file that could not be listed. The walk goes on with the next entry.
    case failed(InputError)
  }

  /// Why something was passed over.
  public enum SkipReason: String, Sendable, Hashable {
    /// `scheduler`, `dag_processor…` or `latest`: Airflow's own, not tasks' logs.
    case notTaskLogs = "not task logs"
    /// A symbolic link that leads out of the root, to nothing, or to a file that the walk finds under its own name.
    case link = "symbolic link"
    /// A pipe, device or socket with the name of a log.
    case notRegular = "not a regular file"
    /// A folder that was walked before under another path.
    case repeated = "walked before"
  }

  private final class Level {
    let folder: Folder
    /// The folder's path below the root, with a `/` at its end; empty for the root.
    let path: [UInt8]
    var next = 0
    /// The entries that are earlier parts of a log that the walk has found.
    var rotated: Set<Int> = []

    init(_ folder: Folder, path: [UInt8]) {
      self.folder = folder
      self.path = path
    }
  }

  private let root: LogRoot
  private let limits: ReadLimits
  private var levels: [Level]
  private var walked: Set<FileKey>
  private var reachedByLink: Set<FileKey> = []
  private let resolvedRoot: LogRoot?
  private var entries = FolderEntries()

  /// Begins a walk.
  /// - Parameters:
  ///   - root: The log root; it may itself be a link to a folder.
  ///   - limits: How deep to go.
  /// - Throws: `open` or `list` where the root cannot be listed.
  public init(_ root: FilePath, limits: ReadLimits = ReadLimits()) throws(InputError) {
    let folder = try Folder(root)
    let resolved = try root.resolvingLinks()
    let found = try LogRoot(path: root, folder: folder)
    let foundBehindLinks: LogRoot? =
      if let resolved { try LogRoot(path: resolved, folder: folder) } else { nil }
    self.limits = limits
    self.root = found
    resolvedRoot = foundBehindLinks
    levels = [Level(folder, path: [])]
    walked = [folder.key]
  }

  /// The next finding; nil at the end.
  public mutating func next() -> Finding? {
    while let level = levels.last {
      let index = level.next
      guard index < level.folder.entries.count else {
        levels.removeLast()
        continue
      }
      level.next += 1
      if let finding = look(at: index, in: level) { return finding }
    }
    return nil
  }

  private mutating func look(at index: Int, in level: Level) -> Finding? {
    let entry = level.folder.entries[index]
    let name = level.folder.name(of: entry)
    if let failure = entry.failure {
      return failed(InputError(.list, path: whole(level.path + name), errno: failure))
    }
    switch entry.kind {
    case .folder: return enter(entry, name, in: level)
    case .link:
      if LogPath.isForeign(name) { return skipped(name, in: level, .notTaskLogs) }
      do throws(InputError) {
        return try target(of: name, in: level) ?? skipped(name, in: level, .link)
      } catch {
        return .failed(error)
      }
    case nil where LogPath.isLogName(name): return found(index, in: level)
    case nil:
      return level.rotated.contains(index) ? nil : .ignored(FilePath(bytes: level.path + name))
    default: return LogPath.isLogName(name) ? skipped(name, in: level, .notRegular) : nil
    }
  }

  private mutating func enter(_ entry: Folder.Entry, _ name: ArraySlice<UInt8>, in level: Level) -> Finding? {
    if LogPath.isForeign(name) { return skipped(name, in: level, .notTaskLogs) }
    guard levels.count <= limits.pathDepth else {
      return .failed(InputError(.pathTooDeep(limit: limits.pathDepth), path: whole(level.path + name)))
    }
    let root = root
    do throws(InputError) {
      let folder = try Folder(
        entry, in: level.folder, shownPath: Self.whole(level.path + name, below: root), &entries)
      guard walked.insert(folder.key).inserted else { return skipped(name, in: level, .repeated) }
      var path = level.path
      path.reserveCapacity(path.count + name.count + 1)
      path += name
      path.append(UInt8(ascii: "/"))
      levels.append(Level(folder, path: path))
      return nil
    } catch {
      return failed(error)
    }
  }

  /// The finding for an error. Nil if the entry was removed after it was listed and the root is still there.
  private func failed(_ error: InputError) -> Finding? {
    guard error.concern == .absence else { return .failed(error) }
    return root.isThere ? nil : .failed(InputError(.root, path: root.path, errno: error.errno))
  }

  private func found(_ index: Int, in level: Level) -> Finding? {
    let entry = level.folder.entries[index]
    let name = level.folder.name(of: entry)
    switch level.folder.state(of: entry) {
    case .success((let state, nil)):
      return .log(
        FoundLog(
          root: root, path: level.path + name, state: state, listed: level.folder.listed,
          rotated: rotatedParts(of: name, behind: index, in: level)))
    case .success: return skipped(name, in: level, .notRegular)
    case .failure(let failure):
      return failed(InputError(.list, path: whole(level.path + name), errno: failure))
    }
  }

  /// The earlier parts of a log whose handler starts a new file at some size (2-log-envelopes, Identity), the earliest first.
  private func rotatedParts(
    of log: ArraySlice<UInt8>, behind index: Int, in level: Level
  ) -> [(number: Int, state: FileState)] {
    var parts: [(number: Int, state: FileState)] = []
    // The folder is sorted, so that all names that begin with the log's name directly follow it.
    for next in level.folder.entries.indices.dropFirst(index + 1) {
      let entry = level.folder.entries[next]
      guard entry.name.count > log.count else { break }
      let name = level.folder.name(of: entry)
      guard name.starts(with: log) else { break }
      guard entry.kind == nil, let number = LogPath.rotation(of: name, from: log),
        case .success((let state, nil)) = level.folder.state(of: entry)
      else { continue }
      level.rotated.insert(next)
      parts.append((number, state))
    }
    return parts.sorted { $0.number > $1.number }
  }

  /// The log behind a link. Nil if the walk finds the file under its own name, or if the link leads to no file in the root.
  private mutating func target(
    of name: ArraySlice<UInt8>, in level: Level
  ) throws(InputError) -> Finding? {
    guard LogPath.isLogName(name), let resolvedRoot,
      let target = try whole(level.path + name).resolvingLinks(), target.starts(with: resolvedRoot.path),
      !LogPath.isLogName(target.bytes[...]),
      let state = try FileState(ofRegularFileAt: target), reachedByLink.insert(state.key).inserted
    else { return nil }
    return .log(
      FoundLog(
        root: root, path: level.path + name, state: state, listed: level.folder.listed,
        target: .file(target, below: resolvedRoot)))
  }

  private func skipped(_ name: ArraySlice<UInt8>, in level: Level, _ reason: SkipReason) -> Finding {
    .skipped(FilePath(bytes: level.path + name), reason: reason)
  }

  /// The whole path of something below the root.
  private func whole(_ path: [UInt8]) -> FilePath { Self.whole(path, below: root) }

  private static func whole(_ path: [UInt8], below root: LogRoot) -> FilePath {
    FilePath(bytes: root.path.bytes + [UInt8(ascii: "/")] + path)
  }
}

public import LogModel
public import SystemPackage

/// A log that a walk found.
public struct FoundLog: Sendable, Hashable {
  /// The walk's root.
  public let root: LogRoot
  /// The size in bytes when the log was found, earlier parts included.
  public let size: Int
  /// The last modification of the log or of an earlier part when the log was found.
  public let modified: LogTime
  /// Whether the log has no bytes and is not opened (2-log-envelopes, Folders and links): when it was found it was empty, without an earlier
  /// part, and untouched since its folder was listed.
  public let isEmpty: Bool

  /// The path below the root. It is kept as bytes because a walk finds hundreds of thousands of logs and few of them are read.
  let relativeBytes: [UInt8]
  /// When its folder was about to be listed.
  let listed: LogTime
  /// What the link leads to, if the log is a link.
  let target: Target?
  /// The numbers of the log's earlier parts, the earliest part first: `.2`, `.1` of a log that was rotated twice.
  public let rotated: [Int]

  /// Where a link leads.
  indirect enum Target: Sendable, Hashable {
    /// A file, by a path without links, below the root, by a path without links.
    case file(FilePath, below: LogRoot)
  }

  /// A log as its folder and its state tell of it.
  init(
    root: LogRoot, path: [UInt8], state: FileState, listed: LogTime,
    rotated: [(number: Int, state: FileState)] = [], target: Target? = nil
  ) {
    self.root = root
    relativeBytes = path
    self.listed = listed
    self.target = target
    size = rotated.reduce(state.size) { $0 + $1.state.size }
    modified = rotated.reduce(state.modified) { max($0, $1.state.modified) }
    self.rotated = rotated.map(\.number)
    isEmpty = state.size == 0 && rotated.isEmpty && target == nil && state.isUntouched(since: listed)
  }

  /// The path as found: the root's path with the log's path below it.
  public var path: FilePath { FilePath(bytes: root.beginning + relativeBytes) }

  /// The ``SystemPackage/FilePath/locationText`` of the path as found.
  package var shownName: String { LocationText.of(root.beginning + relativeBytes) }

  /// The ``SystemPackage/FilePath/locationText`` of the path from the file system's root.
  package var absoluteName: String { LocationText.of(root.absoluteBeginning + relativeBytes) }

  /// The ``SystemPackage/FilePath/locationText`` of the path below the root.
  package var relativeName: String { LocationText.of(relativeBytes) }

  /// The path below the root; ``SystemPackage/FilePath/locationText`` names the location in the ledger.
  public var relativePath: FilePath { FilePath(bytes: relativeBytes) }

  /// The path to open: `path`, or the target if `path` is a link.
  public var readPath: FilePath {
    if case .file(let path, below: _)? = target { path } else { path }
  }

  /// The root at the start of `readPath`. When the log is opened, no link below this root is followed.
  public var readRoot: LogRoot {
    if case .file(_, let root)? = target { root } else { root }
  }

  /// Opens the file for reading.
  func open() -> Result<Int32, Errno> {
    switch target {
    case nil: root.open(relativeBytes)
    case .file(let path, below: let root): openForReading(path, below: root.path)
    }
  }

  /// Whether an earlier part may have come since the folder was listed: the handler has renamed the log, or has copied and emptied it.
  func mayBeRotated(_ state: FileState?) -> Bool {
    state?.isUntouched(since: listed) != true
  }

  /// Whether the log has an earlier part of a number.
  func hasRotatedPart(_ number: Int) -> Bool {
    if case .file(let path, below: _)? = target { return path.hasRotatedPart(number) }
    return FilePath.hasRotatedPart(number, of: root.beginning, relativeBytes)
  }

  /// What the log's path says about its task attempt; nil if the path names none.
  public var logPath: LogPath? { logPath(nil) }

  /// What the log's path says about its task attempt. A template that fits counts, otherwise Airflow's own layouts.
  package func logPath(_ template: PathTemplate?) -> LogPath? {
    template?.logPath(below: relativeBytes, whole: root.absoluteBeginning + relativeBytes, isEncoded: false)
      ?? LogPath(bytes: relativeBytes)
      // Folders above the root count too, but the path is only made where the name can be an attempt's.
      ?? (LogPath.isAttemptName(relativeBytes)
        ? LogPath(bytes: root.absoluteBeginning + relativeBytes) : nil)
  }
}

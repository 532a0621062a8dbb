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

  /// The path below the root. It is kept as bytes because a walk finds hundreds of thousands of logs and few of them are read.
  let relativeBytes: [UInt8]
  /// What the link leads to, if the log is a link.
  let target: Target?
  /// The numbers of the log's earlier parts, the earliest part first: `.2`, `.1` of a log that was rotated twice.
  public internal(set) var rotated: [Int] = []

  /// Where a link leads.
  struct Target: Sendable, Hashable {
    /// The file, by a path without links.
    let path: FilePath
    /// The root, by a path without links.
    let root: LogRoot
  }

  /// The path as found: the root's path with the log's path below it.
  public var path: FilePath { FilePath(bytes: root.beginning + relativeBytes) }

  /// The ``SystemPackage/FilePath/locationText`` of the path as found.
  package var shownName: String { LocationText.of(root.beginning + relativeBytes) }

  /// The path below the root; ``SystemPackage/FilePath/locationText`` names the location in the ledger.
  public var relativePath: FilePath { FilePath(bytes: relativeBytes) }

  /// The path to open: `path`, or the target if `path` is a link.
  public var readPath: FilePath { target?.path ?? path }

  /// The root at the start of `readPath`. When the log is opened, no link below this root is followed.
  public var readRoot: LogRoot { target?.root ?? root }

  /// What the log's path says about its task attempt; nil if the path names none.
  public var logPath: LogPath? { logPath(nil) }

  /// What the log's path says about its task attempt. A template that fits counts, otherwise Airflow's own layouts.
  package func logPath(_ template: PathTemplate?) -> LogPath? {
    template?.logPath(below: relativeBytes, whole: path.absolute.bytes, isEncoded: false)
      ?? LogPath(bytes: relativeBytes)
      // Folders above the root count too, but the path is only made where the name can be an attempt's.
      ?? (LogPath.isAttemptName(relativeBytes) ? LogPath(path.absolute) : nil)
  }
}

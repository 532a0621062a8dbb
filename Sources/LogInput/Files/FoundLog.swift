public import LogModel
public import SystemPackage

/// A log that a walk found.
public struct FoundLog: Sendable, Hashable {
  /// The walk's root.
  public let root: LogRoot
  /// Its size in bytes when it was found, with that of its earlier parts.
  public let size: Int
  /// The last modification of it or an earlier part when it was found.
  public let modified: LogTime

  /// The path below the root, in bytes: hundreds of thousands are found, few are read.
  let relativeBytes: [UInt8]
  /// What the log is where it is a link.
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

  /// The path as found: the root's and then its own.
  public var path: FilePath { FilePath(bytes: root.path.bytes + [UInt8(ascii: "/")] + relativeBytes) }

  /// The path below the root; ``SystemPackage/FilePath/locationText`` names the location in the ledger.
  public var relativePath: FilePath { FilePath(bytes: relativeBytes) }

  /// The path to read it by: `path`, or the file that a link at `path` points to.
  public var readPath: FilePath { target?.path ?? path }

  /// The root at the start of `readPath`. Should a link stand below it when the log is read, it is not to be followed.
  public var readRoot: LogRoot { target?.root ?? root }

  /// What its path says about its task attempt; nil where it says nothing.
  public var logPath: LogPath? { logPath(nil) }

  /// What its path says about its task attempt, by a template where one fits and else by Airflow's own layouts.
  package func logPath(_ template: PathTemplate?) -> LogPath? {
    template?.logPath(below: relativeBytes, whole: path.absolute.bytes, isEncoded: false)
      ?? LogPath(bytes: relativeBytes) ?? LogPath(path.absolute)
  }
}

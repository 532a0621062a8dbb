public import LogModel

/// The state of a file or object. A log whose state is the same has not changed.
public struct LogState: Sendable, Hashable {
  /// The size in bytes, compressed or not.
  public var size: Int
  /// The last modification.
  public var modified: LogTime
  /// The version of an object's content, as its store names it; nil for a file.
  public var entityTag: String?

  /// A state.
  public init(size: Int, modified: LogTime, entityTag: String? = nil) {
    self.size = size
    self.modified = modified
    self.entityTag = entityTag
  }
}

/// Where the bytes of one log come from: a file, or an object in a bucket.
public protocol LogSource: ~Copyable {
  /// How many bytes have been read.
  var bytesRead: Int { get }
  /// The log's state when it was opened; nil if it has none, as a pipe.
  var logState: LogState? { get }

  /// Reads the next bytes into the buffer, from its start; waits for them.
  /// - Returns: How many bytes were read; 0 at the end.
  mutating func read(into buffer: inout [UInt8]) throws(InputError) -> Int

  /// Whether the log has changed, or been replaced or removed, since it was opened.
  func hasChanged() -> Bool

  /// An error of this log.
  func error(_ kind: InputError.Kind, offset: Int?) -> InputError
}

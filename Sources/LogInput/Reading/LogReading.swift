/// The result of reading one log.
public struct LogReading: Sendable {
  /// How the log's bytes were wrapped.
  public enum Wrapping: String, Sendable, Hashable {
    /// Not compressed.
    case plain
    /// Gzip.
    case gzip
    /// A gzip in a gzip.
    case gzipInGzip
  }

  /// Bytes behind the last gzip member that are neither a member nor zeros (issue `trailing_garbage`).
  public struct TrailingGarbage: Sendable, Hashable {
    /// Whether the bytes are behind the inner gzip of a gzip in a gzip.
    public let isNested: Bool
    /// Where they begin: a byte of the compressed stream from 0, or of the inner stream if they are behind the inner gzip.
    public let offset: Int
    /// The first 200 of them at most.
    public let bytes: [UInt8]
  }

  /// Whether the log is complete, growing, truncated, corrupt or failed.
  public internal(set) var status: LogStatus
  /// The first error; nil if there was none.
  public internal(set) var error: InputError?
  /// How the bytes were wrapped.
  public internal(set) var wrapping = Wrapping.plain
  /// How many bytes of the file were read.
  public internal(set) var compressedBytes = 0
  /// How many bytes the sink received.
  public internal(set) var decompressedBytes = 0
  /// The fingerprint of these bytes; nil if none was asked for.
  public internal(set) var fingerprint: ContentFingerprint?
  /// The first bytes that the sink received, at most ``headBytes``. Empty if no fingerprint was asked for. Two locations of one log begin
  /// with the same bytes (4-database, Exactly once).
  public internal(set) var head: [UInt8] = []
  /// How many bytes are compared to tell whether two logs begin alike.
  public static let headBytes = 4096
  /// Bytes behind the last member that do not belong there; nil if there are none.
  public internal(set) var trailingGarbage: TrailingGarbage?
  /// The state of the file or object when it was opened. Nil for a pipe, and if it could not be opened.
  public internal(set) var file: LogState?

  /// The same reading of a file in another state.
  package func reading(of state: LogState) -> LogReading {
    var reading = self
    reading.file = state
    return reading
  }

  /// A reading, with defaults for everything but the status.
  package init(status: LogStatus, error: InputError? = nil) {
    self.status = status
    self.error = error
  }
}

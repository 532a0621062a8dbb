/// What came of reading one log.
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

  /// Bytes behind the last gzip member that are neither a member nor zeros (`trailing_garbage`).
  public struct TrailingGarbage: Sendable, Hashable {
    /// Whether it stands behind the inner gzip of a gzip in a gzip.
    public let isNested: Bool
    /// Where it begins, in bytes of the compressed stream from 0; of the inner one where it is nested.
    public let offset: Int
    /// Its first bytes, at most 200.
    public let bytes: [UInt8]
  }

  /// What the log was found to be.
  public internal(set) var status: LogStatus
  /// The first thing that went wrong; nil when nothing did.
  public internal(set) var error: InputError?
  /// How the bytes were wrapped.
  public internal(set) var wrapping = Wrapping.plain
  /// How many bytes of the file were read.
  public internal(set) var compressedBytes = 0
  /// How many bytes the sink received.
  public internal(set) var decompressedBytes = 0
  /// The fingerprint of those bytes; nil where none was asked for.
  public internal(set) var fingerprint: ContentFingerprint?
  /// The first bytes that the sink received, at most ``headBytes``; empty where no fingerprint was asked for. Two locations of one
  /// log begin alike (4-database, Exactly once).
  public internal(set) var head: [UInt8] = []
  /// How many bytes tell whether two logs begin alike.
  public static let headBytes = 4096
  /// What followed the last member, if anything did that does not belong there.
  public internal(set) var trailingGarbage: TrailingGarbage?
  /// The file or object as it was when it was opened; nil for a pipe and where it could not be opened.
  public internal(set) var file: LogState?

  /// A reading; what is not given is none.
  package init(status: LogStatus, error: InputError? = nil) {
    self.status = status
    self.error = error
  }
}

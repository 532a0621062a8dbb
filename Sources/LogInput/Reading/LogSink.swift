/// Takes a log as it is read: its decompressed bytes and, between them, where gzip members begin and end.
///
/// All in stream order and on the caller's thread. A sink that throws ends the reading of its log.
public protocol LogSink: ~Copyable {
  /// What can make the sink give up.
  associatedtype Failure: Error

  /// The log is open, and its first bytes were read. What it looked like then; nil where nothing tells.
  mutating func opened(_ state: LogState?) throws(Failure)

  /// The next decompressed bytes; valid during the call.
  mutating func receive(_ bytes: Span<UInt8>) throws(Failure)

  /// A gzip member begins where the next byte will be.
  mutating func memberBegan(_ member: GzipMember) throws(Failure)

  /// A gzip member ended; each that began ends once.
  ///
  /// Where the damage ``MemberDamage/castsDoubt``, every block with bytes in `member.start ..< end` gets
  /// `damaged_source` (1-correlation-data, Issues).
  mutating func memberEnded(
    _ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure)
}

extension LogSink where Self: ~Copyable {
  /// Most sinks need only the bytes.
  public mutating func opened(_ state: LogState?) throws(Failure) {}
}

/// One member of a gzip stream.
public struct GzipMember: Sendable, Hashable {
  /// 0 for a member of the file itself, 1 for one of the gzip inside it.
  public let level: Int
  /// Its number within its level, from 0.
  public let index: Int
  /// The byte of the decompressed log, from 0, at which its content begins.
  public let start: Int
}

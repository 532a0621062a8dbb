/// Takes a log as it is read: its decompressed bytes and, between them, where gzip members begin and end.
///
/// Calls come in the order of the stream and on the caller's thread. If a call throws, the reading of the log ends.
public protocol LogSink: ~Copyable {
  /// The error by which the sink ends the reading.
  associatedtype Failure: Error

  /// The log is open and its first bytes were read. The parameter is its state then; nil if it has none, as a pipe.
  mutating func opened(_ state: LogState?) throws(Failure)

  /// The next decompressed bytes. They are valid during the call only.
  mutating func receive(_ bytes: Span<UInt8>) throws(Failure)

  /// The next decompressed bytes, in a buffer that is not read again. A sink may keep the buffer if it puts one as large in its place.
  mutating func receive(_ range: Range<Int>, of buffer: inout [UInt8]) throws(Failure)

  /// A gzip member begins. Its content begins with the next byte that the sink receives.
  mutating func memberBegan(_ member: GzipMember) throws(Failure)

  /// A gzip member ended. Every member that began ends exactly once.
  ///
  /// Where the damage ``MemberDamage/castsDoubt``, every block with bytes in `member.start ..< end` gets
  /// `damaged_source` (1-correlation-data, Issues).
  mutating func memberEnded(
    _ member: GzipMember, at end: Int, damage: MemberDamage?) throws(Failure)
}

extension LogSink where Self: ~Copyable {
  /// Most sinks need only the bytes.
  public mutating func opened(_ state: LogState?) throws(Failure) {}

  /// Most sinks keep no buffer.
  public mutating func receive(_ range: Range<Int>, of buffer: inout [UInt8]) throws(Failure) {
    try receive(buffer.span.extracting(range))
  }
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

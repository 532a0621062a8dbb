/// Inflates one raw deflate stream (RFC 1951) after the other.
///
/// Framing, checks and errors belong to ``GzipInflater`` and are the same for all inflaters. For the same input,
/// however it is cut, all of them give the same bytes and the same progress at the stream's end.
protocol DeflateDecoder: AnyObject {
  /// How many of the bytes taken last have not been used, where the data is damaged: the damage is that far before
  /// the position.
  var unusedBytes: Int { get }

  /// Makes ready for the next stream.
  func reset()

  /// Inflates from `position` on, and moves it behind what was taken.
  /// - Returns: How many bytes of the output, from its start, are new; and where it stopped.
  func decode(
    _ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8]
  ) -> (count: Int, progress: DeflateProgress)

  /// Inflates what can be without further input, where the input has ended before the stream; asked for until it
  /// gives nothing.
  func decodeRest(into output: inout [UInt8]) -> (count: Int, progress: DeflateProgress)
}

/// Where inflating stopped.
enum DeflateProgress: Equatable {
  /// All input was taken or the output is full.
  case paused
  /// The stream ended; the position is behind its last byte.
  case ended
  /// The data is no deflate stream from here on.
  case damaged
}

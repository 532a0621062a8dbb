/// Inflates one raw deflate stream (RFC 1951) after the other.
///
/// Framing, checksums and errors belong to ``GzipInflater``, which is the same for every decoder. For the same input, in any pieces,
/// every decoder gives the same bytes, and has taken as many bytes at the end of the stream.
protocol DeflateDecoder: AnyObject {
  /// How many of the bytes that were taken last have not been used. Damage lies that far before the position.
  var unusedBytes: Int { get }

  /// Makes ready for the next stream.
  func reset()

  /// Inflates from `position` on, and moves it behind what was taken.
  /// - Returns: How many bytes of the output, from its start, are new; and where it stopped.
  func decode(
    _ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8]
  ) -> (count: Int, progress: DeflateProgress)

  /// Inflates what is left when the input has ended before the stream. Call it until it gives no more bytes.
  func decodeRest(into output: inout [UInt8]) -> (count: Int, progress: DeflateProgress)
}

/// Where inflating stopped.
enum DeflateProgress: Equatable {
  /// All input was taken or the output is full.
  case paused
  /// The stream ended; the position is behind its last byte.
  case ended
  /// The data is damaged from here on.
  case damaged
}

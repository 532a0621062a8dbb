private import CZlib

/// Inflates one raw deflate stream (RFC 1951) after the other, through zlib.
///
/// The seam for a second inflater (ISA-L, issue 6): whatever replaces this type offers the same four members.
/// Framing, checks and errors belong to ``GzipInflater`` and are the same for both.
@safe struct DeflateDecoder: ~Copyable {
  /// Where a call of ``decode(_:from:into:)`` stopped.
  enum Progress: Equatable {
    /// All input was taken or the output is full.
    case paused
    /// The stream ended; the position is behind its last byte.
    case ended
    /// The data is no deflate stream from here on.
    case damaged
  }

  // zlib remembers the address of its stream, so it must not move with this value.
  private let stream: UnsafeMutablePointer<z_stream>

  /// A decoder at the start of a stream.
  init() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let code = unsafe inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    // Only a lack of memory or a foreign zlib can make this fail, never an input.
    precondition(code == Z_OK, "zlib \(ZLIB_VERSION) cannot be started: code \(code)")
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Makes ready for the next stream.
  mutating func reset() {
    _ = unsafe inflateReset(stream)
  }

  /// Inflates from `position` on, and moves it behind what was taken.
  /// - Returns: How many bytes of the output, from its start, are new; and where it stopped.
  mutating func decode(
    _ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8]
  ) -> (count: Int, progress: Progress) {
    var produced = 0
    let code = unsafe input.extracting(position...).withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        let given = UInt32(clamping: input.count)
        let room = UInt32(clamping: output.count)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = given
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = room
        let code = unsafe inflate(stream, Z_NO_FLUSH)
        unsafe position += Int(given - stream.pointee.avail_in)
        unsafe produced = Int(room - stream.pointee.avail_out)
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.next_out = nil
        return code
      }
    }
    switch code {
    case Z_STREAM_END: return (produced, .ended)
    // Z_BUF_ERROR: nothing could be done with this input and output; not an error (zlib.h).
    case Z_OK, Z_BUF_ERROR: return (produced, .paused)
    default: return (produced, .damaged)
    }
  }

  /// Continues a CRC-32 (RFC 1952, section 8) over more bytes; that of no bytes is 0.
  static func checksum(_ bytes: Span<UInt8>, after checksum: UInt32) -> UInt32 {
    // Asked about no bytes at all, crc32_z answers with the start value (zlib.h).
    if bytes.isEmpty { return checksum }
    return unsafe bytes.withUnsafeBufferPointer {
      unsafe UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), $0.baseAddress, $0.count))
    }
  }
}

import CZlib

/// Gzip as zlib itself reads it: header, checksums and all, each member in one call.
enum GzipReference {
  /// What a stream is.
  enum Reading: Equatable {
    /// Every member is whole; what they hold, and where the last one ends.
    case whole([UInt8], end: Int)
    /// Not gzip.
    case plain
    /// A member is cut or damaged, or holds more than `limit` bytes.
    case other
  }

  /// Reads a stream whose content has at most `limit` bytes.
  static func read(_ bytes: [UInt8], limit: Int) -> Reading {
    guard isMember(bytes, at: 0) else { return .plain }
    var content: [UInt8] = []
    var position = 0
    while isMember(bytes, at: position) {
      guard let (member, count) = inflateMember(bytes, at: position, limit: limit - content.count) else {
        return .other
      }
      content += member
      position += count
      // Zeros behind a member are padding.
      let padding = bytes[position...].prefix { $0 == 0 }.count
      position += padding
    }
    // Half of the magic bytes at the end is the beginning of a member that is cut.
    return bytes[position...] == [0x1f] ? .other : .whole(content, end: position)
  }

  static func isMember(_ bytes: [UInt8], at position: Int) -> Bool {
    bytes[position...].starts(with: [0x1f, 0x8b])
  }

  private static func inflateMember(
    _ bytes: [UInt8], at position: Int, limit: Int
  ) -> (content: [UInt8], count: Int)? {
    var stream = z_stream()
    let start = inflateInit2_(&stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    check(start == Z_OK, "zlib does not start: \(start)")
    defer { inflateEnd(&stream) }
    var input = Array(bytes[position...])
    // One byte more than may be there shows that there is more.
    var output = [UInt8](repeating: 0, count: limit + 1)
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output -> Int? in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        guard inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return output.count - Int(stream.avail_out)
      }
    }
    guard let count, count <= limit else { return nil }
    return (Array(output[..<count]), input.count - Int(stream.avail_in))
  }
}

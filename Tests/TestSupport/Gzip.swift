import CZlib

/// Makes gzip for tests: zlib deflates, header and trailer are put together here, so that they can be wrong.
public enum Gzip {
  /// The optional fields of a member's header (RFC 1952, section 2.3).
  public struct Header: Sendable {
    /// FEXTRA: at most 65,535 bytes.
    public var extra: [UInt8]?
    /// FNAME, without its zero byte.
    public var name: String?
    /// FCOMMENT, without its zero byte.
    public var comment: String?
    /// FHCRC: whether the header carries its own checksum.
    public var hasChecksum: Bool
    /// FTEXT: a hint without effect.
    public var isText: Bool

    /// A header; without arguments the plainest one.
    public init(
      extra: [UInt8]? = nil, name: String? = nil, comment: String? = nil, hasChecksum: Bool = false,
      isText: Bool = false
    ) {
      self.extra = extra
      self.name = name
      self.comment = comment
      self.hasChecksum = hasChecksum
      self.isText = isText
    }

    /// The header's bytes, magic included.
    public var bytes: [UInt8] {
      var flags: UInt8 = isText ? 1 : 0
      if hasChecksum { flags |= 2 }
      if extra != nil { flags |= 4 }
      if name != nil { flags |= 8 }
      if comment != nil { flags |= 16 }
      var bytes: [UInt8] = [0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255]
      if let extra { bytes += [UInt8(extra.count & 255), UInt8(extra.count >> 8)] + extra }
      if let name { bytes += Array(name.utf8) + [0] }
      if let comment { bytes += Array(comment.utf8) + [0] }
      if hasChecksum { bytes += Gzip.littleEndian(Gzip.checksum(bytes)).prefix(2) }
      return bytes
    }
  }

  /// One member: `level` is 1 … 9, or 0 for stored blocks; `checksum` and `length` are stated in place of the
  /// right ones.
  public static func member(
    _ content: [UInt8], level: Int = 9, header: Header = Header(), checksum: UInt32? = nil,
    length: UInt32? = nil
  ) -> [UInt8] {
    header.bytes + deflate(content, level: level)
      + littleEndian(checksum ?? Self.checksum(content))
      + littleEndian(length ?? UInt32(truncatingIfNeeded: content.count))
  }

  /// One member from text.
  public static func member(_ text: String, level: Int = 9, header: Header = Header()) -> [UInt8] {
    member(Array(text.utf8), level: level, header: header)
  }

  /// A raw deflate stream.
  public static func deflate(_ content: [UInt8], level: Int = 9) -> [UInt8] {
    var stream = z_stream()
    let code = deflateInit2_(
      &stream, Int32(level), Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "deflateInit2: \(code)")
    defer { deflateEnd(&stream) }
    var input = content
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(content.count))))
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        let code = CZlib.deflate(&stream, Z_FINISH)
        precondition(code == Z_STREAM_END, "deflate: \(code)")
        return output.count - Int(stream.avail_out)
      }
    }
    return Array(output[..<count])
  }

  /// The CRC-32 of some bytes.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.isEmpty ? 0 : UInt32(truncatingIfNeeded: crc32_z(0, buffer.baseAddress, buffer.count))
    }
  }

  private static func littleEndian(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

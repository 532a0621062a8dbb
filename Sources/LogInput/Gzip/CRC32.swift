#if CORRPARSE_ISAL
  private import CISAL
#else
  private import CZlib
#endif

/// The checksum of gzip (RFC 1952, section 8).
enum CRC32 {
  /// Continues a checksum over more bytes; that of no bytes is 0.
  static func checksum(_ bytes: Span<UInt8>, after checksum: UInt32) -> UInt32 {
    // For a null pointer, which an empty buffer may have, zlib returns the start value instead of `checksum` (zlib.h).
    if bytes.isEmpty { return checksum }
    return unsafe bytes.withUnsafeBufferPointer {
      #if CORRPARSE_ISAL
        unsafe crc32_gzip_refl(checksum, $0.baseAddress, UInt64($0.count))
      #else
        unsafe UInt32(truncatingIfNeeded: crc32_z(UInt(checksum), $0.baseAddress, $0.count))
      #endif
    }
  }
}

import CCrypto

/// SHA-256 and HMAC-SHA-256 by OpenSSL's libcrypto, which libcurl and libpq need anyway.
enum SHA256 {
  static let byteCount = 32

  /// The digest of some bytes.
  static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var digest = [UInt8](repeating: 0, count: byteCount)
    let isDone = unsafe bytes.withUnsafeBytes { input in
      unsafe digest.withUnsafeMutableBufferPointer { output in
        unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, EVP_sha256(), nil)
      }
    }
    precondition(isDone == 1, "libcrypto has no SHA-256")
    return digest
  }

  /// The HMAC of some bytes.
  static func code(_ bytes: some Sequence<UInt8>, key: [UInt8]) -> [UInt8] {
    let bytes = Array(bytes)
    var code = [UInt8](repeating: 0, count: byteCount)
    let result = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe key.withUnsafeBytes { key in
        unsafe code.withUnsafeMutableBufferPointer { output in
          unsafe HMAC(
            EVP_sha256(), key.baseAddress, Int32(key.count), input.baseAddress, input.count,
            output.baseAddress,
            nil)
        }
      }
    }
    precondition(unsafe result != nil, "libcrypto has no HMAC with SHA-256")
    return code
  }

  /// Bytes in lower-case hexadecimal digits.
  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}

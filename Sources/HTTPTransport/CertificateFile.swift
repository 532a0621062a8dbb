import Glibc

/// A PEM file with the authorities to trust. Revocation lists that stand in it are obeyed: libcurl has to be told of them.
public enum CertificateFile {
  /// More than the certificates of every public authority and long lists together.
  private static let longest = 64 << 20
  private static let certificate = Array("-----BEGIN CERTIFICATE-----".utf8)
  private static let trusted = Array("-----BEGIN TRUSTED CERTIFICATE-----".utf8)
  private static let list = Array("-----BEGIN X509 CRL-----".utf8)

  /// Why the file cannot be used, in one sentence that does not name it; nil where nothing is in the way.
  public static func obstacle(_ path: String) -> String? {
    switch content(path) {
    case .success(let bytes):
      bytes.holds(certificate) || bytes.holds(trusted) ? nil : "it holds no certificate (PEM)"
    case .failure(let failure): failure.description
    }
  }

  /// Whether revocation lists stand in the file.
  static func holdsLists(_ path: String) -> Bool {
    guard case .success(let bytes) = content(path) else { return false }
    return bytes.holds(list)
  }

  private static func content(_ path: String) -> Result<[UInt8], HTTPFailure> {
    guard let file = unsafe fopen(path, "re") else {
      return .failure(HTTPFailure(.invalid, "it cannot be read: \(unsafe String(cString: strerror(errno)))"))
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < longest {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    return unsafe ferror(file) == 0 ? .success(bytes) : .failure(HTTPFailure(.invalid, "it cannot be read"))
  }
}

extension [UInt8] {
  fileprivate func holds(_ words: [UInt8]) -> Bool { firstRange(of: words) != nil }
}

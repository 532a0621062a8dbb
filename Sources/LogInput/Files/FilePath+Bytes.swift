import Glibc
public import SystemPackage

extension FilePath {
  /// The path's bytes; on Linux a path need not be UTF-8.
  var bytes: [UInt8] {
    unsafe withPlatformString { unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// A path from bytes, which end at the first NUL if there is one.
  init(bytes: some Sequence<UInt8>) {
    var characters: [CChar] = []
    characters.reserveCapacity(bytes.underestimatedCount + 1)
    for byte in bytes { characters.append(CChar(bitPattern: byte)) }
    characters.append(0)
    self.init(platformString: characters)
  }

  /// The absolute path, without links, of what this path leads to. Nil if nothing is there, or if this user may not look there.
  /// - Throws: `list`, with any other reason of the system.
  func resolvingLinks() throws(InputError) -> FilePath? {
    guard let resolved = unsafe withPlatformString({ unsafe realpath($0, nil) }) else {
      let error = InputError(.list, path: self, errno: Errno(rawValue: errno))
      if error.concern == .system { throw error }
      return nil
    }
    defer { unsafe free(resolved) }
    return unsafe FilePath(platformString: resolved)
  }

  /// The path as text that names it and no other, for the ledger and for output.
  ///
  /// Valid UTF-8 stays as it is; a byte that is none becomes `\xNN`, and a backslash is doubled, so that two
  /// paths never share a text.
  public var locationText: String { LocationText.of(bytes) }

  /// The path that a ``locationText`` names.
  public init(location: String) {
    self.init(bytes: LocationText.bytes(of: location))
  }
}

/// Bytes of a path or key as text that stands for them and no others.
package enum LocationText {
  /// The text.
  package static func of(_ bytes: [UInt8]) -> String {
    if !bytes.contains(UInt8(ascii: "\\")), let text = String(validating: bytes, as: UTF8.self) {
      return text
    }
    var escaped: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let good = validPrefix(of: bytes.span.extracting(position...))
      for byte in bytes[position..<position + good] {
        escaped.append(byte)
        if byte == UInt8(ascii: "\\") { escaped.append(byte) }
      }
      position += good
      guard position < bytes.count else { break }
      let digits = String(bytes[position], radix: 16)
      escaped += Array((digits.utf8.count == 1 ? #"\x0"# : #"\x"#).utf8) + Array(digits.utf8)
      position += 1
    }
    return String(decoding: escaped, as: UTF8.self)
  }

  /// The bytes that a text of ``of(_:)`` stands for.
  package static func bytes(of text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      guard next == UInt8(ascii: "x"),
        let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else {
        bytes.append(next)
        continue
      }
      bytes.append(escaped)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  /// How many bytes from the start are valid UTF-8.
  private static func validPrefix(of bytes: Span<UInt8>) -> Int {
    do throws(UTF8.ValidationError) {
      return try UTF8Span(validating: bytes).count
    } catch {
      return error.byteOffsets.lowerBound
    }
  }
}

/// Resolves the escapes of JSON strings.
enum JSONString {
  /// Appends the string's text to `decoded`. A lone surrogate becomes the byte FF, which is no UTF-8, so that
  /// the value that holds it is reported as `invalid_utf8`.
  static func decode(_ text: Span<UInt8>, in range: Range<Int>, into decoded: inout [UInt8]) {
    var position = range.lowerBound
    while let escape = text.index(of: UInt8(ascii: "\\"), from: position), escape < range.upperBound {
      decoded.append(text, in: position..<escape)
      position = escape + 2
      switch text[escape + 1] {
      case UInt8(ascii: "n"): decoded.append(0x0A)
      case UInt8(ascii: "t"): decoded.append(0x09)
      case UInt8(ascii: "r"): decoded.append(0x0D)
      case UInt8(ascii: "b"): decoded.append(0x08)
      case UInt8(ascii: "f"): decoded.append(0x0C)
      case UInt8(ascii: "u"):
        position = appendCodePoint(text, at: escape, limit: range.upperBound, to: &decoded)
      case let plain: decoded.append(plain)
      }
    }
    decoded.append(text, in: position..<range.upperBound)
  }

  /// The number of up to eight hexadecimal digits at `start`.
  static func hexadecimal(_ text: Span<UInt8>, at start: Int, digits: Int = 4) -> UInt32? {
    guard start + digits <= text.count else { return nil }
    var number: UInt32 = 0
    for index in start..<start + digits {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        number = number << 4 | UInt32((byte | 0x20) - 0x57)
      default: return nil
      }
    }
    return number
  }

  /// Appends the character of the `\uXXXX` at `escape`, with the second half of a pair; gives the place after.
  static func appendCodePoint(
    _ text: Span<UInt8>, at escape: Int, limit: Int, to decoded: inout [UInt8]
  ) -> Int {
    guard let first = hexadecimal(text, at: escape + 2) else { return escape + 2 }
    var end = escape + 6
    var scalar = Unicode.Scalar(first)
    if 0xD800...0xDBFF ~= first, end + 6 <= limit, text.has("\\u", at: end),
      let second = hexadecimal(text, at: end + 2), 0xDC00...0xDFFF ~= second
    {
      scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      end += 6
    }
    if let scalar {
      decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    } else {
      decoded.append(0xFF)
    }
    return end
  }
}

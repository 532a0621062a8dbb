/// The percent-encoding of URLs, as `%3A` for a colon.
package enum PercentEncoding {
  /// The bytes that a URL-encoded text stands for; `%` without two hexadecimal digits stands for itself.
  /// - Parameters:
  ///   - text: The text.
  ///   - plusIsBlank: Whether `+` stands for a blank, as in forms; in paths it does not.
  /// - Returns: The bytes.
  package static func decoded(_ text: ArraySlice<UInt8>, plusIsBlank: Bool = false) -> ArraySlice<UInt8> {
    guard text.contains(where: { $0 == percent || (plusIsBlank && $0 == plus) }) else { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var position = text.startIndex
    while position < text.endIndex {
      let byte = text[position]
      position += 1
      if byte == percent, position + 1 < text.endIndex, let high = digit(text[position]),
        let low = digit(text[position + 1])
      {
        bytes.append(high << 4 | low)
        position += 2
      } else {
        bytes.append(plusIsBlank && byte == plus ? UInt8(ascii: " ") : byte)
      }
    }
    return bytes[...]
  }

  private static let percent = UInt8(ascii: "%")
  private static let plus = UInt8(ascii: "+")

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

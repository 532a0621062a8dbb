/// Control characters in XML. XML 1.0 has none but tab and line ends, neither as they are nor as `&#x1;`, and expat refuses a
/// document with others. A store writes them nevertheless where it repeats a key and does not URL-encode it, as Ceph's gateway
/// does in the token of the next page.
///
/// Here each is replaced by a character that no store uses, before expat sees it, and put back into the text that expat gives.
struct ControlCharacters {
  /// U+10FF00, a character for private use, with the control character in its last six bits.
  private static let standIn: [UInt8] = [0xF4, 0x8F, 0xBC]
  /// A reference such as `&#x0001F;` is no longer.
  private static let longestReference = 12

  /// What has come of a reference so far.
  private var reference: [UInt8] = []

  /// The bytes with every control character replaced. A reference that is not at its end is held back.
  mutating func replaced(_ bytes: some Collection<UInt8>, isLast: Bool) -> [UInt8] {
    guard !reference.isEmpty || Self.mayHoldSome(bytes) else { return Array(bytes) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 16)
    for byte in bytes {
      if byte == UInt8(ascii: "&") {
        result += reference
        reference = [byte]
      } else if reference.isEmpty {
        Self.append(byte, to: &result)
      } else {
        take(byte, &result)
      }
    }
    if isLast {
      result += reference
      reference = []
    }
    return result
  }

  /// The text with every control character as it was.
  static func restored(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(standIn[0]) else { return text }
    var result: [UInt8] = []
    var rest = text[...]
    while let byte = rest.first {
      if rest.starts(with: standIn), rest.count > standIn.count,
        case let last = rest[rest.startIndex + standIn.count], last & 0x3F < 0x20
      {
        result.append(last & 0x3F)
        rest = rest.dropFirst(standIn.count + 1)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// Whether there is a control character, or the beginning of a reference to a character by its number.
  private static func mayHoldSome(_ bytes: some Collection<UInt8>) -> Bool {
    var previous: UInt8 = 0x20
    for byte in bytes {
      if isControl(byte) || (previous == UInt8(ascii: "&") && byte == UInt8(ascii: "#")) { return true }
      previous = byte
    }
    return previous == UInt8(ascii: "&")
  }

  private mutating func take(_ byte: UInt8, _ result: inout [UInt8]) {
    reference.append(byte)
    let isOver = byte == UInt8(ascii: ";") || byte == UInt8(ascii: "<")
    guard isOver || reference.count > Self.longestReference else { return }
    if let control = Self.control(in: reference) {
      Self.append(control, to: &result)
    } else {
      result += reference
    }
    reference = []
  }

  /// The control character that a reference stands for; nil for any other, and for what XML has itself.
  private static func control(in reference: [UInt8]) -> UInt8? {
    guard reference.starts(with: "&#".utf8), reference.last == UInt8(ascii: ";") else { return nil }
    let digits = String(decoding: reference.dropFirst(2).dropLast(), as: UTF8.self)
    let number = digits.hasPrefix("x") ? UInt8(digits.dropFirst(), radix: 16) : UInt8(digits)
    return number.flatMap { isControl($0) ? $0 : nil }
  }

  private static func append(_ byte: UInt8, to result: inout [UInt8]) {
    if isControl(byte) { result += standIn + [0x80 | byte] } else { result.append(byte) }
  }

  /// Whether XML 1.0 lacks the character.
  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D
  }
}

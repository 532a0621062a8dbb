/// Hides control characters from the XML parser. XML 1.0 allows only tab and line ends, and forbids references such as `&#x1;` too, so that
/// expat refuses a document with other control characters. Some stores write them nevertheless: Ceph's gateway repeats a key without
/// URL-encoding it in the token of the next page.
///
/// Each control character is replaced by a character that no store uses before expat reads it, and put back in the text that expat
/// returns.
struct ControlCharacters {
  /// The first bytes of a character for private use, U+10FF00 and the following. Its last six bits hold the control character.
  private static let standIn: [UInt8] = [0xF4, 0x8F, 0xBC]
  /// The longest reference to a control character, such as `&#x0001F;`.
  private static let longestReference = 12

  /// The part of a reference that has come so far.
  private var reference: [UInt8] = []

  /// Replaces every control character. A reference that has not ended is held back for the next call.
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

  /// Puts every control character back.
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

  /// Whether the bytes have a control character, or the beginning of a numeric reference.
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

  /// The control character that a reference stands for. Nil for other characters, and for tab and line ends, which XML allows.
  private static func control(in reference: [UInt8]) -> UInt8? {
    guard reference.starts(with: "&#".utf8), reference.last == UInt8(ascii: ";") else { return nil }
    let digits = String(decoding: reference.dropFirst(2).dropLast(), as: UTF8.self)
    let number = digits.hasPrefix("x") ? UInt8(digits.dropFirst(), radix: 16) : UInt8(digits)
    return number.flatMap { isControl($0) ? $0 : nil }
  }

  private static func append(_ byte: UInt8, to result: inout [UInt8]) {
    if isControl(byte) { result += standIn + [0x80 | byte] } else { result.append(byte) }
  }

  /// Whether XML 1.0 forbids the character.
  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D
  }
}

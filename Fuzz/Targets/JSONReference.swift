/// A second reading of RFC 8259: a pushdown automaton over bytes, where the reader under test recurses.
enum JSONReference {
  private enum Expectation {
    case value, valueOrEnd, keyOrEnd, key, colon, separatorOrEnd, nothing
  }

  /// How deep the reader under test follows; deeper is invalid to it.
  static let maximumDepth = 128

  /// Whether a text is one object, white space around it.
  static func isObject(_ text: [UInt8]) -> Bool {
    guard let first = text.first(where: { !isSpace($0) }), first == UInt8(ascii: "{") else { return false }
    var open: [UInt8] = []
    var expected = Expectation.value
    var rest = text[...]
    while let byte = rest.first {
      if isSpace(byte) {
        rest.removeFirst()
        continue
      }
      switch (expected, byte) {
      case (.value, UInt8(ascii: "{")), (.valueOrEnd, UInt8(ascii: "{")):
        open.append(byte)
        expected = .keyOrEnd
        rest.removeFirst()
      case (.value, UInt8(ascii: "[")), (.valueOrEnd, UInt8(ascii: "[")):
        open.append(byte)
        expected = .valueOrEnd
        rest.removeFirst()
      case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")),
        (.separatorOrEnd, UInt8(ascii: "]")), (.separatorOrEnd, UInt8(ascii: "}")):
        // Brackets are two apart from their closing ones.
        guard open.popLast() == byte - 2 else { return false }
        expected = open.isEmpty ? .nothing : .separatorOrEnd
        rest.removeFirst()
      case (.separatorOrEnd, UInt8(ascii: ",")):
        expected = open.last == UInt8(ascii: "{") ? .key : .value
        rest.removeFirst()
      case (.colon, UInt8(ascii: ":")):
        expected = .value
        rest.removeFirst()
      case (.key, UInt8(ascii: "\"")), (.keyOrEnd, UInt8(ascii: "\"")):
        guard string(&rest) != nil else { return false }
        expected = .colon
      case (.value, UInt8(ascii: "\"")), (.valueOrEnd, UInt8(ascii: "\"")):
        guard string(&rest) != nil else { return false }
        expected = .separatorOrEnd
      case (.value, _), (.valueOrEnd, _):
        guard isScalar(&rest) else { return false }
        expected = .separatorOrEnd
      default: return false
      }
      if open.count > maximumDepth { return false }
    }
    return expected == .nothing
  }

  /// The text of the string that begins here, taken away: UTF-16 units from escapes, put together at the end.
  static func string(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
    var text: [UInt8] = []
    var units: [UInt16] = []
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "\\") || rest.first != UInt8(ascii: "u") { flush(&units, into: &text) }
      if byte == UInt8(ascii: "\"") { return text }
      guard byte >= 0x20 else { return nil }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard let escape = rest.popFirst() else { return nil }
      let simple: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8,
        UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
      ]
      if let plain = simple[escape] {
        text.append(plain)
      } else if escape == UInt8(ascii: "u") {
        let digits = String(decoding: rest.prefix(4), as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
          let unit = UInt16(digits, radix: 16)
        else { return nil }
        rest.removeFirst(4)
        units.append(unit)
      } else {
        return nil
      }
    }
    return nil
  }

  /// Surrogates without their other half become FF, as the reader under test promises.
  private static func flush(_ units: inout [UInt16], into text: inout [UInt8]) {
    var decoder = UTF16()
    var source = units.makeIterator()
    loop: while true {
      switch decoder.decode(&source) {
      case .scalarValue(let scalar): text += String(Character(scalar)).utf8
      case .error: text.append(0xFF)
      case .emptyInput: break loop
      }
    }
    units.removeAll()
  }

  private static func isScalar(_ rest: inout ArraySlice<UInt8>) -> Bool {
    let word = rest.prefix { !isSpace($0) && !",]}:[{\"".utf8.contains($0) }
    rest = rest.dropFirst(word.count)
    if ["true", "false", "null"].contains(where: { word.elementsEqual($0.utf8) }) { return true }
    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    var number = Substring(decoding: word, as: UTF8.self)
    if number.first == "-" { number.removeFirst() }
    guard let integer = digits(&number), integer == "0" || integer.first != "0" else { return false }
    if number.utf8.first == UInt8(ascii: ".") {
      number.removeFirst()
      guard digits(&number) != nil else { return false }
    }
    if let exponent = number.utf8.first, exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
      number.removeFirst()
      if let sign = number.utf8.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        number.removeFirst()
      }
      guard digits(&number) != nil else { return false }
    }
    return number.isEmpty
  }

  private static func digits(_ text: inout Substring) -> Substring? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    text = text.dropFirst(digits.count)
    return digits.isEmpty ? nil : digits
  }

  private static func isSpace(_ byte: UInt8) -> Bool { " \t\n\r".utf8.contains(byte) }

  /// Appends a byte as it may stand in a string.
  static func appendEscaped(_ byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
    case 0..<0x20: text += (byte < 16 ? "\\u000" : "\\u00").utf8 + Array(String(byte, radix: 16).utf8)
    default: text.append(byte)
    }
  }
}

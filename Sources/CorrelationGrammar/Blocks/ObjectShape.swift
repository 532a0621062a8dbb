import LogModel

/// Follows the brackets, strings, words and signs of an object line by line, so that it shows at once which line cannot
/// carry the object on. Whether a closed object is one of the grammar is ``JSONBody``'s to say.
struct ObjectShape: Equatable {
  /// What may come next.
  private enum Expected: Equatable {
    case key, colon, value, separator
  }

  /// Objects and arrays that are open, the innermost in the lowest bit: 1 for an object.
  private var stack: UInt64 = 0
  private var depth = 0
  private var expected = Expected.value
  private var hasBegun = false
  private(set) var canGoOn = true

  /// Whether the last bracket has closed.
  var isClosed: Bool { canGoOn && hasBegun && depth == 0 }

  /// Takes the next line. No string and no word goes on over its end.
  mutating func take(_ line: Span<UInt8>) {
    var position = 0
    while canGoOn, position < line.count {
      if line[position].isBlank {
        position += 1
      } else if hasBegun, depth == 0 {
        canGoOn = false
      } else {
        takeSymbol(line, &position)
      }
    }
  }

  private mutating func takeSymbol(_ line: Span<UInt8>, _ position: inout Int) {
    let byte = line[position]
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      open(isObject: byte == UInt8(ascii: "{"))
      position += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      close(isObject: byte == UInt8(ascii: "}"))
      position += 1
    case UInt8(ascii: ":"):
      canGoOn = expected == .colon
      expected = .value
      position += 1
    case UInt8(ascii: ","):
      canGoOn = expected == .separator
      expected = stack & 1 == 1 ? .key : .value
      position += 1
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      takeScalar(isString: true)
      position = Self.endOfString(line, from: position) ?? line.count + 1
      if position > line.count { canGoOn = false }
    default:
      takeScalar(isString: false)
      guard let end = Self.endOfWord(line, from: position) else {
        canGoOn = false
        return
      }
      position = end
    }
  }

  private mutating func open(isObject: Bool) {
    guard expected == .value, depth < UInt64.bitWidth else {
      canGoOn = false
      return
    }
    hasBegun = true
    stack = stack << 1 | (isObject ? 1 : 0)
    depth += 1
    expected = isObject ? .key : .value
  }

  private mutating func close(isObject: Bool) {
    // An empty object closes where a key may come, an empty array where a value may.
    guard depth > 0, (stack & 1 == 1) == isObject,
      expected == .separator || expected == (isObject ? .key : .value)
    else {
      canGoOn = false
      return
    }
    stack >>= 1
    depth -= 1
    expected = .separator
  }

  private mutating func takeScalar(isString: Bool) {
    switch expected {
    case .key where isString: expected = .colon
    case .value where depth > 0: expected = .separator
    case .key, .value, .colon, .separator: canGoOn = false
    }
  }

  private static func endOfString(_ line: Span<UInt8>, from start: Int) -> Int? {
    var position = start + 1
    while position < line.count {
      if line[position] == line[start] { return position + 1 }
      position += line[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  /// The end of a number, a name such as `None`, or a call such as `np.float64(0.55)`.
  private static func endOfWord(_ line: Span<UInt8>, from start: Int) -> Int? {
    var position = start
    while position < line.count, isWordByte(line[position]) { position += 1 }
    guard position > start else { return nil }
    guard position < line.count, line[position] == UInt8(ascii: "(") else { return position }
    while position < line.count, line[position] != UInt8(ascii: ")") { position += 1 }
    return position < line.count ? position + 1 : nil
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }
}

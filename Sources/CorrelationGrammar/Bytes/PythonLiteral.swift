import LogModel

/// Numbers and words as JSON and Python write them, and what Python prints of its number types (1-correlation-data, Numbers and
/// Objects).
enum PythonLiteral {
  private static let words: [StaticString] = [
    "true", "false", "null", "NaN", "Infinity", "-Infinity", "True", "False", "None", "nan", "inf", "-inf",
  ]
  private static let numberTypes: [StaticString] = [
    "float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8",
  ]

  /// The end of the literal that begins at `start`; nil where none does, or where it goes on as none does.
  static func end(_ text: Span<UInt8>, from start: Int) -> Int? {
    var end = start
    if let (_, close) = printedNumber(text, from: start) {
      end = close
    } else if JSONScanner.number(text, &end) == nil {
      guard let word = words.first(where: { text.has($0, at: start) }) else { return nil }
      end = start + word.utf8CodeUnitCount
    }
    guard end < text.count else { return end }
    let next = text[end]
    let goesOn =
      next.isASCIILetter || next.isASCIIDigit || next >= 0x80 || next == UInt8(ascii: "_")
      || next == UInt8(ascii: ".") || next == UInt8(ascii: "(")
    return goesOn ? nil : end
  }

  /// The number inside what Python prints of a number type at `start`, such as `np.float64(0.55)` or `Decimal('0.55')`, and the
  /// position after it.
  static func printedNumber(_ text: Span<UInt8>, from start: Int) -> (inner: Range<Int>, end: Int)? {
    if text.has("Decimal('", at: start) {
      let inner = start + 9
      guard let quote = text.index(of: UInt8(ascii: "'"), from: inner), text.has(")", at: quote + 1),
        isPlain(text, inner..<quote)
      else { return nil }
      return (inner..<quote, quote + 2)
    }
    guard text.has("np.", at: start),
      let type = numberTypes.first(where: { text.has($0, at: start + 3) })
    else { return nil }
    let open = start + 3 + type.utf8CodeUnitCount
    guard text.has("(", at: open), let close = text.index(of: UInt8(ascii: ")"), from: open + 1),
      isPlain(text, open + 1..<close)
    else { return nil }
    return (open + 1..<close, close + 1)
  }

  /// Whether no blank, quote or bracket is in a range.
  private static func isPlain(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range {
      switch text[index] {
      case 0...0x20, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "'"), UInt8(ascii: "\""): return false
      default: break
      }
    }
    return true
  }
}

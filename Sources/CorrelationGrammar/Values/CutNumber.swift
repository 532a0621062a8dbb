import LogModel

/// Tells whether a value and the token behind it are two halves of one number (1-correlation-data, Cut values).
enum CutNumber {
  /// Whether a value and a token together spell a number or a percentage, or begin one.
  static func isSpelt(by value: Span<UInt8>, _ token: Span<UInt8>) -> Bool {
    var both: [UInt8] = []
    both.append(value)
    both.append(token)
    return begins(both.span)
  }

  /// Whether a text is a number or a percentage, or the beginning of one.
  private static func begins(_ text: Span<UInt8>) -> Bool {
    var position = afterSign(text, 0)
    let digits = position
    position = afterDigits(text, position)
    var hasDigits = position > digits
    if position < text.count, text[position] == UInt8(ascii: ".") {
      let fraction = position + 1
      position = afterDigits(text, fraction)
      hasDigits = hasDigits || position > fraction
    }
    if hasDigits, position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
      position = afterDigits(text, afterSign(text, position + 1))
    }
    if hasDigits, position < text.count, text[position] == UInt8(ascii: "%") { position += 1 }
    return position == text.count
  }

  private static func afterSign(_ text: Span<UInt8>, _ position: Int) -> Int {
    guard position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-")
    else {
      return position
    }
    return position + 1
  }

  private static func afterDigits(_ text: Span<UInt8>, _ start: Int) -> Int {
    var position = start
    while position < text.count, text[position].isASCIIDigit { position += 1 }
    return position
  }
}

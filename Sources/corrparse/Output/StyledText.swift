import LogModel

/// A line for a terminal, put together from words of the program, values of others and colours. Every value is escaped when it comes in, so
/// that a terminal obeys nothing but the colours.
struct StyledText: ExpressibleByStringInterpolation {
  /// The line with its colours.
  private(set) var text: String

  /// Words of the program.
  init(stringLiteral value: String) {
    text = value
  }

  /// Words of the program with values between them.
  init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }

  /// A value, which can hold anything.
  init(_ value: String) {
    text = PrintableText.escaped(value)
  }

  /// A value in a colour. `code` has the parameters of Select Graphic Rendition, such as `1;31`; nil for no colour.
  init(_ value: String, code: String?) {
    self.init(value)
    if let code { text = "\u{1B}[\(code)m\(text)\u{1B}[0m" }
  }

  /// Escapes the values between the program's words.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) {
      text += literal
    }

    /// A value, which can hold anything.
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += PrintableText.escaped(value.description)
    }

    /// A part that is escaped already.
    mutating func appendInterpolation(_ part: StyledText) {
      text += part.text
    }
  }

  static func += (left: inout StyledText, right: StyledText) {
    left.text += right.text
  }
}

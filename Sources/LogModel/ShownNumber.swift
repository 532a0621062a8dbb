/// Numbers for people. They are cut, not rounded, so that none seems to reach a threshold that it has not reached.
public enum ShownNumber {
  /// A decimal number with at most four places, without zeros at its end; what is none comes out as it is.
  public static func fourPlaces(_ text: String) -> String {
    guard isDecimal(text), let point = text.firstIndex(of: ".") else { return text }
    var short = String(text[..<point] + text[point...].prefix(5))
    while short.hasSuffix("0") { short.removeLast() }
    return short.hasSuffix(".") ? String(short.dropLast()) : short
  }

  /// A decimal number in at most so many characters, with fewer places where it is longer; nil where the text is no decimal number with
  /// places, or its whole part is too long.
  public static func fitting(_ text: String, in most: Int) -> String? {
    guard isDecimal(text), let point = text.firstIndex(of: ".") else { return nil }
    if text.utf8.count <= most { return text }
    let whole = text[..<point]
    guard whole.utf8.count <= most else { return nil }
    return whole.utf8.count + 1 >= most ? String(whole) : String(text.prefix(most))
  }

  private static func isDecimal(_ text: String) -> Bool {
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
    return digits.allSatisfy {
      $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
  }
}

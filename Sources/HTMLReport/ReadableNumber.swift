/// Numbers as people read them: few digits, and times in hours and minutes. The database has all digits.
enum ReadableNumber {
  /// A number with its unit.
  /// - Parameters:
  ///   - text: The number as the database writes it; what is none comes out as it is.
  ///   - unit: `s` becomes hours, minutes and seconds. `%`, `d` and `pts` get one decimal place, a number without unit three.
  /// - Returns: The text to show.
  static func text(_ text: String, unit: String) -> String {
    guard let value = Double(text) else { return unit.isEmpty ? text : text + " " + unit }
    if unit == "s" { return duration(value) }
    let number = fixed(value, places: unit.isEmpty ? 3 : 1)
    return unit.isEmpty ? number : number + " " + unit
  }

  /// A sentence of the database with its durations, `7749.610978 s`, as people read them: `2 h 9 min`. The rest stays as it is.
  static func sentence(_ text: String) -> String {
    var words: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      // The unit may end a part of the sentence.
      if ["s", "s,", "s;"].contains(word), let number = words.last, let value = Double(number) {
        words[words.count - 1] = duration(value) + word.dropFirst()
      } else {
        words.append(String(word))
      }
    }
    return words.joined(separator: " ")
  }

  /// `2 h 9 min`, `3 min 5 s`, `12 s`: the two largest units.
  private static func duration(_ value: Double) -> String {
    guard value.magnitude < 1e12 else { return "\(value) s" }
    let seconds = Int(value.magnitude.rounded())
    let parts: [(Int, String)] = [
      (seconds / 3600, "h"), (seconds % 3600 / 60, "min"), (seconds % 60, "s"),
    ]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return (value < 0 && seconds > 0 ? "-" : "") + (shown.isEmpty ? "0 s" : shown.joined(separator: " "))
  }

  /// At most so many decimal places, without zeros at the end.
  private static func fixed(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
    guard value.magnitude < 1e12 else { return "\(value)" }
    let scaled = Int((value.magnitude * Double(scale)).rounded())
    var digits = String(scaled % scale)
    digits = String(repeating: "0", count: places - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    let number = "\(scaled / scale)" + (digits.isEmpty ? "" : "." + digits)
    return (value < 0 && scaled > 0 ? "-" : "") + number
  }
}

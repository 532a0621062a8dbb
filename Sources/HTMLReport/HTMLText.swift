import RecordFormats

/// HTML text in the making. Text from logs is escaped, with control characters shown as they are on a terminal.
struct HTMLText {
  private(set) var text = ""

  /// Markup that is a constant of the program, or made of numbers.
  mutating func markup(_ markup: String) {
    text += markup
  }

  /// A text that may hold anything, for content and quoted attributes.
  mutating func escaped(_ value: String) {
    text += Self.escape(value)
  }

  /// An element with text in it.
  mutating func element(_ name: String, class className: String? = nil, _ value: String) {
    let attribute = className.map { " class=\"\($0)\"" } ?? ""
    text += "<\(name)\(attribute)>\(Self.escape(value))</\(name)>"
  }

  static func escape(_ value: String) -> String {
    var escaped = ""
    for character in PrintableText.escaped(value) {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}

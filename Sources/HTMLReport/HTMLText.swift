import LogModel

/// Builds HTML. Text from logs is escaped, and control characters are shown as `\u{1b}`.
struct HTMLText {
  private(set) var text = ""

  /// Adds markup as it is: constants of the program, and numbers.
  mutating func markup(_ markup: String) {
    text += markup
  }

  /// Adds text that can hold anything, as content or in a quoted attribute.
  mutating func escaped(_ value: String) {
    text += Self.escape(value)
  }

  /// Adds an element with text that can hold anything.
  mutating func element(_ name: String, class className: String? = nil, _ value: String) {
    let attribute = className.map { " class=\"\($0)\"" } ?? ""
    text += "<\(name)\(attribute)>\(Self.escape(value))</\(name)>"
  }

  /// Adds a head cell of a table, of numbers or of texts. A name may be broken after an underscore, and nowhere else.
  mutating func head(_ value: String, isOfNumbers: Bool = false) {
    text += isOfNumbers ? "<th class=\"number\">" : "<th>"
    text += Self.escape(value).replacing("_", with: "_<wbr>") + "</th>"
  }

  /// Adds text that leads to an address; without an address the text stands alone.
  mutating func link(_ value: String, to url: String?) {
    if let url { text += "<a href=\"\(Self.escape(url))\">" }
    text += Self.escape(value)
    if url != nil { text += "</a>" }
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

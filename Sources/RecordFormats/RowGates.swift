/// The gates of a row, from the JSON text that logs and the database have for them: `{"f1":"pass","sortino":"fail"}`.
struct RowGates {
  /// How many were passed.
  private(set) var passed = 0
  /// The names of the failed gates, in the order of the text. The names are escaped as in JSON.
  private(set) var failed: [String] = []

  /// How many there are.
  var count: Int { passed + failed.count }

  /// The gates of a row; nil where it has none.
  init?(_ row: any ListedRow) {
    guard let json = row.text("gates") else { return nil }
    let strings = Self.strings(of: json)
    for index in stride(from: 0, to: strings.count - 1, by: 2) {
      if strings[index + 1] == "pass" { passed += 1 } else { failed.append(strings[index]) }
    }
  }

  /// What stands between the quotes of a JSON text. A gate can have any name, one with a quote too.
  private static func strings(of json: String) -> [String] {
    var strings: [String] = []
    var open: String.UnicodeScalarView?
    var isEscaped = false
    for scalar in json.unicodeScalars {
      guard var text = open else {
        if scalar == "\"" { open = .init() }
        continue
      }
      if scalar == "\"", !isEscaped {
        strings.append(String(text))
        open = nil
        continue
      }
      isEscaped = scalar == "\\" && !isEscaped
      text.append(scalar)
      open = text
    }
    return strings
  }
}

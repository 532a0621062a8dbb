/// A file that AWS's programs share: `~/.aws/config` or `~/.aws/credentials`. It has sections with settings. A setting such as `s3 =` can
/// have settings of its own on the indented lines below it.
struct SharedConfigFile {
  /// The settings of each section. A setting within another has both names: `s3.addressing_style`.
  private(set) var sections: [String: [String: String]] = [:]

  /// A file without settings.
  init() {}

  /// Reads the text of a file. Lines that are no setting are passed over, as AWS's programs do.
  init(_ text: String) {
    var section: String?
    var parent: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let isIndented = line.first?.isWhitespace ?? false
      let content = Self.trimmed(line)
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if !isIndented, content.hasPrefix("["), let end = content.firstIndex(of: "]") {
        let name = content[content.index(after: content.startIndex)..<end]
        section = Self.normalised(name)
        parent = nil
        if let section { sections[section] = sections[section] ?? [:] }
        continue
      }
      guard let section, let equals = content.firstIndex(of: "=") else { continue }
      let name = Self.trimmed(content[..<equals]).lowercased()
      var value = Self.trimmed(content[content.index(after: equals)...])
      for mark in [" #", " ;"] {
        if let comment = value.firstRange(of: mark) { value = Self.trimmed(value[..<comment.lowerBound]) }
      }
      if isIndented, let parent {
        sections[section]?["\(parent).\(name)"] = value
      } else {
        parent = value.isEmpty ? name : nil
        if !value.isEmpty { sections[section]?[name] = value }
      }
    }
  }

  /// The name of a section, without quotes and with single blanks: `profile x` for `[profile "x"]`.
  private static func normalised(_ name: Substring) -> String {
    name.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "\"" && $0 != "'" } }.joined(
      separator: " ")
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func trimmed(_ text: String) -> String { trimmed(text[...]) }
}

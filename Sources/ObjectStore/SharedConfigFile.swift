/// One of the files that AWS's programs share, `~/.aws/config` or `~/.aws/credentials`: sections with settings, some of which
/// hold settings themselves (`s3 =` and indented lines below it).
struct SharedConfigFile {
  /// Settings by section; those within a setting as `s3.addressing_style`.
  private(set) var sections: [String: [String: String]] = [:]

  /// Nothing in it.
  init() {}

  /// Reads a file's text. Lines that are none of a setting's are passed over, as AWS's programs do.
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

  /// `profile "x"`, `profile x`: words with one blank between them and without quotes.
  private static func normalised(_ name: Substring) -> String {
    name.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "\"" && $0 != "'" } }.joined(
      separator: " ")
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func trimmed(_ text: String) -> String { trimmed(text[...]) }
}

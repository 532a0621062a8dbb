import CorrelationGrammar
import LogModel

/// A line within a block that is none of its body-lines: what it was meant for, as far as it shows, and what to print.
struct ForeignLine {
  private static let mostBytes = 65_536
  private static let reserved: Set<String> = ["event", "level", "msg", "ts", "time"]
  private static let shellWords: Set<Substring> = ["export", "set", "let", "var", "const", "declare"]
  /// Signs that people print between a key and its value.
  private static let signs: Set<Substring> = ["->", "=>", ":=", "→", "|", ":", "is", "-", "=", "=="]

  private let text: Substring
  private let bytes: Int

  /// A message line without blanks at its ends, or the lines of an object.
  init(_ text: String) {
    bytes = text.utf8.count
    var rest = text[...]
    if let first = rest.first, "-*•·–>→".contains(first), rest.dropFirst().first == " " {
      rest = rest.dropFirst(2).drop { $0 == " " }
    }
    self.text = rest
  }

  /// What to print in place of the line.
  var cure: String { ownCure ?? Self.anyCure }

  /// Whether the line shows what it was meant for.
  var isUnderstood: Bool { ownCure != nil }

  private static let anyCure =
    "print nothing but pairs between header and end marker, and where the line is another writer's, write the block with one call"

  private var ownCure: String? {
    if bytes > Self.mostBytes { return "the line is over 64 KiB; print a shorter value" }
    if text.hasPrefix("{") || text.hasPrefix("[{") {
      return
        "print the pairs as lines of their own; an object may hold texts, numbers and one level of groups, and no list"
    }
    if text.hasPrefix("#") || text.hasPrefix("//") || !text.contains(where: { $0.isLetter || $0.isNumber }) {
      return "print nothing but pairs between header and end marker"
    }
    if let sign = text.firstIndex(of: "=") {
      return pairCure(
        text[..<sign].trimmed, text[text.index(after: sign)...].trimmed)
    }
    return colonCure ?? tableCure
  }

  /// Of a line with `=`.
  private func pairCure(_ left: Substring, _ right: Substring) -> String? {
    let words = left.split { $0 == " " || $0 == "\t" }
    if Self.isKey(left) {
      if Self.reserved.contains(left.lowercased()) {
        return "a line that begins with \(left)= is an ordinary log line; give the key another name"
      }
      guard !right.contains("=") else {
        return "print one pair a line, and a value with blanks in double quotes"
      }
      return right.utf8.count <= 80
        ? "print \(left)=\(Self.quoted(right))" : "put the value in double quotes"
    }
    if let last = words.last, words.count == 2, Self.shellWords.contains(words[0]), Self.isKey(last) {
      return Self.pair(last, right)
    }
    guard words.count <= 3 else { return nil }
    guard left.allSatisfy({ $0.isASCII }) else {
      return "print the key in ASCII: a letter, and then letters, digits, _, . and -"
    }
    let name = words.map { $0.filter { $0.isLetter || $0.isNumber || "_.-".contains($0) } }.joined(
      separator: "_")
    if let known = KnownKey.canonical(name) {
      return "did you mean \(known)? " + Self.pair(known[...], right)
    }
    let rule = "a key is a letter, and then letters, digits, _, . and -"
    return Self.isKey(name[...]) && !Self.reserved.contains(name.lowercased())
      ? "\(rule); \(Self.pair(name[...], right))" : "\(rule); print another"
  }

  /// Of a line with `:`, as JSON has them without its braces, or prose.
  private var colonCure: String? {
    guard let sign = text.firstIndex(of: ":") else { return nil }
    let (left, right) = (text[..<sign].trimmed, text[text.index(after: sign)...].trimmed)
    let key = left.trimming { $0 == "\"" || $0 == "'" }
    guard Self.isKey(key), !right.isEmpty, !Self.reserved.contains(key.lowercased()) else { return nil }
    if key != left {
      let value = right.trimming { $0 == "," }.trimming { $0 == "\"" || $0 == "'" }
      return value.contains(where: { "{}[]".contains($0) })
        ? "print the pairs as lines of their own" : Self.pair(key, value)
    }
    guard right.utf8.count <= 80, !right.contains("=") else { return nil }
    return "print it before or behind the block, or, where it is a pair, as \(key)=\(Self.quoted(right))"
  }

  /// Of a known key with a value beside it, in a table or behind an arrow.
  private var tableCure: String? {
    let words = text.split { $0 == " " || $0 == "\t" || $0 == "|" || $0 == "," }
    guard let first = words.first, let known = KnownKey.canonical(String(first)) else { return nil }
    let values = words.dropFirst().filter { !Self.signs.contains($0) }
    guard let value = values.first, values.count == 1, KnownKey.canonical(String(value)) == nil else {
      return values.isEmpty ? nil : "print each key with its value, key=value, one pair a line"
    }
    return Self.pair(known[...], value)
  }

  private static func pair(_ key: Substring, _ value: Substring) -> String {
    guard value.utf8.count <= 80 else { return "print \(key)=value, one pair a line" }
    return "print \(key)="
      + (value.contains(where: { $0.isWhitespace || "\"'=,;|".contains($0) }) ? quoted(value) : "\(value)")
  }

  /// A value in double quotes, without the single ones that it may have.
  private static func quoted(_ value: Substring) -> String {
    var text = value
    for quote in ["'", "\""] where text.count > 1 && text.hasPrefix(quote) && text.hasSuffix(quote) {
      text = text.dropFirst().dropLast()
    }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func isKey(_ text: Substring) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
  }
}

extension Substring {
  fileprivate var trimmed: Substring { trimming { $0 == " " || $0 == "\t" } }

  fileprivate func trimming(_ isOuter: (Character) -> Bool) -> Substring {
    var rest = drop(while: isOuter)
    while let last = rest.last, isOuter(last) { rest.removeLast() }
    return rest
  }
}

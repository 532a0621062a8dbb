/// A JSON value as it stands in the text: order kept, numbers and strings as written.
///
/// A reader of its own, so that what the program's scanner and writer do is not judged by themselves.
public indirect enum JSONTree: Equatable, Sendable {
  case object([Member])
  case array([JSONTree])
  /// With its quotes and escapes.
  case string(String)
  /// A number, `true`, `false` or `null`.
  case literal(String)

  /// One member of an object.
  public struct Member: Equatable, Sendable {
    /// With its quotes and escapes.
    public var key: String
    /// What the key stands for.
    public var value: JSONTree
  }

  /// Reads one value and nothing else; nil where the text is no JSON.
  public init?(_ text: String) {
    var rest = Substring(text)
    guard let value = Self.value(&rest) else { return nil }
    Self.skipSpace(&rest)
    guard rest.isEmpty else { return nil }
    self = value
  }

  /// The text without white space.
  public var text: String {
    switch self {
    case .object(let members):
      "{" + members.map { $0.key + ":" + $0.value.text }.joined(separator: ",") + "}"
    case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .string(let text), .literal(let text): text
    }
  }

  /// The value under a key without escapes.
  public subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == "\"\(key)\"" }?.value
  }

  /// The items of an array; none for anything else.
  public var items: [JSONTree] {
    guard case .array(let items) = self else { return [] }
    return items
  }

  /// The members of an object; none for anything else.
  public var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  /// The text between the quotes of a string that has no escapes.
  public var plainString: String? {
    guard case .string(let text) = self else { return nil }
    return String(text.dropFirst().dropLast())
  }

  /// The same without the member at a path of keys.
  public func without(_ path: String...) -> JSONTree { without(path[...]) }

  private func without(_ path: ArraySlice<String>) -> JSONTree {
    guard case .object(var members) = self, let key = path.first,
      let index = members.firstIndex(where: { $0.key == "\"\(key)\"" })
    else { return self }
    if path.count == 1 {
      members.remove(at: index)
    } else {
      members[index].value = members[index].value.without(path.dropFirst())
    }
    return .object(members)
  }

  private static func skipSpace(_ rest: inout Substring) {
    while let first = rest.unicodeScalars.first, " \t\n\r".unicodeScalars.contains(first) {
      rest.unicodeScalars.removeFirst()
    }
  }

  private static func value(_ rest: inout Substring) -> JSONTree? {
    skipSpace(&rest)
    switch rest.unicodeScalars.first {
    case "{": return object(&rest)
    case "[": return array(&rest)
    case "\"": return string(&rest).map { .string($0) }
    default:
      let literal = String(rest.unicodeScalars.prefix { !",]} \t\n\r".unicodeScalars.contains($0) })
      rest.unicodeScalars.removeFirst(literal.unicodeScalars.count)
      let isNumber = literal.unicodeScalars.first.map { "-0123456789".unicodeScalars.contains($0) } ?? false
      return isNumber || ["true", "false", "null"].contains(literal) ? .literal(literal) : nil
    }
  }

  private static func string(_ rest: inout Substring) -> String? {
    guard rest.unicodeScalars.first == "\"" else { return nil }
    var text = "\""
    rest.unicodeScalars.removeFirst()
    while let next = rest.unicodeScalars.popFirst() {
      text.unicodeScalars.append(next)
      if next == "\"" { return text }
      if next == "\\", let escaped = rest.unicodeScalars.popFirst() { text.unicodeScalars.append(escaped) }
    }
    return nil
  }

  private static func object(_ rest: inout Substring) -> JSONTree? {
    rest.unicodeScalars.removeFirst()
    var members: [Member] = []
    skipSpace(&rest)
    if take("}", &rest) { return .object([]) }
    repeat {
      skipSpace(&rest)
      guard let key = string(&rest) else { return nil }
      skipSpace(&rest)
      guard take(":", &rest), let value = value(&rest) else { return nil }
      members.append(Member(key: key, value: value))
      skipSpace(&rest)
    } while take(",", &rest)
    return take("}", &rest) ? .object(members) : nil
  }

  private static func array(_ rest: inout Substring) -> JSONTree? {
    rest.unicodeScalars.removeFirst()
    var items: [JSONTree] = []
    skipSpace(&rest)
    if take("]", &rest) { return .array([]) }
    repeat {
      guard let item = value(&rest) else { return nil }
      items.append(item)
      skipSpace(&rest)
    } while take(",", &rest)
    return take("]", &rest) ? .array(items) : nil
  }

  private static func take(_ scalar: Unicode.Scalar, _ rest: inout Substring) -> Bool {
    guard rest.unicodeScalars.first == scalar else { return false }
    rest.unicodeScalars.removeFirst()
    return true
  }
}

/// One place where two JSON values differ.
public struct Difference: CustomStringConvertible, Sendable {
  /// Which key of which key, `verdict.primary`.
  public var path: String
  /// What is expected; nil where nothing is.
  public var expected: String?
  /// What came; nil where nothing did.
  public var got: String?

  /// The place and both values, for a person to read.
  public var description: String {
    "    \(path.isEmpty ? "(whole line)" : path)\n"
      + "      expected: \(expected ?? "(nothing)")\n      got:      \(got ?? "(nothing)")"
  }

  /// Every place where two values differ, the order of members included.
  public static func all(_ expected: JSONTree, _ got: JSONTree, at path: String = "") -> [Difference] {
    switch (expected, got) {
    case (.object(let left), .object(let right)):
      return ofObjects(left, right, at: path)
    case (.array(let left), .array(let right)):
      return (0..<max(left.count, right.count)).flatMap { index in
        let (one, other) = (left.dropFirst(index).first, right.dropFirst(index).first)
        return between(one, other, at: "\(path)[\(index)]")
      }
    default:
      return expected == got ? [] : [Difference(path: path, expected: expected.text, got: got.text)]
    }
  }

  private static func ofObjects(
    _ left: [JSONTree.Member], _ right: [JSONTree.Member], at path: String
  ) -> [Difference] {
    let keys = left.map(\.key) + right.map(\.key).filter { key in !left.contains { $0.key == key } }
    var found = keys.flatMap { key in
      between(
        left.first { $0.key == key }?.value, right.first { $0.key == key }?.value,
        at: (path.isEmpty ? "" : path + ".") + key.dropFirst().dropLast())
    }
    if found.isEmpty, left.map(\.key) != right.map(\.key) {
      found.append(
        Difference(
          path: path + " (order of keys)", expected: left.map(\.key).joined(separator: " "),
          got: right.map(\.key).joined(separator: " ")))
    }
    return found
  }

  private static func between(_ expected: JSONTree?, _ got: JSONTree?, at path: String) -> [Difference] {
    guard let expected, let got else {
      return [Difference(path: path, expected: expected?.text, got: got?.text)]
    }
    return all(expected, got, at: path)
  }
}

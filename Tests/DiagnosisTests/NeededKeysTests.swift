import Diagnosis
import Foundation
import LogModel
import Testing

/// The column "codes that need it" of docs/printing-blocks.md, against the classifier: each key is tried absent.
@Suite struct NeededKeysTests {
  /// The codes that the page has for each key.
  private static func page() throws -> [String: Set<String>] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/printing-blocks.md").standardizedFileURL
    let text = try String(contentsOf: file, encoding: .utf8)
    let table = try #require(text.split(separator: "<!-- keys:").last?.split(separator: "<!-- end -->").first)
    var found: [String: Set<String>] = [:]
    for line in table.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.replacing("\\|", with: "/").split(separator: "|", omittingEmptySubsequences: false)
      let codes = cells[6].trimmed.split(separator: ", ").map(String.init)
      found[cells[1].trimmed.replacing("`", with: "")] = Set(codes)
    }
    return found
  }

  /// Values that make a condition true; of alternatives all of them.
  private static func values(_ condition: Condition) -> [(FieldKey, String)] {
    switch condition {
    case .over(let quantity, let bound): values(quantity, above: bound)
    case .under(let quantity, let bound): values(quantity, bound - dec("0.01"))
    case .atMost(let quantity, let bound), .equal(let quantity, let bound),
      .between(let quantity, _, let bound):
      values(quantity, bound)
    case .notFalse(let key): [(key, "true")]
    case .all(let parts), .anyPresent(let parts): parts.flatMap(values)
    }
  }

  private static func values(_ quantity: Quantity, above bound: ExactDecimal) -> [(FieldKey, String)] {
    let isCount = quantity.inputs.contains { if case .count = $0.domain { true } else { false } }
    return values(quantity, bound + (isCount ? 1 : dec("0.01")))
  }

  private static func values(_ quantity: Quantity, _ value: ExactDecimal) -> [(FieldKey, String)] {
    switch quantity {
    case .field(let key): [(key, value.description)]
    case .delta: [(.f1Buy, (dec("0.3") + value).description), (.baselineF1Buy, "0.3")]
    case .screeningGap: [(.screeningF1Buy, (dec("0.3") + value).description), (.lastFoldF1Buy, "0.3")]
    }
  }

  private static func isFound(_ code: DiagnosisCode, in fields: [(FieldKey, String)]) -> Bool {
    if case .triggered = state(code, record(from: fields)) { true } else { false }
  }

  @Test func `the page tells which codes need a key`() throws {
    var expected: [String: Set<String>] = [:]
    for rule in Taxonomy.current.rules {
      let fields = Self.values(rule.condition)
      #expect(Self.isFound(rule.code, in: fields), "\(rule.code) \(fields)")
      for (key, _) in fields {
        if !Self.isFound(rule.code, in: fields.filter { $0.0 != key }) {
          expected[key.name, default: []].insert(rule.code.rawValue)
        } else if Self.isFound(rule.code, in: fields.filter { $0.0 == key }) {
          expected[key.name, default: []].insert("\(rule.code.rawValue) (or another)")
        }
      }
    }
    let page = try Self.page()
    #expect(page.count == FieldKey.allCases.count + 1)
    for (key, codes) in page { #expect(codes == expected[key] ?? [], "\(key)") }
  }
}

extension Substring {
  /// The text without blanks at its ends.
  fileprivate var trimmed: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

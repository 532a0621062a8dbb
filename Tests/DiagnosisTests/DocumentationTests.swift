import Diagnosis
import Foundation
import Testing

@Suite(.serialized) struct DocumentationTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../docs/diagnosis.md").standardizedFileURL

  /// The tables in the docs are those in the code. With `UPDATE_DOCS=1` they are written, and the test fails once so that
  /// nobody takes the update for a check.
  @Test(arguments: ["taxonomy", "signals", "conditions", "playbooks"])
  func theTableInTheDocsIsCurrent(name: String) throws {
    let expected =
      switch name {
      case "taxonomy": markdownTable(of: .current)
      case "signals": markdownSignals(of: .current)
      case "playbooks": markdownPlaybooks(of: .current)
      default: markdownConditions(of: .current)
      }
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- \(name): begin"))
    let beginLine = try #require(text.range(of: "-->\n", range: begin.upperBound..<text.endIndex))
    let end = try #require(text.range(of: "<!-- \(name): end -->"))
    let table = "\n" + expected + "\n\n"
    let committed = text[beginLine.upperBound..<end.lowerBound]
    if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1", committed != table {
      let updated = text.replacingCharacters(in: beginLine.upperBound..<end.lowerBound, with: table)
      try updated.write(to: Self.page, atomically: true, encoding: .utf8)
      Issue.record("docs/diagnosis.md was updated: look at the diff and run the tests again")
    } else {
      #expect(
        committed == table,
        "docs/diagnosis.md is not current; run: UPDATE_DOCS=1 swift test --filter DocumentationTests")
    }
  }
}

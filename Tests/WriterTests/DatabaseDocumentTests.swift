import Foundation
import Testing

@testable import DiagnosticWriter

/// docs/database.md says what there is, no less and no more.
@Suite struct DatabaseDocumentTests {
  private let text: String

  init() throws {
    text = try String(
      contentsOf: URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appending(path: "../../docs/database.md").standardized, encoding: .utf8)
  }

  /// `relation column type` of every row in the page's tables, by heading.
  private func documented() -> [String] {
    var relations: [String] = []
    var found: [String] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") { relations = line.hasPrefix("### ") ? Self.names(in: line) : [] }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard line.hasPrefix("| `"), cells.count == 3, !cells[2].isEmpty else { continue }
      for relation in relations {
        found += Self.names(in: cells[0]).map { "\(relation) \($0) \(cells[1])" }
      }
    }
    return found
  }

  private static func names(in text: some StringProtocol) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  /// The code blocks of a kind.
  private func scripts(_ kind: String) -> [String] {
    text.components(separatedBy: "```\(kind)\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
  }

  @Test func everyColumnIsThereAndNoOther() throws {
    let database = try TestDatabase()
    let catalog = try database.connect().column(
      """
      SELECT concat_ws(' ', n.nspname || '.' || c.relname, a.attname,
        replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'))
      FROM pg_attribute AS a
      JOIN pg_class AS c ON c.oid = a.attrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped
        AND (n.nspname = 'diagnostics' AND c.relkind = 'v' OR n.nspname = 'corrparse' AND c.relkind = 'r')
      """
    ).compactMap(\.self)
    let page = documented()
    #expect(Set(page).count == page.count, "a column stands there twice")
    #expect(Set(catalog).subtracting(page).sorted() == [], "not on the page")
    #expect(Set(page).subtracting(catalog).sorted() == [], "not in the database")
  }

  @Test func recipesRunAsTheReader() throws {
    let recipes = scripts("sql run=reader")
    #expect(recipes.count >= 6)
    let database = try TestDatabase()
    let connection = try database.connect()
    try RunLog(records: [.strategy(gain: 20, gates: [false]), .strategy(gain: 0, gates: [true, false])])
      .store(connection)
    try connection.run("SET ROLE corrparse_reader")
    for recipe in recipes {
      try connection.run(SQLText(stringLiteral: recipe))
    }
    let failedGates = try #require(recipes.first { $0.contains("AS gate") })
    #expect(try connection.column(SQLText(stringLiteral: failedGates)) == ["r", "r"])
  }

  @Test func ownersScriptsRun() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    let scripts = scripts("sql run=owner")
    #expect(scripts.count == 1)
    for script in scripts {
      // Roles belong to the whole server; this one goes with its transaction.
      try connection.run(SQLText(stringLiteral: "BEGIN; \(script) SET ROLE grafana"))
      #expect(try connection.column(RunDiagnosisTests.rows) == [])
      try connection.rollback()
    }
  }

  @Test func noScriptIsLeftOut() {
    let fences = text.split(separator: "\n").filter { $0.hasPrefix("```") && $0 != "```" }
    #expect(Set(fences) == ["```sql run=reader", "```sql run=owner"])
  }
}

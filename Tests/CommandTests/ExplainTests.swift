import Diagnosis
import Foundation
import Ingest
import LogModel
import TestSupport
import Testing

@testable import corrparse

/// `explain` knows every name that the program prints (5-command-line, Commands).
@Suite struct ExplainTests {
  private static func names() throws -> Set<String> {
    let outcome = try Program.run("explain", "--format", "json")
    #expect(outcome.status == 0)
    return Set(
      try outcome.lines.map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        for part in ["name", "kind", "meaning"] {
          #expect((object?[part] as? String)?.isEmpty == false, "\(line)")
        }
        return object?["name"] as? String ?? ""
      })
  }

  @Test func `every name is explained`() throws {
    let taxonomy = Taxonomy.current
    let printed =
      taxonomy.rules.map(\.code.rawValue) + taxonomy.rules.map(\.entry) + taxonomy.signals.map(\.name)
      + taxonomy.conditions.map(\.name) + GlobalState.allCases.map(\.rawValue)
      + Severity.allCases.map(\.rawValue)
      + Certainty.allCases.map(\.rawValue) + Verdict.labelsWithoutCode + IssueKind.allCases.map(\.rawValue)
      + LintRule.all.map(\.name) + ExitStatus.allCases.map { String($0.rawValue) }
      + [
        "complete", "growing", "truncated", "corrupt", "failed", "running", "success", "ok", "warning",
        "critical",
      ]
      + ["clear", "not_evaluable", "not_applicable", "triggered", "absent", "no_trades"]
    #expect(Set(printed).subtracting(try Self.names()) == [])
  }

  /// A condition without a step of its own would repeat its meaning.
  @Test func `every condition has a next step`() {
    for condition in Taxonomy.current.conditions { #expect(condition.nextStep != condition.meaning) }
  }

  /// The links that `explain`, `state` and `next` print lead somewhere.
  @Test func `every playbook is in the handbook`() throws {
    let page = String(
      decoding: try #require(Files.bytes(Repository.path("docs/operations.md"))), as: UTF8.self)
    let names =
      Taxonomy.current.rules.map(\.code.rawValue) + Taxonomy.current.conditions.map(\.name)
      + Taxonomy.current.signals.map(\.name) + ["global-state"]
    for name in names { #expect(page.contains("<a id=\"\(name)\"></a>"), "\(name)") }
    #expect(page.contains("## Morning check"))
  }

  @Test(arguments: IssueKind.allCases.filter { !$0.meaning.example.hasPrefix("(") })
  func `the example of an issue gives it`(kind: IssueKind) throws {
    let log = "=== CORRELATION DATA ===\n\(kind.meaning.example)\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("--format", "ndjson", input: Array(log.utf8))
    #expect(outcome.text.contains("\"kind\":\"\(kind.rawValue)\""), "\(outcome.text)")
  }

  @Test(arguments: [
    (
      "execution-mismatch",
      ["EXECUTION_MISMATCH\n  what       code of the taxonomy", "  over when  sortino > 0 or sl_pct < 40"]
    ),
    ("sl_too", ["SL_TOO_TIGHT\n", "  rerun      sl_range \"1.2,1.5,1.8,2.0\" with SL_TOO_TIGHT"]),
    (
      "malformed",
      [
        "malformed_pair\n  what       issue of a block or log", "malformed_number\n",
        "  example    f1_buy=0,55",
      ]
    ),
    ("74", ["74\n  what       exit status"]), ("yellow", ["YELLOW\n  what       global state"]),
    ("core_crypto_stale", ["  state      ORANGE"]),
    ("colon_pair", ["colon_pair\n  what       rule of lint", "  cure       print key=value"]),
  ])
  func `names, whatever their case, and their beginnings are understood`(name: String, parts: [String]) throws
  {
    let outcome = try Program.run("explain", name)
    #expect(outcome.status == 0)
    for part in parts { #expect(outcome.text.contains(part), "\(outcome.text)") }
  }

  @Test func `an unknown name is answered with the nearest`() throws {
    let outcome = try Program.run("explain", "EXECUTION_MISMACH")
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("did you mean EXECUTION_MISMATCH?"))
    #expect(try Program.run("explain", "zzzzzz").errorText.contains("corrparse explain lists them"))
  }
}

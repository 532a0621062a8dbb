import Diagnosis
import GoldenCorpus
import LogModel
import TestSupport
import Testing

/// Tests/Corpus: what `corrparse parse --format ndjson` prints for logs whose records were derived by hand.
@Suite struct GoldenTests {
  @Test(arguments: Corpus.cases)
  func `gives the records that the case expects`(item: Corpus.Case) throws {
    let golden = try item.golden()
    let (got, failure) = golden.output(lineFormat: try golden.lineFormat())
    let expected = try item.expectation()
    // Content that is no log fails, and its case says so.
    let expectsFailure = expected.contains { JSONTree($0)?["status"]?.plainString == "failed" }
    #expect((failure != nil) == expectsFailure, "\(failure.map(String.init(describing:)) ?? "no failure")")
    guard let report = GoldenCase.report(expected: expected, got: got) else { return }
    Issue.record(
      """
      \(item.name)\(report)
        If the new output is right, rule by rule, `corrparse corpus update Tests/Corpus` writes it; say why in why.md and \
        in the commit.
      """)
  }

  @Test(arguments: Corpus.cases)
  func `has a log, an expectation and a reason`(item: Corpus.Case) throws {
    #expect(item.inputName != nil)
    #expect(item.path("input.log") == nil || item.path("input.log.gz") == nil, "two inputs")
    let expectation = try #require(item.bytes("expected.ndjson"))
    #expect(expectation.isEmpty || expectation.last == 0x0A)
    for line in try item.expectation() {
      let tree = try #require(JSONTree(line), "no JSON: \(line)")
      #expect(tree.text == line, "not in its shortest form")
      #expect(tree["verdict"]?["explanation"] == nil, "explanations are not compared")
    }
    #expect(try !#require(item.bytes("why.md")).isEmpty)
  }

  @Test func `covers what can happen`() throws {
    let trees = try Corpus.cases.flatMap { try $0.expectation() }.compactMap(JSONTree.init)
    #expect(Corpus.cases.count >= 200)
    func strings(_ values: [JSONTree?]) -> Set<String> { Set(values.compactMap { $0?.plainString }) }

    let ends = strings(trees.map { $0["end"] })
    #expect(ends == Set(BlockEnd.allCases.map(\.rawValue)))

    let kinds = strings(trees.flatMap { $0["issues"]?.items ?? [] }.map { $0["kind"] })
    // Paths and lines can only disagree under a path that names a task, which a case's has not; a case has no clock, and is never read
    // again. For blocks to be forgotten a case would have to hold 200,000 of them.
    let others: Set<IssueKind> = [.identityConflict, .futureTime, .rotatedLog, .replaysUnchecked]
    #expect(kinds == Set(IssueKind.allCases.filter { !others.contains($0) }.map(\.rawValue)))

    let codes = strings(trees.flatMap { $0["verdict"]?["findings"]?.items ?? [] })
    #expect(codes == Set(DiagnosisCode.allCases.map(\.rawValue)))
    let primaries = strings(trees.map { $0["verdict"]?["primary"] })
    #expect(primaries == codes)

    let keys = Set(trees.flatMap { $0["record"]?.members ?? [] }.map { $0.key.dropFirst().dropLast() })
    #expect(keys == Set(FieldKey.allCases.map { Substring($0.name) }))

    let statuses = strings(trees.map { $0["status"] })
    #expect(statuses.isSuperset(of: ["complete", "truncated", "corrupt"]))
  }
}

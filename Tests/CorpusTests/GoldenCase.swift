import CorrelationGrammar
import Ingest
import RecordFormats
import SystemPackage
import TestSupport

/// One case of the corpus, run the real way: the file through reader, scanner, classifier and NDJSON.
struct GoldenCase {
  /// What the program prints for the case, without what the conventions of Tests/Corpus/README.md leave out.
  static func output(of item: Corpus.Case) -> [String] {
    guard let name = item.inputName, let path = item.path(name) else { return [] }
    // A log of a format of one's own has it beside it, as --line-format would give it.
    let format = item.bytes("line-format.txt").map { String(decoding: $0, as: UTF8.self) }
    let lineFormat = format.flatMap {
      try? LineFormat(String($0.drop(while: \.isNewline).prefix { !$0.isNewline }))
    }
    var run = ParseRun(lineFormat: lineFormat)
    var lines: [String] = []
    run.parse(
      .path(FilePath(path)),
      record: { record in
        var item = record
        item.source = name
        var buffer: [UInt8] = []
        NDJSONFormat.append(item, to: &buffer)
        lines.append(comparable(buffer, timeIsFromLog: record.record.headerTime != nil))
      },
      notice: { notice in
        guard case .finished(_, let scan) = notice, !scan.issues.isEmpty || scan.status != .complete else {
          return
        }
        var buffer: [UInt8] = []
        NDJSONFormat.appendSource(name, status: scan.status.rawValue, issues: scan.issues, to: &buffer)
        lines.append(String(decoding: buffer.dropLast(), as: UTF8.self))
      }, chunkEnd: {})
    return lines
  }

  /// A record's line without its explanation, and without a time that is the file's and not the log's.
  private static func comparable(_ line: [UInt8], timeIsFromLog: Bool) -> String {
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    guard line.last == 0x0A, let tree = JSONTree(text), tree.text == text else {
      return "not one line of compact JSON: " + text
    }
    let bare = tree.without("verdict", "explanation")
    return (timeIsFromLog ? bare : bare.without("observed_at")).text
  }

  /// The expectation, line by line.
  static func expectation(of item: Corpus.Case) -> [String] {
    let text = String(decoding: item.bytes("expected.ndjson") ?? [], as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }

  /// What differs, for a person to read; nil where nothing does.
  static func report(on item: Corpus.Case, expected: [String], got: [String]) -> String? {
    var text = ""
    for index in 0..<max(expected.count, got.count) {
      let (left, right) = (expected.dropFirst(index).first, got.dropFirst(index).first)
      guard left != right else { continue }
      text += "\n  record \(index + 1):\n"
      text += differences(left, right).map(\.description).joined(separator: "\n")
    }
    guard !text.isEmpty else { return nil }
    return "\(item.name)" + text
      + "\n  If the new output is right, rule by rule: RECORD_GOLDEN=1 swift test --filter CorpusTests"
      + " writes it to\n  Tests/Corpus/\(item.name)/expected.ndjson; say why in why.md and in the commit."
  }

  private static func differences(_ expected: String?, _ got: String?) -> [Difference] {
    guard let expected, let got, let left = JSONTree(expected), let right = JSONTree(got) else {
      return [Difference(path: "", expected: expected, got: got)]
    }
    let found = Difference.all(left, right)
    return found.isEmpty ? [Difference(path: "(text only)", expected: expected, got: got)] : found
  }
}

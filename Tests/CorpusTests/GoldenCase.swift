import CorrelationGrammar
import GoldenCorpus
import SystemPackage
import TestSupport

/// The cases of the project's own corpus, read and compared as `corrparse corpus verify` does.
extension Corpus.Case {
  private var golden: GoldenCase? {
    inputName.flatMap(path).map { GoldenCase(name: name, log: FilePath($0)) }
  }

  /// What the program prints for the case.
  var output: [String] {
    let format = bytes("line-format.txt").map { String(decoding: $0, as: UTF8.self) }
    let lineFormat = format.flatMap { try? LineFormat(String($0.prefix { !$0.isNewline })) }
    return golden?.output(lineFormat: lineFormat).lines ?? []
  }

  /// The expectation, line by line.
  var expectation: [String] {
    let text = String(decoding: bytes("expected.ndjson") ?? [], as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
  }
}

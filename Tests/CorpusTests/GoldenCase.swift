import GoldenCorpus
import SystemPackage
import TestSupport
import Testing

/// The cases of the project's own corpus, read and compared as `corrparse corpus verify` does.
extension Corpus.Case {
  func golden() throws -> GoldenCase {
    let log = try #require(inputName.flatMap(path))
    return GoldenCase(name: name, log: FilePath(log))
  }

  /// The expectation, line by line.
  func expectation() throws -> [String] { try #require(try golden().expected()) }
}

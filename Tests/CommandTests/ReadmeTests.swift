import Foundation
import TestSupport
import Testing

/// README.md shows what the program prints on the demo's logs. A reader takes it for that.
@Suite struct ReadmeTests {
  private static func page() throws -> String {
    String(decoding: try #require(Files.bytes(Repository.path("README.md"))), as: UTF8.self)
  }

  /// A failed gate beside HORIZON_TOO_SHORT was `+2` where the page had its name. "This is a terminal of 120 columns", says the page.
  @Test func `the sample is what its command prints in 120 columns`() throws {
    let samples = try Self.page().matches(of: /```console\n\$ corrparse (.*)\n((?:.*\n)*?)```/)
    #expect(samples.count == 1)
    for sample in samples {
      let shell = try ChildProcess(
        "/bin/sh", ["-c", "exec \"$0\" \(sample.output.1)", Program.path].map { Array($0.utf8) },
        environment: ["COLUMNS": "120"], folder: Repository.path(""))
      let outcome = try Program.finish(shell)
      #expect(outcome.errorText == "")
      #expect(outcome.text == String(sample.output.2))
    }
  }
}

import Foundation
import TestSupport
import Testing

/// `lint FOLDER` reads the logs that `parse FOLDER` reads, and takes the folder for one input (5-command-line, Exit codes).
@Suite struct LintFolderTests {
  private let files: Workspace
  private static let strict = "=== CORRELATION DATA ===\ncrypto=SOLUSDC\n=== END CORRELATION DATA ===\n"

  init() throws { files = try Workspace() }

  /// It said that a folder is no file, and to name the logs in it.
  @Test func `the logs below a folder are checked, each by its name`() throws {
    try files.write(Self.strict, to: "logs/a/1.log")
    try files.write(
      Gzip.member(Self.strict.replacing("crypto=", with: "crypto: ")), to: "logs/b/2.log.gz")
    try files.write("a line\n", to: "logs/b/3.log")
    try files.write("crypto: X\n", to: "logs/readme.txt")
    let outcome = try Program.run("lint", "logs", in: files.path)
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 1)
    // A log of the folder without a block is no finding: another task's may have none.
    #expect(outcome.text.hasPrefix("logs/b/2.log.gz:2:1: colon_pair: "), "\(outcome.text)")
    #expect(outcome.errorText.contains("corrparse: 1 file passed over, whose name is no log's"))
    #expect(outcome.errorText.hasSuffix("corrparse: 2 blocks in 3 logs, 1 finding\n"), "\(outcome.errorText)")
  }

  @Test func `a folder without any block is one finding`() throws {
    for name in ["logs/1.log", "logs/2.log"] { try files.write("a line\n", to: name) }
    let outcome = try Program.run("lint", "logs", in: files.path)
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 1)
    #expect(outcome.text.hasPrefix("logs:1:1: no_block: an input without a block; "), "\(outcome.text)")
    let allowed = try Program.run("lint", "--allow", "no_block", "logs", in: files.path)
    #expect(allowed.status == 0)
    #expect(allowed.errorText.hasSuffix("0 findings; allowed: no_block 1\n"), "\(allowed.errorText)")
    #expect(try Program.run("lint", "--allow-empty", "logs", in: files.path).status == 0)
  }

  @Test func `a folder without any log is named`() throws {
    try files.write(Self.strict, to: "logs/1.txt")
    let outcome = try Program.run("lint", "logs", in: files.path)
    #expect(outcome.status == 1)
    #expect(outcome.text.hasPrefix("logs:1:1: no_block: "))
    #expect(
      outcome.errorText.contains("no log was found in logs; 1 file there has another name (1.txt)"))
  }

  /// A header that is misspelt tells why there is no block.
  @Test func `a lost header of the folder is the one finding`() throws {
    try files.write("=== CORRELATON DATA ===\n", to: "logs/1.log")
    try files.write("a line\n", to: "logs/2.log")
    let outcome = try Program.run("lint", "--format", "github", "logs", in: files.path)
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 1)
    #expect(outcome.text.hasPrefix("::error file=logs/1.log,line=1,"), "\(outcome.text)")
  }

  @Test func `a damaged log of the folder is named, and the others are checked`() throws {
    let log = Gzip.member(Self.strict + TaskLog.success)
    try files.write(Array(log.dropLast(9)), to: "logs/1.log.gz")
    try files.write(Self.strict.replacing("crypto=", with: "crypto: "), to: "logs/2.log")
    let outcome = try Program.run("lint", "logs", "missing.log", in: files.path)
    #expect(outcome.status == 65)
    #expect(outcome.errorText.contains("logs/1.log.gz"))
    #expect(outcome.errorText.contains("missing.log"))
    #expect(outcome.text.contains("logs/2.log:2:1: colon_pair: "))
  }
}

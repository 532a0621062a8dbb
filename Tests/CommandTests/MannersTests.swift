import Glibc
import TestSupport
import Testing

/// Where the checkout is.
enum Repository {
  static func path(_ name: String) -> String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/" + name
  }
}

/// Colours, completions, the manual page, examples in every help, and the corpus command (5-command-line).
@Suite struct MannersTests {
  private static let log = """
    === CORRELATION DATA ===
    crypto=S\u{202e}U
    f1_buy=0.3
    baseline_f1_buy=0.5
    note=a\u{7}b
    === END CORRELATION DATA ===

    """

  @Test(arguments: [
    (["--color", "always"], [:], true), (["--color", "never"], [:], false), ([], [:], false),
    (["--color", "always"], ["NO_COLOR": "1"], true), (["--color", "auto"], ["NO_COLOR": "1"], false),
  ])
  func `colours come when they are wanted`(flags: [String], environment: [String: String], isColored: Bool)
    throws
  {
    let process = try Program.start(["parse", "--format", "table"] + flags, environment: environment)
    let outcome = try Program.finish(process, input: Array(Self.log.utf8))
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("\u{1B}[") == isColored)
    #expect(!outcome.text.unicodeScalars.contains { [0x202E, 0x07].contains($0.value) })
  }

  @Test(arguments: ["ndjson", "csv", "markdown"])
  func `data is never coloured`(format: String) throws {
    let outcome = try Program.run(
      "parse", "--format", format, "--color", "always", input: Array(Self.log.utf8))
    #expect(outcome.status == 0)
    #expect(!outcome.text.contains("\u{1B}"))
  }

  /// Under a terminal of its own (util-linux's `script`), where the default is a coloured table.
  @Test(arguments: [("", true), ("NO_COLOR=1 ", false), ("TERM=dumb ", false)])
  func `a terminal gets colours unless it says otherwise`(setting: String, isColored: Bool) throws {
    let workspace = try Workspace()
    try workspace.write(Self.log, to: "a.log")
    let command = "\(setting.isEmpty ? "TERM=xterm " : setting)\(Program.path) \(workspace("a.log"))"
    let terminal = try ChildProcess(
      "/usr/bin/env", ["-u", "NO_COLOR", "script", "-qec", command, "/dev/null"].map { Array($0.utf8) })
    #expect(try terminal.finish() == .exited(0))
    let text = String(decoding: terminal.output, as: UTF8.self)
    #expect(text.contains("CRYPTO"))
    #expect(text.contains("\u{1B}[") == isColored)
    #expect(text.contains("S\\u{202e}U"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions know every command`(shell: String) throws {
    let script = try Program.run("--generate-completion-script", shell)
    #expect(script.status == 0)
    for command in ["parse", "ingest", "backfill", "migrate", "explain", "lint", "corpus", "version"] {
      #expect(script.text.contains(command))
    }
    for code in ["EXECUTION_MISMATCH", "NO_CANDIDATES"] { #expect(script.text.contains(code)) }
  }

  @Test func `bash reads its completions`() throws { try checkSyntax("bash") }

  @Test(.enabled(if: isInstalled("zsh"), "zsh is not installed"))
  func `zsh reads its completions`() throws { try checkSyntax("zsh") }

  @Test(.enabled(if: isInstalled("fish"), "fish is not installed"))
  func `fish reads its completions`() throws { try checkSyntax("fish") }

  private static func isInstalled(_ shell: String) -> Bool { access("/usr/bin/" + shell, X_OK) == 0 }

  private func checkSyntax(_ shell: String) throws {
    let workspace = try Workspace()
    try workspace.write(try Program.run("--generate-completion-script", shell).output, to: "completion")
    let check = try ChildProcess(
      "/usr/bin/env", [shell, "-n", workspace("completion")].map { Array($0.utf8) })
    #expect(try check.finish() == .exited(0))
  }

  @Test func `the manual page is current`() throws {
    let made = try ChildProcess(
      "/usr/bin/env",
      ["python3", Repository.path("Scripts/man-page.py"), Program.path].map { Array($0.utf8) })
    #expect(try made.finish() == .exited(0))
    let page = try #require(Files.bytes(Repository.path("docs/corrparse.1")))
    func lines(_ bytes: [UInt8]) -> [Substring] {
      String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
    // By lines, so that a failure shows those that differ.
    #expect(
      lines(page) == lines(made.output), "Scripts/man-page.py .build/debug/corrparse > docs/corrparse.1")
  }

  @Test func `every help text has examples that the program takes`() throws {
    let dump = try Program.run("--experimental-dump-help").text
    // Each discussion is one JSON string; \n in it is a line's end.
    let discussions = dump.split(separator: #""discussion" : ""#).dropFirst()
      .map { $0.prefix { $0 != "\n" }.replacing("\\n", with: "\n").replacing("\\/", with: "/") }.filter {
        $0.contains("corrparse")
      }
    let commands = dump.split(separator: #""commandName" : ""#).dropFirst().filter { !$0.hasPrefix("help\"") }
    #expect(discussions.count == commands.count)
    for discussion in discussions { #expect(discussion.contains("Examples:"), "\(discussion.prefix(80))") }
    let examples = discussions.flatMap { $0.split(separator: "\n") }
      .map { $0.trimmingPrefix { $0 == " " } }.filter { $0.hasPrefix("corrparse ") }
    #expect(examples.count >= 15)
    for example in examples {
      // The parser alone is asked: --help after the arguments prints a help instead of running.
      let words = example.prefix { !"|>&\\'\"".contains($0) }.split(separator: " ").dropFirst().map(
        String.init)
      let outcome = try Program.finish(Program.start(words + ["--help"]))
      #expect(outcome.status == 0, "\(example)")
    }
  }
}

/// `corrparse corpus verify|update` (5-command-line, Commands).
@Suite struct CorpusCommandTests {
  @Test func `the project's own corpus holds`() throws {
    let outcome = try Program.run("corpus", "verify", Repository.path("Tests/Corpus"))
    #expect(outcome.text == "")
    #expect(outcome.status == 0)
  }

  @Test func `says which key of which record differs, and update mends it`() throws {
    let workspace = try Workspace()
    let log = "=== CORRELATION DATA ===\ncrypto=SOLUSDC\nf1_buy=0.55\n=== END CORRELATION DATA ===\n"
    try workspace.write(log, to: "one/input.log")
    try workspace.write(log, to: "flat.log")
    let missing = try Program.run("corpus", "verify", workspace.path)
    #expect(missing.status == 1)
    #expect(missing.text.contains("one/input.log: no expectation"))
    #expect(try Program.run("corpus", "update", workspace.path).status == 0)
    #expect(Files.bytes(workspace("one/expected.ndjson")) != nil)
    #expect(Files.bytes(workspace("flat.expected.ndjson")) != nil)
    #expect(try Program.run("corpus", "verify", workspace.path).status == 0)

    try workspace.write(log.replacing("0.55", with: "0.56"), to: "one/input.log")
    let changed = try Program.run("corpus", "verify", workspace.path)
    #expect(changed.status == 1)
    #expect(changed.text.contains("one/input.log"))
    #expect(changed.text.contains("record.f1_buy"))
    #expect(changed.text.contains("expected: 0.55"))
    #expect(changed.text.contains("got:      0.56"))
    #expect(!changed.text.contains("flat.log"))
    let updated = try Program.run("corpus", "update", workspace.path)
    #expect(updated.lines.filter { !$0.isEmpty } == ["one/input.log: updated, 1 line"])
    #expect(try Program.run("corpus", "verify", workspace.path).status == 0)
  }

  @Test func `what cannot be read is an error, not a case less`() throws {
    let workspace = try Workspace()
    try workspace.write("=== CORRELATION DATA ===\n", to: "a.log")
    #expect(try Program.run("corpus", "update", workspace.path).status == 0)
    try workspace.write("%(nothing)", to: "b.line-format.txt")
    try workspace.write("x\n", to: "b.log")
    let outcome = try Program.run("corpus", "verify", workspace.path)
    #expect(outcome.status == 65)
    #expect(outcome.errorText.contains("b.log"))
  }

  @Test func `a folder without logs is no corpus`() throws {
    #expect(try Program.run("corpus", "verify", Workspace().path).status == 65)
    #expect(try Program.run("corpus", "update", "/nowhere/at/all").status == 65)
  }
}

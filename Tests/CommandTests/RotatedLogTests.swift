import TestSupport
import Testing

/// Logs of a handler with `max_bytes`: `attempt=1.log.1`, `.2` are the earlier parts of `attempt=1.log` (2-log-envelopes, Identity).
@Suite struct RotatedLogTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// The log in three parts, cut at records; a block's header is the last line of a part.
  private static func parts() -> [String] {
    let blocks = (0..<3).map { TaskLog.block("crypto=SOLUSDC f1_buy=0.5\($0)", second: $0) }
    let (first, rest) = blocks[1].split(after: "===\n")
    return [blocks[0] + TaskLog.line + first, rest + TaskLog.line, blocks[2] + TaskLog.success]
  }

  private func write(_ parts: [String]) throws {
    for (index, part) in parts.enumerated() {
      let number = parts.count - 1 - index
      try files.write(part, to: TaskLog.path() + (number == 0 ? "" : ".\(number)"))
    }
  }

  @Test func `a rotated log is one log with all its blocks, in parse and in the database`() throws {
    try write(Self.parts())
    let whole = try Workspace()
    try whole.write(Self.parts().joined(), to: TaskLog.path())
    let expected = try Program.run("parse", TaskLog.path(), in: whole.path)
    #expect(expected.lines.count == 3)
    for name in [TaskLog.path(), "."] {
      let parsed = try Program.run("parse", name, in: files.path)
      #expect(parsed.text.replacing("\"./", with: "\"") == expected.text)
      #expect(parsed.status == 0)
    }
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.summary.contains("1 log read, 0 unchanged, 0 failed; 3 blocks = 3 stored"))
    #expect(
      try database.column("SELECT f1_buy FROM diagnostics.verdict_v1 ORDER BY block")
        == ["0.50", "0.51", "0.52"].map(shortest))
    #expect(try database.run("ingest", files.path).summary.contains("0 logs read, 1 unchanged"))
  }

  @Test func `a part that changes has the log read again`() throws {
    try write(Self.parts())
    #expect(try database.run("ingest", files.path).status == 0)
    var parts = Self.parts()
    parts[0] = TaskLog.block("crypto=BTCUSDC f1_buy=0.4", second: 50) + parts[0]
    try write(parts)
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.summary.contains("1 log read, 0 unchanged, 0 failed; 4 blocks"))
    #expect(try database.column("SELECT count(*) FROM diagnostics.verdict_v1") == ["4"])
  }

  /// The database prints decimals as the log's shortest form.
  private func shortest(_ text: String) -> String {
    text.hasSuffix("0") ? String(text.dropLast()) : text
  }
}

extension String {
  /// The text up to the first occurrence of a mark, mark included, and what follows it.
  fileprivate func split(after mark: String) -> (String, String) {
    guard let range = self.ranges(of: mark).first else { return (self, "") }
    return (String(self[..<range.upperBound]), String(self[range.upperBound...]))
  }
}

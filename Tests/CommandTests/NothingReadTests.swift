import TestSupport
import Testing

/// Logs from which nothing comes are said to be such, on stderr and in the database: content that is no log (2-log-envelopes, Content that
/// is no log) and headers that are not read (1-correlation-data, Near-miss headers and Unread headers).
@Suite struct NothingReadTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let prefix = "[2026-03-28T02:14:07.123+0000] {test_step.py:88} INFO - "
  /// The beginning of what `zstd` writes.
  private static let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x91, 0x00, 0x00, 0x61]

  private func statuses() throws -> [String] {
    try database.column("SELECT status FROM diagnostics.ingestion_v1 ORDER BY location COLLATE \"C\"")
  }

  @Test func `a file in an unknown compression is named with what to do, by every command`() throws {
    let path = TaskLog.path()
    try files.write(Self.zstd, to: path)
    let runs = [
      try Program.run("parse", files(path)), try Program.run("parse", input: Self.zstd),
      try Program.run("lint", files(path)), try database.run("ingest", files(path)),
      try database.run("backfill", "--log-root", files.path, "--since", "2026-01-01", "--force"),
    ]
    for run in runs {
      #expect(run.status == 65)
      #expect(run.errorText.contains("is compressed by zstd, which is not read; decompress it (zstd -d)"))
    }
    let parsed = try Program.run("parse", "--format", "ndjson", files(path))
    #expect(parsed.text == #"{"source":"\#(files(path))","status":"failed","issues":[]}"# + "\n")
  }

  @Test func `what is no log is failed, and is read when a log has taken its place`() throws {
    let path = TaskLog.path()
    try files.write(Self.zstd, to: path)
    let first = try database.run("ingest", files.path)
    #expect(first.status == 65)
    #expect(try statuses() == ["failed"])
    #expect(first.summary.contains("1 failed; 0 blocks"))
    try files.write(TaskLog.finished(blocks: 2), to: path)
    let second = try database.run("ingest", files.path)
    #expect(second.status == 0)
    #expect(second.summary.contains("2 blocks = 2 stored"))
    #expect(try statuses() == ["complete"])
  }

  @Test func `a log in whose place something else was put keeps its records`() throws {
    let path = TaskLog.path()
    try files.write(TaskLog.finished(blocks: 2), to: path)
    #expect(try database.run("ingest", files.path).status == 0)
    try files.write(Self.zstd, to: path)
    #expect(try database.run("ingest", files.path).status == 65)
    #expect(try database.column("SELECT count(*) FROM diagnostics.verdict_v1") == ["2"])
  }

  @Test(arguments: [
    ("### CORRELATION DATA ###", "unrecognised_header", "looks like the header of a block and is none"),
    ("root: === CORRELATION DATA ===", "unread_header", "the words CORRELATION DATA stand here"),
  ])
  func `a header that is not read is told on stderr and in the database`(
    message: String, kind: String, text: String
  ) throws {
    let line = Self.prefix + message + "\n"
    // At another time, because a record of one time that comes again is a copy.
    let log = TaskLog.line + line + line.replacing(":07", with: ":08") + TaskLog.success
    try files.write(log, to: TaskLog.path())
    let told = "\(files(TaskLog.path())):2: \(text)"
    let parsed = try Program.run("parse", "--format", "ndjson", files(TaskLog.path()))
    #expect(parsed.status == 0)
    #expect(parsed.errorText.contains(told))
    #expect(parsed.errorText.contains("and 1 more such line"))
    #expect(parsed.text.contains(#""kind":"\#(kind)","line":2"#))
    let ingested = try database.run("ingest", files.path)
    #expect(ingested.status == 0)
    #expect(ingested.errorText.contains(told))
    #expect(try database.column("SELECT DISTINCT kind FROM diagnostics.issue_v1") == [kind])
    let places = kind == "unread_header" ? ["2"] : []
    #expect(try database.column("SELECT places FROM diagnostics.issue_v1 WHERE places IS NOT NULL") == places)
    #expect(ingested.summary.contains("source issues: \(kind)"))
  }
}

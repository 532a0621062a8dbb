import TestSupport
import Testing

/// Two environments under one root, with logs of one task attempt in each (4-database, Sources and locations).
@Suite struct EnvironmentTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let old = 1_773_100_800

  private func write(_ environment: String, _ log: String) throws {
    try files.write(log, to: environment + "/" + TaskLog.path(), modified: Self.old)
  }

  private func values() throws -> [String] {
    try database.column("SELECT concat_ws(' ', crypto, f1_buy) FROM diagnostics.verdict_v1 ORDER BY 1")
  }

  private static func log(_ crypto: String, _ f1: String, blocks: Int = 1) -> String {
    (0..<blocks).map { TaskLog.block("crypto=\(crypto) f1_buy=\(f1) n_trades=\($0 + 1)", second: $0) }
      .joined()
      + TaskLog.success
  }

  @Test(arguments: [["prod", "staging"], ["staging", "prod"]], ["1", "2"])
  func `of two environments the one that sorts first is stored, whatever order they are read in`(
    order: [String], jobs: String
  ) throws {
    try write("prod", Self.log("SOLUSDC", "0.5"))
    try write("staging", Self.log("BTCUSDC", "0.6", blocks: 3))
    let outcome = try Program.finish(
      database.start(["ingest", "--jobs", jobs, "--metrics-file", files("m.prom")] + order.map { files($0) }))
    #expect(outcome.status == Status.damagedInput)
    #expect(try values() == ["SOLUSDC 0.5"])
    let prod = files("prod/" + TaskLog.path())
    let staging = files("staging/" + TaskLog.path())
    #expect(outcome.errorText.contains("\(staging): content_conflict: \(prod) is stored"))
    #expect(
      outcome.summary.contains(
        "2 logs read, 0 unchanged, 1 failed; 4 blocks = 1 stored + 0 unchanged + 0 replayed + 3 rejected; unclassified 1; no source issues;"
      ))
    #expect(
      try database.column(
        "SELECT concat_ws(' ', location, status, split_part(error, ':', 1)) FROM diagnostics.ingestion_v1 ORDER BY location"
      )
        == ["\(prod) complete", "\(staging) failed content_conflict"])
    #expect(
      String(decoding: try files.read("m.prom"), as: UTF8.self).contains(
        #"corrparse_last_run_content_conflicts{command="ingest"} 1"#))
    // Nothing changes by itself, and it is not forgotten either.
    let again = try database.run("ingest", files.path)
    #expect(again.status == Status.damagedInput)
    // It is not damaged, and there is nothing to replace.
    #expect(
      again.errorText.contains(
        "\(staging): content_conflict: \(prod) is stored for the same task attempt and begins differently"))
    #expect(!again.errorText.contains("damaged; replace it"))
    let forced = try Program.finish(database.start(["ingest", "--force"] + order.map { files($0) }))
    #expect(forced.status == Status.damagedInput)
    #expect(try values() == ["SOLUSDC 0.5"])
  }

  /// 87 lines of 400 characters each, and the cure in every one of them.
  @Test func `many conflicts are counted and the first are told`() throws {
    for run in 0..<7 {
      for (environment, crypto) in [("prod", "SOLUSDC"), ("staging", "BTCUSDC")] {
        try files.write(
          Self.log(crypto, "0.5"), to: "\(environment)/" + TaskLog.path(run: "r\(run)"), modified: Self.old)
      }
    }
    for _ in 0..<2 {
      let outcome = try database.run("ingest", "--jobs", "1", files.path)
      #expect(outcome.status == Status.damagedInput)
      let told = outcome.errorText.split(separator: "\n").filter { $0.contains(": content_conflict: ") }
      #expect(told.count == 3)
      #expect(told.allSatisfy { $0.contains("staging/") && $0.contains("prod/") })
      for text in [
        "7 logs are not stored, because another log of the same task attempt is", "docs/deployment.md",
        "corrparse issues --kind content_conflict lists them",
      ] { #expect(outcome.errorText.contains(text), "\(outcome.errorText)") }
    }
  }

  /// `issues --kind content_conflict` was a usage error, and `explain` had no cure.
  @Test func `a conflict is an issue that issues and explain know`() throws {
    try write("prod", Self.log("SOLUSDC", "0.5"))
    try write("staging", Self.log("BTCUSDC", "0.6"))
    #expect(try database.run("ingest", "--jobs", "1", files.path).status == Status.damagedInput)
    let listed = try database.run("issues", "--kind", "content_conflict", "--format", "ndjson")
    #expect(listed.status == 0, "\(listed.errorText)")
    #expect(listed.lines.count == 1)
    #expect(listed.text.contains(#""kind":"content_conflict""#))
    #expect(listed.text.contains(files("staging/" + TaskLog.path())))
    #expect(listed.text.contains(files("prod/" + TaskLog.path())))
    let summary = try database.run("issues", "--summary", "--format", "csv")
    #expect(summary.lines.contains("kind,content_conflict,1"))
    let explained = try database.run("explain", "content_conflict")
    #expect(explained.text.contains("what       issue of a block or log"))
    #expect(explained.text.contains("cure       "))
  }

  @Test func `what an earlier run stored stays`() throws {
    try write("staging", Self.log("BTCUSDC", "0.6"))
    #expect(try database.run("ingest", files.path).status == 0)
    try write("prod", Self.log("SOLUSDC", "0.5", blocks: 2))
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.summary.contains("2 blocks = 0 stored + 0 unchanged + 0 replayed + 2 rejected"))
    #expect(try values() == ["BTCUSDC 0.6"])
  }

  @Test func `a log that is cut never keeps a whole one out`() throws {
    let whole = Self.log("SOLUSDC", "0.5", blocks: 2)
    try files.write(
      Gzip.member(Self.log("BTCUSDC", "0.6")).dropLast(9), to: "a/" + TaskLog.path() + ".gz",
      modified: Self.old)
    #expect(try database.run("ingest", files.path).status == Status.damagedInput)
    try write("b", whole)
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(try values() == ["SOLUSDC 0.5", "SOLUSDC 0.5"])
    #expect(outcome.errorText.contains("content_conflict"))
  }

  /// What a summary says of verdicts, issues and empty records is what the database holds of them.
  @Test(arguments: [["a", "b"], ["b", "a"]], ["1", "2"])
  func `a summary counts the verdicts and issues of the log that is stored`(
    order: [String], jobs: String
  ) throws {
    let near = "[2026-03-28T02:10:00.000+0000] {a.py:1} INFO - ### CORRELATION DATA ###\n"
    try write("a", near + TaskLog.block("note=x", second: 1) + Self.log("SOLUSDC", "0.5"))
    try write(
      "b",
      near + near.replacing(":10:", with: ":11:") + TaskLog.block("note=y", second: 1)
        + Self.log("BTCUSDC", "0.6", blocks: 4))
    let outcome = try Program.finish(
      database.start(["ingest", "--jobs", jobs] + order.map { files($0) }))
    #expect(
      outcome.summary.contains(
        "; unclassified 2; source issues: unrecognised_header 1; 1 record without fields;"))
  }

  @Test(arguments: [["part", "whole"], ["whole", "part"]])
  func `a summary counts the verdicts of a log and its copies as it counts their blocks`(order: [String])
    throws
  {
    let log = Self.log("SOLUSDC", "0.5", blocks: 3)
    try write("part", String(log.prefix(log.count / 2)))
    try write("whole", log)
    try write("whole2", log)
    let outcome = try Program.finish(
      database.start(["ingest", "--jobs", "1"] + (order + ["whole2"]).map { files($0) }))
    #expect(try values().count == 3)
    #expect(
      outcome.summary.contains("8 blocks = 3 stored + 5 unchanged + 0 replayed + 0 rejected; unclassified 8;")
    )
  }

  @Test func `copies of one log are one source`() throws {
    let log = Self.log("SOLUSDC", "0.5", blocks: 2)
    try write("prod", log)
    try files.write(Gzip.member(log), to: "archive/" + TaskLog.path() + ".gz", modified: Self.old)
    // Fetched while the task was running.
    try files.write(String(log.prefix(100)), to: "partial/" + TaskLog.path(), modified: Self.old)
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == 0)
    #expect(!outcome.errorText.contains("content_conflict"))
    #expect(try values().count == 2)
  }
}

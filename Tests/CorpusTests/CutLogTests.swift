import Glibc
import Ingest
import LogModel
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// Logs cut anywhere: docs/reliability.md, *Cut logs*, says what they may and may not give.
///
/// `make long WHAT=cuts` tries every byte (`CORRPARSE_EVERY_CUT`); else within very long lines it is one of sixty-four.
@Suite(.enabled(if: SampleLogs.folder != nil, "the shared samples are not here"))
struct CutLogTests {
  private static let triesAll = getenv("CORRPARSE_EVERY_CUT") != nil
  private static let logs = SampleLogs.folder.flatMap { try? CutLog.all(in: $0) } ?? []

  /// What came of cutting some logs.
  private struct Tally {
    var bytes = 0
    var cuts = 0
    var records = 0
    var inventions: [String] = []

    static func + (first: Tally, second: Tally) -> Tally {
      Tally(
        bytes: first.bytes + second.bytes, cuts: first.cuts + second.cuts,
        records: first.records + second.records, inventions: first.inventions + second.inventions)
    }
  }

  @Test func `a sample cut at any byte gives records of the whole one and invents none`() async {
    let lanes = 2
    let tally = await withTaskGroup(of: Tally.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          Self.logs.enumerated().filter { $0.offset % lanes == lane }
            .reduce(Tally()) { $0 + Self.cut($1.element) }
        }
      }
      return await group.reduce(Tally(), +)
    }
    #expect(Self.logs.count >= 219)
    #expect(tally.records > Self.logs.count)
    #expect(tally.inventions.isEmpty, "\(tally.inventions.prefix(20))")
    if Self.triesAll {
      print(
        "cut logs: \(Self.logs.count) archives, \(tally.bytes + Self.logs.count) cuts, of which \(tally.cuts) show other bytes"
          + " than the one before; \(tally.records) records that the cut ended; \(tally.inventions.count) differences"
      )
    }
  }

  private static func cut(_ log: CutLog) -> Tally {
    let whole = WholeLog(log.events(ofFirst: log.bytes.count).events)
    var tally = Tally(bytes: log.bytes.count)
    var checked = 0
    log.forEachCut(triesAll: triesAll) { cut in
      tally.cuts += 1
      tally.records += cut.records.count
      let found = whole.inventions(in: cut, certainFrom: checked)
      tally.inventions += found.map { "\(log) cut after \(cut.count) bytes: \($0)" }
      checked = cut.certain.count
    }
    return tally
  }

  /// The decoder and scanner above are the program's; this is the program's own way to them, through a file.
  @Test func `a cut file gives the records of its bytes`() throws {
    var template = Array("/tmp/corrparse-cut-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let file = folder + "/attempt=1.log"
    defer {
      unlink(file)
      rmdir(folder)
    }
    var generator = SeededGenerator(seed: 3)
    for log in Self.logs {
      let count = Int.random(in: 0...log.bytes.count, using: &generator)
      let (events, status) = log.events(ofFirst: count)
      try #require(Files.write(Array(log.bytes.prefix(count)), to: file))
      var records: [CorrelationRecord] = []
      var pipeline = LogPipeline(lineFormat: log.lineFormat, fingerprints: false)
      let scan = pipeline.read(
        .file(FilePath(file), rotated: []), of: log.given,
        handle: { (part) throws(Never) in
          if case .record(let record) = part { records.append(record) }
        }, chunkEnd: { () throws(Never) in })
      #expect(scan.status == status, "\(log) cut after \(count) bytes")
      #expect(
        records.map(\.withoutDamage) == events.compactMap(\.record).map(\.withoutDamage),
        "\(log) cut after \(count) bytes")
    }
  }
}

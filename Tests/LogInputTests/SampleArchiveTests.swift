import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// The archives of samples/logs/gz_special, made from one real log (SOURCE.txt there).
@Suite(.enabled(if: SampleLogs.folder != nil, "the shared samples are not here"))
struct SampleArchiveTests {
  private static let run =
    "logs/af211_default/logs/dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00/"

  private func sample(_ name: String) throws -> (reading: LogReading, sink: RecordingSink) {
    read(FilePath(try #require(SampleLogs.path("logs/gz_special/" + name))))
  }

  private func source() throws -> [UInt8] {
    try #require(SampleLogs.bytes(Self.run + "task_id=test_step/attempt=1.log"))
  }

  @Test(
    arguments: [
      "compressed_without_suffix.log", "gzip_in_gzip.log.gz", "header_fields.log.gz",
      "many_members_with_an_empty_one.log.gz", "member_boundary_in_a_block.log.gz",
      "plain_text_named_gz.log.gz", "stored_blocks.log.gz", "trailing_zeros.log.gz",
      "trailing_garbage.log.gz", "trailing_text.log.gz",
    ])
  func `whole ones give the log`(name: String) throws {
    let (reading, sink) = try sample(name)
    #expect(sink.content == (try source()))
    #expect(reading.status == .complete)
    #expect(reading.error == nil)
    #expect(
      (reading.trailingGarbage != nil) == ["trailing_garbage.log.gz", "trailing_text.log.gz"].contains(name))
    #expect(reading.fingerprint == decode(try source()).reading.fingerprint)
  }

  @Test(
    arguments: [
      ("bad_crc.log.gz", InputError.Kind.checksum), ("bad_length.log.gz", .length),
    ])
  func `a wrong sum is corrupt and gives the log`(name: String, kind: InputError.Kind) throws {
    let (reading, sink) = try sample(name)
    #expect(sink.content == (try source()))
    #expect(reading.status == .corrupt)
    #expect(reading.error?.kind == kind)
  }

  @Test func `damaged data is corrupt and ends early`() throws {
    let (reading, sink) = try sample("flipped_byte_late.log.gz")
    #expect(reading.status == .corrupt)
    #expect(reading.error?.kind == .data)
    #expect(!sink.content.isEmpty)
    #expect(sink.content.count < (try source()).count)
  }

  @Test(arguments: ["trailer_cut.log.gz", "truncated_at_two_thirds.log.gz", "truncated_in_header.log.gz"])
  func `a cut is truncated and gives the beginning`(name: String) throws {
    let (reading, sink) = try sample(name)
    #expect(reading.status == .truncated)
    #expect(reading.error?.offset == reading.file?.size)
    #expect(try source().starts(with: sink.content))
    #expect((sink.content.count == (try source()).count) == (name == "trailer_cut.log.gz"))
    #expect(sink.content.isEmpty == (name == "truncated_in_header.log.gz"))
  }

  @Test(arguments: ["empty_file.log.gz", "empty_content.log.gz"])
  func `nothing in it is complete`(name: String) throws {
    let (reading, sink) = try sample(name)
    #expect(reading.status == .complete)
    #expect(sink.content.isEmpty)
  }

  @Test func `two members are two logs one after the other`() throws {
    let retried = try #require(SampleLogs.bytes(Self.run + "task_id=retry.test_step/attempt=2.log"))
    let (reading, sink) = try sample("two_members.log.gz")
    #expect(sink.content == retried + (try source()))
    #expect(reading.status == .complete)
    #expect(sink.events.count == 4)
  }

  @Test func `the walk of a real log root finds each attempt with its identity`() throws {
    let folder = try #require(SampleLogs.path("logs/af211_custom/logs"))
    var walk = try LogWalk(FilePath(folder))
    var logs: [FoundLog] = []
    var skipped: [String] = []
    while let finding = walk.next() {
      switch finding {
      case .log(let log): logs.append(log)
      case .skipped(let path, .notTaskLogs): skipped.append(path.string)
      case .skipped, .ignored, .failed: Issue.record("\(finding)")
      }
    }
    #expect(skipped == ["dag_processor_manager", "scheduler"])
    #expect(logs.count > 30)
    #expect(logs.allSatisfy { $0.logPath?.isRunLogicalDate == true })
    #expect(
      logs.contains {
        $0.logPath?.identity.taskID == "mapped.test_step" && $0.logPath?.identity.mapIndex == 5
          && $0.logPath?.identity.tryNumber == 2
      })
  }
}

import Glibc
import LogModel
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// Logs without a byte are not opened, unless they may have been rotated since their folder was listed (2-log-envelopes, Folders and
/// links).
@Suite struct EmptyLogTests {
  private static let minute: Int64 = 60_000_000

  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  /// The one log of the folder, as a walk finds it so many microseconds later.
  private func found(later: Int64 = 0) throws -> FoundLog {
    var walk = try LogWalk(scratch.path)
    guard case .log(let log) = walk.next() else { throw Errno.noSuchFileOrDirectory }
    let state = try #require(try FileState(ofRegularFileAt: log.path))
    return FoundLog(
      root: log.root, path: log.relativeBytes, state: state,
      listed: LogTime(microseconds: log.listed.microseconds + later))
  }

  private func read(_ log: FoundLog) -> (reading: LogReading, sink: RecordingSink) {
    var reader = LogReader()
    var sink = RecordingSink()
    let reading = reader.read(log, into: &sink)
    return (reading, sink)
  }

  @Test
  func `an empty log that was not touched for a minute is read without being opened, and as if it were`()
    throws
  {
    let path = try scratch.file("a/1.log")
    let fresh = try found()
    let old = try found(later: 2 * Self.minute)
    #expect(!fresh.isEmpty)
    #expect(old.isEmpty)
    let (opened, unopened) = (read(fresh).reading, read(old).reading)
    #expect(unopened.status == .complete)
    #expect(unopened.error == nil)
    #expect(unopened.wrapping == opened.wrapping)
    #expect(unopened.fingerprint == opened.fingerprint)
    #expect(unopened.head == opened.head)
    #expect(unopened.file == opened.file)
    #expect((unopened.compressedBytes, unopened.decompressedBytes) == (0, 0))
    // What is written after it was found is for the next run, which sees another size.
    _ = try scratch.file("a/1.log", [65])
    #expect(read(old).sink.content == [])
    #expect(read(fresh).sink.content == [65])
    path.withPlatformString { _ = remove($0) }
    #expect(read(old).reading.status == .complete)
    #expect(read(fresh).reading.error?.concern == .absence)
  }

  @Test(arguments: [(59, false), (61, true)] as [(Int64, Bool)])
  func `a minute is left for clocks that differ`(seconds: Int64, isEmpty: Bool) throws {
    _ = try scratch.file("1.log")
    let status = try #require(try FileState(ofRegularFileAt: scratch.path.appending("1.log")))
    let listed = try found().listed
    let passed = status.changed.microseconds + seconds * 1_000_000 - listed.microseconds
    #expect(try found(later: passed).isEmpty == isEmpty)
  }

  @Test func `a log with content, or with an earlier part, is never taken for empty`() throws {
    let path = try scratch.file("1.log", [65])
    #expect(try !found(later: 2 * Self.minute).isEmpty)
    path.withPlatformString { _ = rename($0, $0.string + ".1") }
    _ = try scratch.file("1.log")
    let state = try #require(try FileState(ofRegularFileAt: path))
    let log = try found()
    let later = LogTime(microseconds: log.listed.microseconds + 2 * Self.minute)
    let whole = FoundLog(
      root: log.root, path: log.relativeBytes, state: state, listed: later, rotated: [(1, state)])
    #expect(!whole.isEmpty)
  }

  /// The handler renames the log and begins a new one, or copies it and empties it.
  @Test(arguments: [true, false])
  func `a log that is rotated between listing and opening is read with its earlier part`(renames: Bool) throws
  {
    let path = try scratch.file("1.log", lines(0..<20))
    let log = try found()
    if renames {
      path.withPlatformString { _ = rename($0, $0.string + ".1") }
      _ = try scratch.file("1.log", lines(20..<30))
    } else {
      _ = try scratch.file("1.log.1", lines(0..<20))
      _ = try scratch.file("1.log", lines(20..<30))
    }
    #expect(read(log).sink.content == lines(0..<30))
  }

  @Test func `an empty log that is rotated between listing and opening is read with its earlier part`() throws
  {
    _ = try scratch.file("1.log")
    let log = try found()
    _ = try scratch.file("1.log.1", lines(0..<20))
    #expect(read(log).sink.content == lines(0..<20))
  }

  @Test func `a walk's logs are opened below its root wherever the root has moved`() throws {
    _ = try scratch.file("root/a/1.log", [65])
    var walk = try LogWalk(scratch.path.appending("root"))
    guard case .log(let log) = walk.next() else {
      Issue.record("no log was found")
      return
    }
    #expect(rename(scratch.path.appending("root").string, scratch.path.appending("moved").string) == 0)
    _ = try scratch.file("root/a/1.log", [66])
    #expect(read(log).sink.content == [65])
  }

  @Test func `names of every length and letter come in the order of their whole paths`() throws {
    var random = SeededGenerator(seed: 7)
    var names: Set<[UInt8]> = []
    while names.count < 400 {
      let shared = Array((random.next() % 2 == 0 ? "shared=0123456789" : "").utf8)
      let name = (0...random.next() % 12).map { _ in
        Array("ab-.0\u{7F}é".utf8).randomElement(using: &random) ?? 97
      }
      names.insert(shared + name + (random.next() % 4 == 0 ? Array("/x.log".utf8) : Array(".log".utf8)))
    }
    // A folder and a file cannot share a name, and `.` and `..` are no folders of their own.
    for name in names where !name.starts(with: [46]) { _ = try? scratch.file(bytes: name) }
    var walk = try LogWalk(scratch.path)
    var found: [[UInt8]] = []
    while let finding = walk.next() { if case .log(let log) = finding { found.append(log.relativeBytes) } }
    #expect(found.count > 300)
    #expect(found == found.sorted { $0.lexicographicallyPrecedes($1) })
  }
}

extension UnsafePointer<CChar> {
  fileprivate var string: String { String(cString: self) }
}

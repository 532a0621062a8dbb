import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import LogInput

/// Does something to the file when its first bytes arrive, as a writer at the same time would.
private struct MeddlingSink: LogSink {
  typealias Failure = any Error

  var meddle: (() throws -> Void)?
  var content: [UInt8] = []

  mutating func receive(_ bytes: Span<UInt8>) throws {
    bytes.withUnsafeBufferPointer { content.append(contentsOf: $0) }
    try meddle?()
    meddle = nil
  }
  mutating func memberBegan(_ member: GzipMember) {}
  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
}

/// A log that changes while it is read is `growing` (2-log-envelopes, Growing logs).
@Suite struct GrowingLogTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func read(_ path: FilePath, _ meddle: @escaping () throws -> Void) throws -> (LogReading, [UInt8]) {
    var reader = LogReader(bufferBytes: 100)
    var sink = MeddlingSink(meddle: meddle)
    let reading = try reader.read(path, into: &sink)
    return (reading, sink.content)
  }

  private func append(_ bytes: [UInt8], to path: FilePath) throws {
    let descriptor = try FileDescriptor.open(path, .writeOnly, options: .append)
    try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
  }

  @Test func `undisturbed, it is complete`() throws {
    let path = try scratch.file("a.log", lines(0..<50))
    let (reading, content) = try read(path) {}
    #expect(reading.status == .complete)
    #expect(content == lines(0..<50))
  }

  @Test func `a line appended meanwhile makes it growing`() throws {
    let path = try scratch.file("a.log", lines(0..<50))
    let (reading, content) = try read(path) { try append(lines(50..<51), to: path) }
    #expect(reading.status == .growing)
    #expect(content == lines(0..<51))
    #expect(reading.file?.size == lines(0..<50).count)
  }

  @Test func `a gzip that is still being written is growing, not truncated`() throws {
    let bytes = Gzip.member(lines(0..<500))
    let path = try scratch.file("a.log.gz", bytes.dropLast(30))
    let (reading, _) = try read(path) { try append([1], to: path) }
    #expect(reading.status == .growing)
  }

  @Test func `shortened meanwhile, it is growing`() throws {
    let path = try scratch.file("a.log", lines(0..<50))
    let (reading, _) = try read(path) { path.withPlatformString { _ = truncate($0, 10) } }
    #expect(reading.status == .growing)
  }

  @Test func `replaced by another file meanwhile, it is growing and was read as it began`() throws {
    let path = try scratch.file("a.log", lines(0..<50))
    let other = try scratch.file("b", lines(90..<99))
    let (reading, content) = try read(path) {
      path.withPlatformString { to in other.withPlatformString { _ = rename($0, to) } }
    }
    #expect(reading.status == .growing)
    #expect(content == lines(0..<50))
  }

  @Test func `overwritten in place with as many bytes, it is growing`() throws {
    let path = try scratch.file("a.log", lines(0..<50))
    // An old time, so that the overwrite cannot fall into the same tick of the file system's clock.
    var old = [timeval(tv_sec: 1_000_000_000, tv_usec: 5), timeval(tv_sec: 1_000_000_000, tv_usec: 5)]
    path.withPlatformString { _ = utimes($0, &old) }
    let (reading, _) = try read(path) {
      let descriptor = try FileDescriptor.open(path, .writeOnly)
      try descriptor.closeAfter { _ = try descriptor.writeAll(lines(0..<1)) }
    }
    #expect(reading.status == .growing)
    #expect(reading.file?.modified.microseconds == 1_000_000_000_000_005)
  }
}

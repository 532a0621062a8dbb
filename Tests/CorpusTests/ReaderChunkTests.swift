import CorrelationGrammar
import LogInput
import LogModel
import SystemPackage
import TestSupport
import Testing

/// What is read from a file does not depend on how much of it is read and inflated at a time.
@Suite struct ReaderChunkTests {
  /// Reading byte by byte is for logs of some size only; the corpus has archives of up to 5 MiB.
  private static let mostBytesByteByByte = 256 << 10

  @Test(arguments: Corpus.cases)
  func `finds the same with buffers of 1, 7 and 4096 bytes`(item: Corpus.Case) throws {
    let path = FilePath(try #require(item.inputName.flatMap(item.path)))
    let (expected, reading) = scan(path, bufferBytes: 1 << 20)
    let sizes = reading.decompressedBytes > Self.mostBytesByteByByte ? [4096] : [1, 7, 4096]
    for size in sizes {
      let (events, other) = scan(path, bufferBytes: size)
      #expect(events == expected, "buffers of \(size) bytes")
      #expect(other.status == reading.status, "buffers of \(size) bytes")
      #expect(other.trailingGarbage == reading.trailingGarbage, "buffers of \(size) bytes")
    }
  }

  private func scan(_ path: FilePath, bufferBytes: Int) -> ([LogEvent], LogReading) {
    var reader = LogReader(fingerprints: false, bufferBytes: bufferBytes)
    var sink = CollectingSink()
    let reading = reader.read(path, into: &sink)
    sink.finish(isWhole: reading.status == .complete)
    return (sink.events, reading)
  }
}

/// Scans what it receives, as `Ingest` does, and keeps every event.
private struct CollectingSink: LogSink {
  private var scanner = LogScanner()
  private(set) var events: [LogEvent] = []

  mutating func receive(_ bytes: Span<UInt8>) {
    scanner.consume(bytes) { events.append($0) }
  }

  mutating func memberBegan(_ member: GzipMember) {
    scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {
    guard let damage, damage.castsDoubt else { return }
    if let (_, issue) = scanner.memberIsDamaged() { events.append(.sourceIssue(issue)) }
  }

  mutating func finish(isWhole: Bool) {
    scanner.finish(isWhole: isWhole) { events.append($0) }
  }
}

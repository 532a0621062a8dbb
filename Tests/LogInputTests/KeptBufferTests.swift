import TestSupport
import Testing

@testable import LogInput

/// A sink may keep the buffers that it is given, if it gives others in their place: so a log is read ahead without copies.
@Suite struct KeptBufferTests {
  /// Keeps every buffer, and gives one with other bytes in its place.
  private struct KeepingSink: LogSink {
    var kept: [(bytes: [UInt8], range: Range<Int>)] = []
    var copies = 0

    mutating func receive(_ bytes: Span<UInt8>) {
      var copy: [UInt8] = []
      for index in 0..<bytes.count { copy.append(bytes[index]) }
      kept.append((copy, 0..<copy.count))
      copies += 1
    }

    mutating func receive(_ range: Range<Int>, of buffer: inout [UInt8]) {
      var other = Array(repeating: UInt8(0xAA), count: buffer.count)
      swap(&other, &buffer)
      kept.append((other, range))
    }

    mutating func memberBegan(_ member: GzipMember) {}

    mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
  }

  private static let log = lines(0..<3000)
  private static let cases: [(name: String, bytes: [UInt8], copies: Bool)] = [
    ("plain", log, true),
    ("gzip", Gzip.member(log), false),
    ("stored", Gzip.member(log, level: 0), false),
    ("two members", Gzip.member(Array(log[..<5000])) + Gzip.member(Array(log[5000...])), false),
    ("gzip in gzip", Gzip.member(Gzip.member(log)), false),
  ]

  @Test(arguments: cases.indices, Inflater.allCases)
  func `kept buffers hold the log`(number: Int, inflater: Inflater) throws {
    let (name, bytes, copies) = Self.cases[number]
    let scratch = try Scratch()
    let path = try scratch.file("1.log", bytes)
    for size in [1000, 1000, 65_536] {
      var reader = LogReader(inflater: inflater, bufferBytes: size)
      var sink = KeepingSink()
      let reading = reader.read(path, into: &sink)
      #expect(reading.status == .complete, "\(name)")
      #expect(sink.kept.flatMap { $0.bytes[$0.range] } == Self.log, "\(name)")
      #expect((sink.copies > 0) == copies, "\(name)")
      var plain = RecordingSink()
      #expect(reader.read(path, into: &plain).fingerprint == reading.fingerprint)
      #expect(plain.content == Self.log)
    }
  }
}

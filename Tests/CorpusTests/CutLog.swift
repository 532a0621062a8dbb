import CorrelationGrammar
import Ingest
import LogModel
import SystemPackage
import TestSupport

@testable import LogInput

/// A sample as gzip, and what is to be known beforehand to read it.
struct CutLog: Sendable, CustomStringConvertible {
  /// Below the samples' folder.
  var path: String
  var bytes: [UInt8]
  var given: GivenTask?
  var lineFormat: LineFormat?

  var description: String { path }

  /// Every file of the samples' logs: archives, and what is named one, as they are; the others compressed.
  static func all(in root: String) throws -> [CutLog] {
    let custom = try LineFormat("%(asctime)s %(levelname)-8s [%(name)s] %(message)s")
    return Files.files(below: "\(root)/logs").compactMap { path in
      guard let content = Files.bytes("\(root)/logs/\(path)") else { return nil }
      let isArchive = path.hasSuffix(".gz") || content.starts(with: [0x1F, 0x8B])
      return CutLog(
        path: path, bytes: isArchive ? content : Gzip.member(content),
        given: GivenTask(LogPath(FilePath(path))),
        lineFormat: path.hasPrefix("af211_custom") ? custom : nil)
    }
  }

  /// What reading the first bytes comes to, as the program does it.
  func events(ofFirst count: Int) -> (events: [LogEvent], status: LogStatus) {
    var sink = CutSink(log: self)
    let status = decode(0..<count, into: &sink)
    sink.end(isWhole: status == .complete)
    return (sink.events, status)
  }

  /// The status of the archive's first bytes.
  func status(ofFirst count: Int) -> LogStatus {
    var sink = Nowhere()
    return decode(0..<count, into: &sink)
  }

  private func decode<Sink: LogSink>(_ range: Range<Int>, into sink: inout Sink) -> LogStatus
  where Sink.Failure == Never {
    var decoder = LogDecoder(bufferBytes: 1 << 16, limits: ReadLimits(), fingerprints: false)
    _ = decoder.take(bytes.span.extracting(range), into: &sink)
    return decoder.finish(into: &sink).reading.status
  }

  /// The log cut behind one byte of the archive.
  struct Cut {
    /// How many bytes of the archive there are.
    var count: Int
    /// What was certain before the end was reached.
    var certain: [LogEvent]
    /// What came of the end.
    var atCut: [LogEvent]
    /// Whether nothing shows that there is a cut: it is where a member ends.
    var isComplete: Bool

    var records: [CorrelationRecord] { atCut.compactMap(\.record) }
  }

  /// Where no line is longer, every byte is tried anyhow.
  private static let longLine = 4096

  /// Cuts the archive behind every byte, from none to all of them.
  ///
  /// It is decoded once, byte by byte; at each byte a copy of the scanner, which is a value, is told that the log has
  /// ended there. Where a byte gave nothing new the cut before has answered.
  /// - Parameters:
  ///   - triesAll: Whether it is every byte within very long lines too; else one of sixty-four, by a seeded choice.
  ///   - body: Takes the cut.
  func forEachCut(triesAll: Bool, _ body: (Cut) -> Void) {
    var decoder = LogDecoder(bufferBytes: 1 << 16, limits: ReadLimits(), fingerprints: false)
    var sink = CutSink(log: self)
    var generator = SeededGenerator(seed: UInt64(bytes.count))
    var answered = -1
    var wasComplete = false
    var wantsMore = true
    for count in 0...bytes.count {
      if count > 0, wantsMore {
        wantsMore = decoder.take(bytes.span.extracting(count - 1..<count), into: &sink)
      }
      let isComplete = !sink.isInMember && status(ofFirst: count) == .complete
      if sink.changes == answered, isComplete == wasComplete { continue }
      if !triesAll, sink.lineBytes > Self.longLine, Int.random(in: 1...64, using: &generator) > 1 { continue }
      (answered, wasComplete) = (sink.changes, isComplete)
      var cut = sink
      cut.end(isWhole: isComplete)
      let atCut = Array(cut.events.dropFirst(sink.events.count))
      body(Cut(count: count, certain: sink.events, atCut: atCut, isComplete: isComplete))
    }
  }
}

/// Scans what it receives, as `Ingest` does, and keeps every event.
private struct CutSink: LogSink {
  private var scanner: LogScanner
  private(set) var events: [LogEvent] = []
  /// How often something came that a cut could show.
  private(set) var changes = 0
  /// Bytes of the line that has begun.
  private(set) var lineBytes = 0
  private var openMembers = 0

  var isInMember: Bool { openMembers > 0 }

  init(log: CutLog) {
    scanner = LogScanner(
      expecting: log.given?.identity, runIsLogicalDate: log.given?.runIsLogicalDate ?? false,
      lineFormat: log.lineFormat)
  }

  mutating func receive(_ bytes: Span<UInt8>) {
    changes += 1
    for index in bytes.indices { lineBytes = bytes[index] == 0x0A ? 0 : lineBytes + 1 }
    scanner.consume(bytes) { events.append($0) }
  }

  mutating func memberBegan(_ member: GzipMember) {
    openMembers += 1
    changes += 1
    scanner.beginMember()
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {
    openMembers -= 1
    changes += 1
    guard let damage, damage.castsDoubt else { return }
    _ = scanner.memberIsDamaged()
  }

  mutating func end(isWhole: Bool) {
    scanner.finish(isWhole: isWhole) { events.append($0) }
  }
}

private struct Nowhere: LogSink {
  mutating func receive(_ bytes: Span<UInt8>) {}
  mutating func memberBegan(_ member: GzipMember) {}
  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {}
}

import CorrelationGrammar
import LogModel
import TestSupport

@testable import LogInput

/// The gzip reader: any bytes as a file, and what is no gzip also as the content of archives, whole and damaged.
enum GzipTarget {
  /// The most that one input may become, so that inputs stay quick; `limits` says the same to the reader.
  private static let mostBytes = 64 << 10
  private static let limits = ReadLimits(decompressedBytes: mostBytes)

  static func run(_ input: [UInt8]) {
    checkFile(input)
    guard !GzipReference.isMember(input, at: 0) else { return }
    var choices = Choices(of: input)
    var archive = makeArchive(of: input, &choices)
    let isNested = choices.number(in: 0...3) == 0
    if isNested { archive = makeArchive(of: archive, &choices) }
    let decoded = checkFile(archive)
    check(
      decoded.reading.status == .complete && decoded.content == input
        || GzipReference.isMember(input, at: 0) || input.count > mostBytes / 2,
      "an archive of ours is \(decoded.reading.status)")
    switch choices.number(in: 0...2) {
    case 0: archive.removeLast(choices.number(in: 0...archive.count))
    case 1: archive[choices.number(in: 0...archive.count - 1)] ^= UInt8(1 << choices.number(in: 0...7))
    default: archive += (0..<choices.number(in: 0...9)).map { _ in UInt8(choices.number(in: 0...255)) }
    }
    checkFile(archive)
  }

  /// One or more members with any of the header's fields.
  private static func makeArchive(of content: [UInt8], _ choices: inout Choices) -> [UInt8] {
    let places = (0..<choices.number(in: 0...2)).map { _ in choices.number(in: 0...content.count) }
    let ends = [0] + places.sorted() + [content.count]
    var archive: [UInt8] = []
    for (start, end) in zip(ends, ends.dropFirst()) {
      let header = Gzip.Header(
        extra: choices.flag() ? Array(repeating: 7, count: choices.number(in: 0...300)) : nil,
        name: choices.flag() ? "attempt=1.log" : nil, comment: choices.flag() ? "" : nil,
        hasChecksum: choices.flag(), isText: choices.flag())
      archive += Gzip.member(
        Array(content[start..<end]), level: choices.number(in: 0...9), header: header)
    }
    return archive
  }

  @discardableResult
  private static func checkFile(_ file: [UInt8]) -> DecodedFile {
    var choices = Choices(of: file)
    let whole = DecodedFile(file, limits: limits)
    whole.checkAlone(of: file, limits: limits)

    // How the bytes come does not matter, nor how much is inflated at a time.
    let cut = choices.cut(of: file.count)
    let bufferBytes = choices.number(in: 1...100)
    let other = DecodedFile(file, cut: cut, bufferBytes: bufferBytes, limits: limits)
    check(other.content == whole.content, "the content depends on the chunks: \(cut), \(bufferBytes)")
    check(other.events == whole.events, "\(other.events) instead of \(whole.events): \(cut), \(bufferBytes)")
    check(other.reading.status == whole.reading.status, "the status depends on the chunks: \(cut)")
    check(other.reading.wrapping == whole.reading.wrapping, "the wrapping depends on the chunks: \(cut)")
    check(other.reading.fingerprint == whole.reading.fingerprint, "the fingerprint depends on the chunks")
    check(other.reading.trailingGarbage == whole.reading.trailingGarbage, "the garbage depends on the chunks")

    // Nor what inflates.
    for inflater in Inflater.allCases {
      let same = DecodedFile(file, cut: cut, bufferBytes: bufferBytes, limits: limits, inflater: inflater)
      check(same.content == whole.content, "the content depends on the inflater: \(cut), \(bufferBytes)")
      check(same.events == whole.events, "\(same.events) instead of \(whole.events): \(inflater), \(cut)")
      check(
        same.damage?.kind == whole.damage?.kind, "\(same.damage as Any) instead of \(whole.damage as Any)")
      // Where a limit is met is counted in what was given to the inflater at a time.
      check(
        same.damage?.offset == whole.damage?.offset || whole.damage?.isLimit == true,
        "\(same.damage as Any) instead of \(whole.damage as Any)")
      check(same.reading.status == whole.reading.status, "the status depends on the inflater")
    }

    // A file cut anywhere gives the beginning of what the whole one gives.
    let part = DecodedFile(Array(file[..<choices.number(in: 0...file.count)]), limits: limits)
    // Cut behind the half of a third level's magic, that half is text; the whole one gives nothing at all.
    check(
      whole.content.starts(with: part.content) || whole.reading.status == .failed && part.content == [0x1f],
      "a cut file gives bytes that the whole one has not")

    // So does one of which not everything may be inflated.
    let narrow = ReadLimits(
      decompressedBytes: choices.number(in: 0...whole.content.count + 1), expansion: 2, expansionGrace: 64)
    let capped = DecodedFile(file, limits: narrow)
    capped.checkAlone(of: file, limits: narrow)
    check(
      whole.content.starts(with: capped.content)
        || whole.reading.status == .failed && capped.content == [0x1f],
      "a capped file gives bytes that the whole one has not")

    compareWithZlib(file, whole)
    return whole
  }

  private static func compareWithZlib(_ file: [UInt8], _ decoded: DecodedFile) {
    let status = decoded.reading.status
    switch GzipReference.read(file, limit: mostBytes) {
    case .plain:
      check(decoded.content == file || file == [0x1f] || file.count > mostBytes, "plain bytes are changed")
    case .other:
      check(status != .complete, "complete, but zlib refuses it")
    case .whole(let outer, _) where !GzipReference.isMember(outer, at: 0):
      check(status == .complete || outer == [0x1f], "\(status), but zlib reads it whole")
      check(decoded.content == outer || outer == [0x1f], "other bytes than zlib's")
    case .whole(let outer, _):
      guard case .whole(let inner, _) = GzipReference.read(outer, limit: mostBytes) else {
        return check(status != .complete, "complete, but zlib refuses what is inside")
      }
      if GzipReference.isMember(inner, at: 0) {
        return check(status == .failed, "a third level is \(status)")
      }
      check(status == .complete, "\(status), but zlib reads it whole")
      check(decoded.content == inner, "other bytes than zlib's")
    }
  }
}

/// What came of decoding some bytes as a file of them would be.
struct DecodedFile {
  private(set) var reading: LogReading
  private(set) var damage: LogDelivery.Damage?
  private var sink = FileSink()

  var content: [UInt8] { sink.content }
  var events: [FileSink.Event] { sink.events }

  init(
    _ file: [UInt8], cut: Chunking? = nil, bufferBytes: Int = 4096, limits: ReadLimits,
    inflater: Inflater = .fastest
  ) {
    var decoder = LogDecoder(
      bufferBytes: bufferBytes, limits: limits, fingerprints: true, inflater: inflater, refusesForeign: false)
    var sink = FileSink()
    var wantsMore = true
    (cut ?? Chunking(name: "whole", ranges: [0..<file.count])).forEachChunk(of: file) { chunk in
      if wantsMore { wantsMore = decoder.take(chunk, into: &sink) }
    }
    (reading, damage) = decoder.finish(into: &sink)
    self.sink = sink
  }

  /// What holds for every file, whatever it is.
  func checkAlone(of file: [UInt8], limits: ReadLimits) {
    check(
      content.count == reading.decompressedBytes,
      "\(reading.decompressedBytes) counted of \(content.count) bytes")
    check(content.count <= limits.decompressedBytes, "\(content.count) bytes past a limit")
    check(sink.open.isEmpty, "members without end: \(sink.open)")
    check((damage == nil) == (reading.status == .complete), "\(reading.status) for \(damage as Any)")
    if let offset = damage?.offset { check((0...file.count).contains(offset), "damage at byte \(offset)") }
    if let garbage = reading.trailingGarbage {
      check(!garbage.bytes.isEmpty && garbage.bytes.count <= 200, "garbage of \(garbage.bytes.count) bytes")
      guard !garbage.isNested else { return }
      check(file[garbage.offset...].starts(with: garbage.bytes), "garbage that is not at \(garbage.offset)")
    }
  }
}

/// Keeps what a reading gives, and sees that members begin and end in order.
struct FileSink: LogSink {
  enum Event: Equatable {
    case began(GzipMember)
    case ended(GzipMember, at: Int, MemberDamage?)
  }

  private(set) var content: [UInt8] = []
  private(set) var events: [Event] = []
  private(set) var open: [GzipMember] = []

  mutating func receive(_ bytes: Span<UInt8>) {
    check(!bytes.isEmpty, "a chunk without bytes")
    for index in bytes.indices { content.append(bytes[index]) }
  }

  mutating func memberBegan(_ member: GzipMember) {
    check(member.start == content.count, "a member begins at \(member.start), not \(content.count)")
    check(!open.contains { $0.level == member.level }, "a member in another of level \(member.level)")
    open.append(member)
    events.append(.began(member))
  }

  mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) {
    check(end == content.count, "a member ends at \(end), not \(content.count)")
    check(open.contains(member), "a member ends that has not begun")
    open.removeAll { $0 == member }
    events.append(.ended(member, at: end, damage))
  }
}

extension LogDelivery.Damage {
  /// Whether a limit was met, and nothing is wrong with the bytes.
  fileprivate var isLimit: Bool {
    switch kind {
    case .tooLong, .expandsTooMuch, .nestedTooDeep, .foreign: true
    default: false
    }
  }
}

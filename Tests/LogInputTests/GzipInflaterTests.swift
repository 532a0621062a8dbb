import TestSupport
import Testing

@testable import LogInput

struct GzipStreamCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let content: [UInt8]
  /// Where the stream may end: at 0 and behind each member.
  let memberEnds: Set<Int>

  init(_ name: String, members: [(bytes: [UInt8], content: [UInt8])]) {
    testDescription = name
    bytes = members.flatMap { $0.bytes }
    content = members.flatMap { $0.content }
    var ends: Set<Int> = [0]
    var end = 0
    for member in members {
      end += member.bytes.count
      ends.insert(end)
    }
    memberEnds = ends
  }

  static let all: [GzipStreamCase] = {
    let text = lines(0..<20)
    func one(_ name: String, _ header: Gzip.Header) -> GzipStreamCase {
      GzipStreamCase(name, members: [(Gzip.member(text, header: header), text)])
    }
    let everything = Gzip.Header(
      extra: [1, 2, 0, 0x1f, 0x8b], name: "attempt=1.log", comment: "é", hasChecksum: true, isText: true)
    return [
      one("plain header", .init()),
      one("FEXTRA", .init(extra: [65, 80, 2, 0, 1, 2])),
      one("FEXTRA of length 0", .init(extra: [])),
      one("FEXTRA of 300 bytes", .init(extra: [UInt8](repeating: 7, count: 300))),
      one("FNAME", .init(name: "attempt=1.log")),
      one("empty FNAME", .init(name: "")),
      one("FCOMMENT", .init(comment: "a comment")),
      one("FHCRC", .init(hasChecksum: true)),
      one("FTEXT", .init(isText: true)),
      one("FEXTRA and FHCRC", .init(extra: [1], hasChecksum: true)),
      one("all fields", everything),
      GzipStreamCase("stored blocks", members: [(Gzip.member(text, level: 0), text)]),
      GzipStreamCase("fastest", members: [(Gzip.member(text, level: 1), text)]),
      GzipStreamCase("empty member", members: [(Gzip.member([]), [])]),
      GzipStreamCase(
        "members, some empty",
        members: [
          (Gzip.member([]), []), (Gzip.member(text, header: everything), text), (Gzip.member([]), []),
          (Gzip.member([10]), [10]), (Gzip.member(text, level: 0), text),
        ]),
    ]
  }()
}

@Suite struct GzipInflaterTests {
  @Test(arguments: GzipStreamCase.all)
  func `however it is cut and whatever the buffer, the content is the same`(stream: GzipStreamCase) {
    for size in [1, 2, 7, 65_536] {
      for cut in Chunking.few(for: stream.bytes.count, randomCuts: size == 7 ? 50 : 3) {
        let decoded = decode(stream.bytes, cut: cut, bufferBytes: size)
        #expect(decoded.content == stream.content, "\(cut), output of \(size)")
        #expect(decoded.reading.status == .complete, "\(cut), output of \(size)")
        #expect(decoded.damage == nil)
        #expect(decoded.reading.wrapping == .gzip)
        #expect(decoded.sink.chunkSizes.allSatisfy { $0 > 0 && $0 <= size })
      }
    }
  }

  @Test(arguments: GzipStreamCase.all)
  func `split in two anywhere, nothing changes`(stream: GzipStreamCase) {
    let whole = decode(stream.bytes)
    for cut in Chunking.all(for: stream.bytes.count, randomCuts: 0) {
      let decoded = decode(stream.bytes, cut: cut)
      #expect(decoded.content == stream.content, "\(cut)")
      #expect(decoded.events == whole.events, "\(cut)")
      #expect(decoded.reading.fingerprint == whole.reading.fingerprint, "\(cut)")
    }
  }

  @Test(arguments: GzipStreamCase.all)
  func `cut off at any byte, it is truncated and gives the beginning`(stream: GzipStreamCase) {
    for end in 0...stream.bytes.count {
      let decoded = decode(Array(stream.bytes[..<end]))
      #expect(stream.content.starts(with: decoded.content), "cut at \(end)")
      let mayEnd = stream.memberEnds.contains(end)
      #expect(decoded.reading.status == (mayEnd ? .complete : .truncated), "cut at \(end)")
      #expect(decoded.damage == (mayEnd ? nil : .init(kind: .truncated, offset: end)), "cut at \(end)")
      #expect(decoded.reading.trailingGarbage == nil)
      let ends = decoded.events.filter { if case .ended = $0 { true } else { false } }
      #expect(ends.count * 2 == decoded.events.count, "each member that began ended")
    }
  }

  @Test func `cut off at any byte, it gives as much through the smallest buffer as through the largest`() {
    // Long matches: the inflater then holds output that one small buffer cannot take.
    let bytes = Gzip.member(lines(0..<40))
    for end in 0..<bytes.count {
      let largest = decode(Array(bytes[..<end])).content
      for size in [1, 7, 100] {
        #expect(decode(Array(bytes[..<end]), bufferBytes: size).content == largest, "cut at \(end), \(size)")
      }
    }
  }

  @Test func `cut in the trailer alone, all content is there`() {
    let content = lines(0..<20)
    let bytes = Gzip.member(content)
    for missing in 1...8 {
      let decoded = decode(bytes.dropLast(missing))
      #expect(decoded.content == content)
      #expect(decoded.reading.status == .truncated)
      #expect(decoded.events.last == .ended(level: 0, index: 0, end: content.count, damage: .cut))
    }
  }

  @Test(arguments: [0, 6, 9])
  func `with any bit flipped, complete means right`(level: Int) {
    let content = lines(0..<4)
    let header = Gzip.Header(extra: [1, 2, 3], name: "n", comment: "c", hasChecksum: true)
    let bytes = Gzip.member(content, level: level, header: header) + Gzip.member(content, level: level)
    let second = Gzip.member(content, level: level, header: header).count
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      let decoded = decode(flipped, bufferBytes: 64)
      switch bit / 8 {
      case 0, 1:
        // No magic, so plain text as it stands (2-log-envelopes, Gzip).
        #expect(decoded.content == flipped, "bit \(bit)")
        #expect(decoded.reading.wrapping == .plain, "bit \(bit)")
      case second, second + 1:
        #expect(decoded.content == content, "bit \(bit)")
        #expect(decoded.reading.trailingGarbage?.offset == second, "bit \(bit)")
      case second + 4..<second + 10:
        // Time, flags and system of a header without checksum say nothing about the content.
        #expect(decoded.reading.status == .complete, "bit \(bit)")
        #expect(decoded.content == content + content, "bit \(bit)")
      case second - 8..<second, bytes.count - 8..<bytes.count:
        #expect(decoded.reading.status == .corrupt, "bit \(bit)")
        #expect(decoded.content == content + content, "bit \(bit)")
      default:
        // The bits that fill up a deflate stream's last byte, and a hint in the flags, change nothing.
        if decoded.reading.status == .complete { #expect(decoded.content == content + content, "bit \(bit)") }
      }
    }
  }

  @Test(arguments: Inflater.allCases)
  func `a moved inflater still works`(through: Inflater) {
    func moved(_ inflater: consuming GzipInflater) -> GzipInflater { inflater }
    let content = lines(0..<100)
    let bytes = Gzip.member(content)
    var inflater = GzipInflater(outputBytes: 16, inflater: through)
    var position = 0
    var found: [UInt8] = []
    var steps = 0
    loop: while true {
      switch inflater.step(bytes.span, from: &position) {
      case .output(let count): found += inflater.output[..<count]
      case .needsInput: break loop
      case .memberBegan, .memberEnded, .input, .stopped: break
      }
      steps += 1
      inflater = moved(inflater)
    }
    #expect(found == content)
    #expect(steps > content.count / 16)
  }

  @Test func `a decoder is used again after damage`() {
    let good = Gzip.member(lines(0..<9))
    var bad = good
    bad[12] ^= 0xff
    var decoder = LogDecoder(bufferBytes: 100, limits: ReadLimits(), fingerprints: true)
    for bytes in [bad, Array(good.dropLast(20)), good + [1, 2, 3], Gzip.member(good), [0x1f], lines(0..<2)] {
      decoder.reset(limits: ReadLimits(), fingerprints: true)
      var sink = RecordingSink()
      _ = decoder.take(bytes.span, into: &sink)
      let again = decoder.finish(into: &sink)
      let fresh = decode(bytes, bufferBytes: 100)
      #expect(sink.content == fresh.content)
      #expect(sink.events == fresh.events)
      #expect(again.damage == fresh.damage)
      #expect(again.reading.status == fresh.reading.status)
      #expect(again.reading.wrapping == fresh.reading.wrapping)
      #expect(again.reading.fingerprint == fresh.reading.fingerprint)
      #expect(again.reading.trailingGarbage?.bytes == fresh.reading.trailingGarbage?.bytes)
    }
  }
}

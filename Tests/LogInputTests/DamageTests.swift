import TestSupport
import Testing

@testable import LogInput

/// 2-log-envelopes, Files: what is wrong with a stream, and what is read all the same.
@Suite struct DamageTests {
  let first = lines(0..<5)
  let second = lines(5..<9)

  @Test func `a member with a wrong checksum is read, and so is the next`() {
    let damaged = Gzip.member(first, checksum: Gzip.checksum(first) ^ 1)
    let decoded = decode(damaged + Gzip.member(second))
    #expect(decoded.content == first + second)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage == .init(kind: .checksum, offset: damaged.count - 8))
    #expect(
      decoded.events == [
        .began(level: 0, index: 0, start: 0),
        .ended(level: 0, index: 0, end: first.count, damage: .checksum),
        .began(level: 0, index: 1, start: first.count),
        .ended(level: 0, index: 1, end: first.count + second.count, damage: nil),
      ])
  }

  @Test func `a member with a wrong length is read, and so is the next`() {
    let damaged = Gzip.member(first, length: UInt32(first.count + 1))
    let decoded = decode(damaged + Gzip.member(second))
    #expect(decoded.content == first + second)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage == .init(kind: .length, offset: damaged.count - 4))
    #expect(decoded.events[1] == .ended(level: 0, index: 0, end: first.count, damage: .length))
  }

  @Test func `a header with a wrong checksum casts doubt on its member and ends nothing`() {
    var bytes = Gzip.member(first, header: .init(name: "n", hasChecksum: true))
    let headerLength = Gzip.Header(name: "n", hasChecksum: true).bytes.count
    bytes[headerLength - 1] ^= 0x80
    let decoded = decode(bytes + Gzip.member(second))
    #expect(decoded.content == first + second)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage == .init(kind: .headerChecksum, offset: headerLength - 2))
    #expect(decoded.events[1] == .ended(level: 0, index: 0, end: first.count, damage: .headerChecksum))
  }

  @Test func `what was inflated before the damage is delivered, and nothing behind it`() {
    // A stored block of everything, then a block of the reserved type 3, which no inflater accepts.
    let stored: [UInt8] = [0, UInt8(first.count & 255), UInt8(first.count >> 8)]
    let complement: [UInt8] = stored[1...].map { ~$0 }
    let bytes = Gzip.Header().bytes + stored + complement + first + [0b111]
    let decoded = decode(bytes + Gzip.member(second))
    #expect(decoded.content == first)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage?.kind == .data)
    #expect(decoded.events.last == .ended(level: 0, index: 0, end: first.count, damage: .data))
  }

  @Test(arguments: [(2, UInt8(7)), (3, 0x20), (3, 0x40), (3, 0x80)])
  func `another method or a reserved flag is damage`(position: Int, value: UInt8) {
    var bytes = Gzip.member(second)
    bytes[position] = value
    let decoded = decode(Gzip.member(first) + bytes)
    #expect(decoded.content == first)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage == .init(kind: .header, offset: Gzip.member(first).count + position))
    #expect(decoded.events.last == .ended(level: 0, index: 1, end: first.count, damage: .header))
  }

  @Test(arguments: [1, 7, 512, 100_000])
  func `zeros behind the last member are padding`(count: Int) {
    let decoded = decode(Gzip.member(first) + [UInt8](repeating: 0, count: count))
    #expect(decoded.content == first)
    #expect(decoded.reading.status == .complete)
    #expect(decoded.reading.trailingGarbage == nil)
  }

  @Test func `a member behind padding is read`() {
    let decoded = decode(Gzip.member(first) + [0, 0, 0] + Gzip.member(second))
    #expect(decoded.content == first + second)
    #expect(decoded.reading.status == .complete)
  }

  @Test(
    arguments: [
      [1], [10], Array("plain text\n".utf8), [0x1f, 0], [0x1f, 0x1f, 0x8b], [0x8b, 0x1f],
      [UInt8](repeating: 200, count: 1000),
    ], [0, 3])
  func `anything else behind it is trailing garbage`(garbage: [UInt8], padding: Int) {
    let member = Gzip.member(first)
    let bytes = member + [UInt8](repeating: 0, count: padding) + garbage
    for cut in Chunking.few(for: bytes.count, randomCuts: 5) {
      let decoded = decode(bytes, cut: cut)
      #expect(decoded.content == first)
      #expect(decoded.reading.status == .complete)
      #expect(decoded.damage == nil)
      let found = decoded.reading.trailingGarbage
      #expect(found?.offset == member.count + padding, "\(cut)")
      #expect(found?.bytes == Array(garbage.prefix(200)), "\(cut)")
      #expect(found?.isNested == false)
    }
  }

  @Test func `a lone first byte of magic is a cut, not text`() {
    for bytes in [[0x1f], Gzip.member(first) + [0x1f]] as [[UInt8]] {
      #expect(decode(bytes).reading.status == .truncated)
      #expect(decode(bytes).damage == .init(kind: .truncated, offset: bytes.count))
    }
    #expect(decode([0x1f, 0x8b]).reading.status == .truncated)
    #expect(decode([0x1f, 0x8b]).content.isEmpty)
  }

  @Test func `damage and a cut together are corrupt, named by what came first`() {
    let damaged = Gzip.member(first, checksum: 0)
    let decoded = decode(damaged + Gzip.member(second).dropLast(3))
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage?.kind == .checksum)
    #expect(decoded.content == first + second)
  }

  @Test(
    arguments: [[], [0x1f], [0x8b], [0x1f, 0x8c], Array("text \u{1f}\u{8b}".utf8), [0, 0x1f, 0x8b]]
      as [[UInt8]])
  func `what does not begin with the magic is plain`(bytes: [UInt8]) {
    let tail = bytes.isEmpty ? [] : lines(0..<2)
    for cut in Chunking.all(for: bytes.count + tail.count, randomCuts: 2) {
      let decoded = decode(bytes + tail, cut: cut)
      #expect(decoded.content == bytes + tail, "\(cut)")
      #expect(decoded.reading.status == .complete)
      #expect(decoded.reading.wrapping == .plain)
      #expect(decoded.events.isEmpty)
    }
  }
}

import TestSupport
import Testing

@testable import LogInput

/// A gzip in a gzip is read through one level (2-log-envelopes, Gzip).
@Suite struct NestedGzipTests {
  let first = lines(0..<30)
  let second = lines(30..<50)

  @Test func `both levels are read, however they are cut`() {
    let inner = Gzip.member(first) + Gzip.member([]) + Gzip.member(second)
    let half = inner.count / 2
    let bytes = Gzip.member(Array(inner[..<half]), level: 0) + Gzip.member(Array(inner[half...]))
    for size in [1, 2, 7, 65_536] {
      for cut in Chunking.few(for: bytes.count, randomCuts: 10) {
        let decoded = decode(bytes, cut: cut, bufferBytes: size)
        #expect(decoded.content == first + second, "\(cut), output of \(size)")
        #expect(decoded.reading.status == .complete)
        #expect(decoded.reading.wrapping == .gzipInGzip)
      }
    }
  }

  @Test func `cut off at any byte of the outer one, it is truncated`() {
    let inner = Gzip.member(first) + Gzip.member(second)
    let bytes = Gzip.member(inner)
    for end in 1..<bytes.count {
      let decoded = decode(Array(bytes[..<end]))
      #expect(decoded.reading.status == .truncated, "cut at \(end)")
      #expect(decoded.damage == .init(kind: .truncated, offset: end))
      #expect((first + second).starts(with: decoded.content))
    }
  }

  @Test func `cut off at any byte of the inner one, it is truncated`() {
    let inner = Gzip.member(first)
    for end in 1..<inner.count {
      let decoded = decode(Gzip.member(Array(inner[..<end])))
      #expect(decoded.reading.status == .truncated, "cut at \(end)")
      #expect(decoded.damage == .init(kind: .truncated, offset: nil))
      #expect(first.starts(with: decoded.content))
    }
  }

  @Test func `damage inside counts, with the place of the inner member`() {
    let inner = Gzip.member(first) + Gzip.member(second, checksum: 1)
    let decoded = decode(Gzip.member(inner))
    #expect(decoded.content == first + second)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage == .init(kind: .checksum, offset: nil))
    let whole = first.count + second.count
    #expect(
      decoded.events.filter { if case .ended = $0 { true } else { false } } == [
        .ended(level: 1, index: 0, end: first.count, damage: nil),
        .ended(level: 1, index: 1, end: whole, damage: .checksum),
        .ended(level: 0, index: 0, end: whole, damage: nil),
      ])
  }

  @Test func `damage of the outer one counts for all that is inside`() {
    let decoded = decode(Gzip.member(Gzip.member(first), checksum: 1))
    #expect(decoded.content == first)
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.events.last == .ended(level: 0, index: 0, end: first.count, damage: .checksum))
  }

  @Test func `garbage behind the inner gzip is told apart`() {
    let inner = Gzip.member(first)
    let decoded = decode(Gzip.member(inner + [9, 9]))
    #expect(decoded.content == first)
    #expect(decoded.reading.trailingGarbage?.isNested == true)
    #expect(decoded.reading.trailingGarbage?.offset == inner.count)
  }

  @Test func `a third level is refused, not read as text`() {
    for size in [1, 2, 65_536] {
      let decoded = decode(Gzip.member(Gzip.member(Gzip.member(first))), bufferBytes: size)
      #expect(decoded.reading.status == .failed)
      #expect(decoded.damage == .init(kind: .nestedTooDeep, offset: nil))
      #expect(decoded.content.isEmpty)
    }
  }

  /// The first of the two magic bytes alone is text, also at the end of a member or of the file.
  @Test func `half of a third level's magic is text`() {
    let whole = Gzip.member(Gzip.member([0x1f]))
    for size in [1, 65_536] {
      #expect(decode(whole, bufferBytes: size).content == [0x1f])
      #expect(decode(whole, bufferBytes: size).reading.status == .complete)
      #expect(decode(Array(whole.dropLast(12)), bufferBytes: size).content == [0x1f])
      let text = decode(Gzip.member(Gzip.member([0x1f, 0x1f]) + Gzip.member([0x8b])), bufferBytes: size)
      #expect(text.content == [0x1f, 0x1f, 0x8b])
      #expect(text.events.contains(.ended(level: 1, index: 0, end: 2, damage: nil)))
    }
  }
}

import TestSupport
import Testing

@testable import LogInput

/// 6-bars, Limits: a breach ends that log, keeps what came before, and says which limit it was.
@Suite struct LimitTests {
  @Test func `a log as long as the limit is complete, one byte more is corrupt`() {
    let limits = ReadLimits(decompressedBytes: 1000)
    let exact = [UInt8](repeating: 65, count: 1000)
    for wrapped in [exact, Gzip.member(exact), Gzip.member(Gzip.member(exact))] {
      #expect(decode(wrapped, limits: limits).reading.status == .complete)
      #expect(decode(wrapped, limits: limits).content == exact)
    }
    let more = exact + [66]
    for wrapped in [more, Gzip.member(more), Gzip.member(Gzip.member(more))] {
      for size in [1, 7, 999, 65_536] {
        let decoded = decode(wrapped, bufferBytes: size, limits: limits)
        #expect(decoded.reading.status == .corrupt)
        #expect(decoded.damage?.kind == .tooLong(limit: 1000))
        #expect(decoded.content == exact)
      }
    }
  }

  @Test func `an expansion beyond the limit ends the log, but not before the grace`() {
    let bomb = Gzip.member([UInt8](repeating: 10, count: 3_000_000))
    #expect(3_000_000 / bomb.count > 250)
    let inGrace = decode(bomb, limits: ReadLimits(expansionGrace: 3_000_000))
    #expect(inGrace.reading.status == .complete)
    let refused = decode(bomb, limits: ReadLimits(expansionGrace: 1_000_000))
    #expect(refused.reading.status == .corrupt)
    #expect(refused.damage?.kind == .expandsTooMuch(limit: 250))
    // One buffer more than the grace at most.
    #expect((1_000_001...1_000_000 + 65_536).contains(refused.content.count))
    #expect(refused.events.last == .ended(level: 0, index: 0, end: refused.content.count, damage: .cut))
    let allowed = decode(bomb, limits: ReadLimits(expansion: 2000, expansionGrace: 1_000_000))
    #expect(allowed.reading.status == .complete)
  }

  @Test func `a bomb in a bomb is stopped as early`() {
    let bomb = Gzip.member(Gzip.member([UInt8](repeating: 10, count: 20_000_000)))
    let decoded = decode(bomb, limits: ReadLimits(expansionGrace: 1_000_000))
    #expect(decoded.reading.status == .corrupt)
    #expect(decoded.damage?.kind == .expandsTooMuch(limit: 250))
    #expect((1_000_001...1_000_000 + 65_536).contains(decoded.content.count))
  }

  @Test func `plain text never expands`() {
    let decoded = decode(
      [UInt8](repeating: 10, count: 500_000), limits: ReadLimits(expansion: 1, expansionGrace: 0))
    #expect(decoded.reading.status == .complete)
  }

  @Test func `the limits are those of 6-bars, Limits`() {
    let limits = ReadLimits()
    #expect(limits.decompressedBytes == 16 * 1024 * 1024 * 1024)
    #expect(limits.expansion == 250)
    #expect(limits.expansionGrace == 64 * 1024 * 1024)
    #expect(limits.pathDepth == 64)
  }
}

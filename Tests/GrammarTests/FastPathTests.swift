import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Lines that look like earlier ones are passed over (``TextSearch``, ``LineTemplates``), and that changes nothing: a log gives what it
/// gives when each of its lines is read.
@Suite struct FastPathTests {
  @Test(arguments: 0..<40) func `passing over changes nothing in logs of mixed lines`(part: Int) {
    for seed in part * 50..<part * 50 + 50 {
      var maker = MixedLogMaker(random: SeededGenerator(seed: UInt64(seed)))
      let log = maker.log(1 + maker.random.below(120))
      var limits = ScanLimits()
      // Limits that these lines can pass.
      if maker.random.chance(4) {
        (limits.blockBytes, limits.jsonLineBytes, limits.openBlocks) = (60, 250, 2)
      }
      guard isSame(log, &maker.random, limits, "seed \(seed)") else { return }
    }
  }

  @Test(arguments: 0..<20) func `passing over changes nothing in logs of lines that go on`(part: Int) {
    var blocks = 0
    for seed in part * 50..<part * 50 + 50 {
      var maker = SourceLogMaker(random: SeededGenerator(seed: UInt64(seed)))
      let log = maker.log(1 + maker.random.below(150))
      var limits = ScanLimits()
      if maker.random.chance(4) { (limits.blockBytes, limits.openBlocks) = (90, 2) }
      blocks += Everything(log, passesOver: false).counts[0]
      guard isSame(log, &maker.random, limits, "seed \(seed)") else { return }
    }
    #expect(blocks > 100, "too few blocks to tell")
  }

  @Test(arguments: EnvelopeDefinition.all.map(\.name.rawValue))
  func `passing over changes nothing in logs of one envelope`(name: String) {
    for seed in 0..<60 {
      var maker = EnvelopeLogMaker(random: SeededGenerator(seed: UInt64(seed)))
      let log = maker.log(of: LogEnvelope(rawValue: name), lines: 1 + maker.random.below(80))
      let isCounted = !maker.hasAltered
      guard isSame(log, &maker.random, ScanLimits(), "\(name), seed \(seed)", isCounted: isCounted) else {
        return
      }
    }
  }

  @Test(arguments: Corpus.plainLogs.map(\.name)) func `passing over changes nothing in the corpus`(
    name: String
  ) {
    var random = SeededGenerator(seed: 1)
    for log in Corpus.plainLogs where log.name == name && log.bytes.count < 1 << 18 {
      _ = isSame(log.bytes, &random, ScanLimits(), name)
    }
  }

  @Test(.enabled(if: SampleLogs.folder != nil))
  func `passing over changes nothing in real logs`() {
    var random = SeededGenerator(seed: 1)
    var count = 0
    for path in SampleLogs.folder.map({ Files.files(below: $0 + "/logs") }) ?? [] {
      guard let bytes = SampleLogs.bytes("logs/" + path), bytes.first != 0x1F, bytes.count < 1 << 18 else {
        continue
      }
      count += 1
      _ = isSame(bytes, &random, ScanLimits(), path)
    }
    #expect(count > 50, "too few plain samples")
  }

  /// Whether a log gives the same in chunks of all sizes as when each line is read. Without `isCounted` its envelopes are not compared: a
  /// line that begins like a record as far as its source's name, and is none, counts as one (``LogScanner/envelopes``).
  private func isSame(
    _ log: [UInt8], _ random: inout SeededGenerator, _ limits: ScanLimits, _ name: String,
    isCounted: Bool = true
  ) -> Bool {
    let identity = random.chance(2) ? TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1) : nil
    var slow = Everything(log, limits: limits, expecting: identity, passesOver: false)
    for size in ChunkSize.allCases {
      for passesOver in [true, false] {
        var fast = Everything(log, size, limits: limits, expecting: identity, passesOver: passesOver)
        let hasBroken = String(decoding: log, as: UTF8.self).contains("{broken")
        if !isCounted || hasBroken || limits != ScanLimits() {
          (slow.envelopes, fast.envelopes) = ([], [])
        }
        let isSame = fast == slow
        #expect(isSame, "\(name), \(size): \(fast.summaries) instead of \(slow.summaries)")
        guard isSame else { return false }
      }
    }
    return true
  }
}

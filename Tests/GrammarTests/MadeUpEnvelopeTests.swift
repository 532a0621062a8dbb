import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// An envelope is one definition and one line in the list: one that is made up here is read like the others, in any chunks.
@Suite struct MadeUpEnvelopeTests {
  private static func list(with madeUp: MadeUpEnvelope) -> EnvelopeList {
    EnvelopeList(EnvelopeDefinition.all + [madeUp.definition])
  }

  /// Three blocks among many lines that say nothing, some of them of another program.
  private static func log(_ madeUp: MadeUpEnvelope) -> [UInt8] {
    var lines: [String] = []
    func add(_ message: String, program: String = "trainer") {
      lines.append(madeUp.line(message, second: lines.count, program: program))
    }
    for block in 1...3 {
      for fold in 0..<40 {
        add("training fold \(fold)")
        add("serving \(fold)", program: "server")
      }
      add(Log.header)
      add("crypto=SOLUSDC")
      add("fold=9", program: "server")
      add("n_trades=\(block)")
      add(Log.end)
    }
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  @Test(arguments: MadeUpEnvelope.allCases, ChunkSize.allCases)
  func `three blocks are whole in chunks of all sizes`(madeUp: MadeUpEnvelope, size: ChunkSize) {
    let found = Everything(Self.log(madeUp), size, envelopes: Self.list(with: madeUp))
    #expect(
      found.summaries == (1...3).map { "\($0): crypto=SOLUSDC n_trades=\($0) [] explicit" })
    #expect(found.envelopes == ["\(madeUp.definition.name.rawValue) 255"])
    #expect(found.outcome.start?.description == "2026-03-28T02:10:10.123Z")
  }

  @Test(arguments: MadeUpEnvelope.allCases)
  func `without its line in the list it is none`(madeUp: MadeUpEnvelope) {
    let found = Everything(Self.log(madeUp), envelopes: EnvelopeList(EnvelopeDefinition.all))
    #expect(found.summaries == ["unread_header at 81"])
    #expect(found.envelopes == ["bare 255"])
  }

  @Test(arguments: MadeUpEnvelope.allCases)
  func `passing over changes nothing`(madeUp: MadeUpEnvelope) {
    let list = Self.list(with: madeUp)
    for seed in 0..<200 {
      var maker = EnvelopeLogMaker(
        random: SeededGenerator(seed: UInt64(seed)), definitions: list.definitions)
      let log = maker.log(of: madeUp.definition.name, lines: 1 + maker.random.below(90))
      var slow = Everything(log, envelopes: list, passesOver: false)
      for size in ChunkSize.allCases {
        var fast = Everything(log, size, envelopes: list)
        if maker.hasAltered { (slow.envelopes, fast.envelopes) = ([], []) }
        #expect(fast == slow, "seed \(seed), \(size): \(fast.summaries) instead of \(slow.summaries)")
        guard fast == slow else { return }
      }
    }
  }

  @Test(arguments: MadeUpEnvelope.allCases)
  func `its lines are passed over whole chunks at a time`(madeUp: MadeUpEnvelope) {
    var reader = RecordReader(
      Self.list(with: madeUp), limits: ScanLimits(), expecting: nil, passesOver: true)
    let first = Array(madeUp.line("training fold 0", second: 0).utf8)
    reader.take(first.span, LineSplitter.Attributes(position: LogPosition(line: 1, offset: 0)))
    let rest = Array((1..<100).map { madeUp.line("training fold \($0)", second: $0) + "\n" }.joined().utf8)
    let passed = reader.pass(rest.span, from: 0, to: rest.count)
    #expect(passed?.lines == 99)
    #expect(passed?.end == rest.count)
  }

  @Test(arguments: MadeUpEnvelope.allCases)
  func `it is read inside lines that wrap it`(madeUp: MadeUpEnvelope) {
    let lines = String(decoding: Self.log(madeUp), as: UTF8.self).split(separator: "\n")
    let log = Array(lines.map { "2026-03-28T02:14:07.1Z stdout F \($0)\n" }.joined().utf8)
    for size in ChunkSize.allCases {
      let found = Everything(log, size, envelopes: Self.list(with: madeUp))
      #expect(found.counts[0] == 3, "\(size)")
      #expect(found.envelopes == ["cri 255", "\(madeUp.definition.name.rawValue) 255"], "\(size)")
    }
  }
}

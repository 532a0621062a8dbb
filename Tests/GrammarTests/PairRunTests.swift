import LogModel
import TestSupport
import Testing

@testable import CorrelationGrammar

/// Lines of a block that are one plain pair each are taken in runs (``PairRun``), and that changes nothing: a log gives what it gives when
/// each of its lines is read.
@Suite struct PairRunTests {
  private static let keys =
    FieldKey.allCases.filter { $0 != .complete }.map(\.name) + ["gates", "Note", "SL"]

  /// Writes blocks of one pair a line, with a fault here and there.
  private struct Maker {
    var random: SeededGenerator
    let isJSON: Bool
    private var time = 1

    init(seed: UInt64, isJSON: Bool) {
      random = SeededGenerator(seed: seed)
      self.isJSON = isJSON
    }

    private mutating func line(_ message: String, _ file: String) -> String {
      // Now and then two records have one time, as where one was written twice.
      if !random.chance(9) { time += 1 }
      let ending = random.chance(12) ? "\r" : ""
      if isJSON {
        let digits = String(String(1_000_000 + time).dropFirst())
        let more = random.chance(10) ? #","lineno":\#(time)"# : #","lineno":12"#
        return Log.json(message, logger: file, time: "02:14:07.\(digits)", more: more) + ending
      }
      return Log.text(message, file: file, ms: time % 1000) + ending
    }

    private mutating func pair() -> String {
      let key = PairRunTests.keys[random.below(PairRunTests.keys.count)]
      switch random.below(60) {
      case 0: return "\(key)=a b"
      case 1: return "\(key): 0.5"
      case 2: return "\(key)=0.5,"
      case 3: return "::group::\(key)=1"
      case 4: return "\(key)="
      case 5: return "epoch \(time)"
      case 6: return "  \(key)=0.\(time)"
      case 7: return "\(key)=0.\(time)_"
      case 8: return isJSON ? #"\#(key)=0.1\u0031"# : "\(key)=\u{1b}[1m0.1\u{1b}[0m"
      case 9: return "\(key)=0." + String(repeating: "12", count: random.below(50))
      default: return "\(key)=0.\(time)"
      }
    }

    mutating func log() -> [UInt8] {
      var lines = (0..<4).map { _ in line("epoch", "trainer.py") }
      for _ in 0..<1 + random.below(4) {
        let file = random.chance(3) ? "other.py" : "step.py"
        lines.append(line(Log.header, file))
        for _ in 0..<random.below(20) {
          if random.chance(14) { lines.append(line("of another source", "trainer.py")) }
          if random.chance(40) { lines.append(line(Log.header, "third.py")) }
          if random.chance(40) { lines.append("bare") }
          lines.append(line(pair(), file))
        }
        if !random.chance(4) { lines.append(line(Log.end, file)) }
      }
      return Array((lines.joined(separator: "\n") + (random.chance(3) ? "" : "\n")).utf8)
    }
  }

  @Test(arguments: [false, true], 0..<10) func `runs change nothing`(isJSON: Bool, part: Int) {
    var fields = 0
    for seed in part * 40..<part * 40 + 40 {
      var maker = Maker(seed: UInt64(seed), isJSON: isJSON)
      let log = maker.log()
      var limits = ScanLimits()
      if maker.random.chance(4) {
        (limits.blockBytes, limits.blockLines) = (60 + maker.random.below(200), 2 + maker.random.below(12))
        (limits.openBlocks, limits.openBytes) = (2, 600 + maker.random.below(2000))
      }
      if maker.random.chance(8) { limits.notesStyle = true }
      let slow = Everything(log, limits: limits, passesOver: false)
      for size in ChunkSize.allCases {
        let fast = Everything(log, size, limits: limits)
        #expect(fast.events == slow.events, "seed \(seed), \(size): \(fast.summaries) for \(slow.summaries)")
        #expect(fast.counts == slow.counts)
        #expect(fast.outcome == slow.outcome && fast.told == slow.told && fast.instance == slow.instance)
      }
      for case .record(let record) in slow.events { fields += record.fields.count }
    }
    #expect(fields > 40, "too few fields to tell")
  }
}

import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// A line that repeats the one before, but for its time and event, is not read as JSON again, and that changes nothing:
/// a log gives the same with a blank moved behind the `{` of each line, where no line is taken for a repetition.
@Suite struct RepeatedLinesTests {
  /// Logs of a few sources, each of which writes several lines in turn.
  struct LogMaker {
    var random: SeededGenerator
    var clock = 0
    var source = 0
    /// Digits that are no time come several at a time, headers among them.
    var isClockBroken = false

    /// The log twice: as Airflow spells it (but for one blank), and with that blank in the other place.
    mutating func log(_ count: Int) -> (plain: [UInt8], moved: [UInt8]) {
      var (plain, moved) = ("", "")
      let end = random.chance(8) ? "\r\n" : "\n"
      for _ in 0..<count {
        if random.chance(25) {
          let line = random.pick([
            "a bare line", "[2026-03-28T02:00:00.000+0000] {trainer.py:7} INFO - n_trades=7",
            #"2026-03-28T02:00:00.0Z stdout F {"timestamp":"2026-03-28T02:00:00Z","event":"fold=3"}"#,
          ])
          plain += line + end
          moved += line + end
          continue
        }
        let (head, tail) = parts()
        plain += "{\(head), \(tail)}\(end)"
        moved += "{ \(head),\(tail)}\(end)"
      }
      if random.chance(4) {
        plain.removeLast()
        moved.removeLast()
      }
      return (Array(plain.utf8), Array(moved.utf8))
    }

    mutating func parts() -> (head: String, tail: String) {
      if random.chance(9) { source = random.below(9) }
      clock += random.below(1500)
      if random.chance(15) { isClockBroken.toggle() }
      let month = isClockBroken ? "13" : "03"
      let time = "2026-\(month)-28T02:00:\(10 + clock / 1000 % 50).\(100_000 + clock % 1000)Z"
      let level = source == 3 ? "warning" : "info"
      let head = #""timestamp":"\#(time)","level":"\#(level)","event":"\#(event())""#
      let line = random.chance(30) ? "007" : String(random.below(2) == 0 ? 137 : random.below(900))
      let names =
        #""ti_id":"01-\#(source / 5)","try_number":1,"map_index":-1,"run_id":"r","task_id":"t","dag_id":"d""#
      let file = #""filename":"launch.py","lineno":\#(line)"#
      switch source {
      case 0, 3, 5: return (head, #""logger":"root",\#(names),\#(file)"#)
      case 1: return (head, #""logger":"task.stdout",\#(names),\#(file)"#)
      case 2: return (head, #""logger":"root","filename":"launch.py""#)
      // What an outcome needs, keys of one's own, and a member twice.
      case 4: return (head, #""logger":"airflow.sdk","filename":"task_runner.py","lineno":\#(line)"#)
      case 6: return (head, #""logger":"root","sharpe":\#(random.below(3)),\#(file)"#)
      case 7: return (head, #""logger":"root","event":"crypto=TWICE",\#(file)"#)
      default: return (head, #""logger":"root",\#(names),"n":\#(random.below(3)),\#(file)"#)
      }
    }

    mutating func event() -> String {
      if random.chance(9) {
        return random.pick([
          "Task exited with return code 1", "::group::Post Execute", "a\\nf1_buy=0.6", "tab\t",
          "quoted \\\"fold=9\\\"", "", "  ", "\\u001b[1msl=3", "{\\\"tp\\\": 4}",
          "looking for === CORRELATION DATA ===",
        ])
      }
      if random.chance(5) {
        return random.pick([
          Log.header, " " + Log.header, "=== CORRELATION DATA === f1_buy=0.5", Log.end,
          "=== Correlation Data", "=====",
        ])
      }
      return random.pick([
        "crypto=SOLUSDC", "crypto=XRPUSDC", "horizon=H4", "f1_buy=0.\(random.below(9))", "sortino: -0.3",
        " fold=2 ",
        "tp_pct=46.2 sl_pct=39.7", "gates=f1:fail,sortino:pass", "n_trades=\(random.below(3))",
        "note=odd é 🚀", "[section]",
        "training fold 3",
      ])
    }
  }

  @Test(arguments: 0..<20) func repetitionChangesNothing(part: Int) {
    var blocks = 0
    for seed in part * 50..<part * 50 + 50 {
      var maker = LogMaker(random: SeededGenerator(seed: UInt64(seed)))
      let (plain, moved) = maker.log(1 + maker.random.below(150))
      let identity =
        maker.random.chance(2) ? TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1) : nil
      var limits = ScanLimits()
      if maker.random.chance(4) { (limits.blockBytes, limits.openBlocks) = (90, 2) }
      for chunk in [1, plain.count] {
        let repeating = SkippedLinesTests.Everything(plain, chunk: chunk, limits: limits, expecting: identity)
        let reading = SkippedLinesTests.Everything(moved, chunk: chunk, limits: limits, expecting: identity)
        blocks += reading.counts[0]
        let isSame = repeating == reading
        #expect(isSame, "seed \(seed), chunks of \(chunk)")
        guard isSame else { return }
      }
    }
    #expect(blocks > 100, "too few blocks to tell")
  }
}

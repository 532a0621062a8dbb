import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Lines that are passed over change nothing: a log whose chunks are whole gives what one gives that comes byte by byte, where
/// every line is taken by itself.
@Suite struct SkippedLinesTests {
  /// Everything that a scanner can be asked.
  struct Everything: Equatable {
    var events: [LogEvent] = []
    var counts: [Int]
    var outcome: TaskOutcome
    var told: [ToldOutcome]
    var instance: String
    var envelopes: [String]

    init(_ bytes: [UInt8], chunk: Int, limits: ScanLimits, expecting: TaskIdentity?) {
      var scanner = LogScanner(limits: limits, expecting: expecting)
      var events: [LogEvent] = []
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        scanner.consume(bytes.span.extracting(start..<min(start + chunk, bytes.count))) { events.append($0) }
      }
      scanner.finish(isWhole: true) { events.append($0) }
      self.events = events
      counts = [scanner.blockCount, scanner.replayCount, scanner.byteCount, scanner.lineCount]
      outcome = scanner.outcome
      told = scanner.toldOutcomes
      instance = scanner.firstInstance.map { "\($0.id) \($0.time?.description ?? "-")" } ?? "none"
      envelopes = scanner.envelopes.map { "\($0.envelope.rawValue) \($0.count)" }
    }
  }

  /// Lines of every kind; what a log is made of is mostly ordinary.
  struct LogMaker {
    var random: SeededGenerator
    var clock = 0

    mutating func log(_ count: Int) -> [UInt8] {
      // Some logs have one form only, so that long runs can be passed over; others mix them.
      let forms: [[(inout LogMaker) -> String]] = [
        [{ $0.text() }], [{ $0.json() }], [{ $0.text() }, { $0.text() }, { $0.json() }],
        [{ $0.text() }, { $0.odd() }],
        [{ $0.json() }, { $0.odd() }], [{ $0.odd() }],
      ]
      let form = random.pick(forms)
      let end = random.chance(8) ? "\r\n" : "\n"
      var text = ""
      for _ in 0..<count { text += random.pick(form)(&self) + end }
      if random.chance(3) { text.removeLast() }
      return Array(text.utf8)
    }

    mutating func time(_ digits: Int) -> String {
      clock += random.below(1500)
      let second = clock / 1000 % 60
      let fraction = String(clock % 1000 + 1000).dropFirst() + String(repeating: "0", count: digits - 3)
      // Digits that are no time now and then.
      return
        "2026-\(random.chance(60) ? "13" : "03")-28T02:\(clock / 60_000 % 60 + 10):\(second < 10 ? "0" : "")\(second).\(fraction)"
    }

    mutating func message() -> String {
      if random.chance(12) {
        return random.pick([
          Log.header, "=== CORRELATION DATA === f1_buy=0.5", Log.end, "=== Correlation Data",
          "== correlation data ==", "=====",
          "crypto=SOLUSDC", "f1_buy=0.55", "sortino: -0.3", "looking for '=== CORRELATION DATA ==='",
          "note=odd",
        ])
      }
      if random.chance(20) {
        return random.pick([
          "Marking task as SUCCESS. dag_id=d, task_id=t, run_id=r, execution_date=x",
          "Task exited with return code 1",
          "::group::Post Execute", "::group::Pre Execute", "Done. Returned value was: None",
          "Pausing task as DEFERRED.",
          "Starting attempt 2 of 3", "Task failed with exception", "Process timed out",
        ])
      }
      return random.pick([
        "training fold 3", "a=1 b=2", "C of a dog", "c          d", "CORRELATION DATA and more", "",
        " indented", "é ü 🚀",
        "the price is = 3", "\u{1B}[1mbold\u{1B}[0m", "[x] {y} - z",
        String(repeating: "long ", count: random.below(40)),
      ])
    }

    mutating func text() -> String {
      let file = random.pick([
        "trainer.py", "trainer.py", "launch_discovery.py", "logging_mixin.py", "taskinstance.py", "python.py",
        "a.py", "task.py",
        "local_task_job_runner.py", String(repeating: "long", count: 60) + ".py",
      ])
      let level = random.pick(["INFO", "INFO", "INFO", "WARNING", "ERROR"])
      if random.chance(10) { return bare() }
      return "[\(time(3))+0000] {\(file):\(random.below(900))} \(level) - \(message())"
    }

    mutating func bare() -> String {
      random.pick([
        message(), "  File \"x.py\", line 3", "\tat x", "ValueError: bad", "INFO - told", "0  0.5 0.6",
        "{\"a\": 1}", " {\"event\": 2}",
        "", "{'not': 'json'}", "[1, 2]", "]", "2026-03-28 is a day", "ERROR -",
      ])
    }

    mutating func json() -> String {
      let event = message().replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\u{1B}", with: "\\u001b")
      let logger = random.pick(["root", "root", "task", "task.stdout", "airflow.sdk", "trainer"])
      let level = random.pick(["info", "info", "warning"])
      let task = random.pick(["t", "t", "t", "t", "t", "t", "other"])
      let names =
        random.chance(4)
        ? ""
        : #","ti_id":"01-\#(task)","try_number":1,"map_index":-1,"run_id":"r","task_id":"\#(task)","dag_id":"d""#
      let more = random.chance(6) ? #","n":\#(random.below(50))"# : ""
      let file = random.pick(["trainer.py", "launch_discovery.py", "task_runner.py"])
      let text =
        random.chance(15) ? #"a\n\#(event)"# : random.chance(40) ? "\\x" : random.chance(40) ? "tab\t" : event
      if random.chance(30) { return #"{"timestamp":"\#(time(6))Z","event":"\#(text)","level":"\#(level)"}"# }
      let line = random.chance(50) ? "0\(random.below(90))" : String(random.below(900))
      return
        #"{"timestamp":"\#(time(6))Z","level":"\#(level)","event":"\#(text)","logger":"\#(logger)"\#(names)\#(more),"filename":"\#(file)","lineno":\#(line)}"#
    }

    mutating func odd() -> String {
      switch random.below(7) {
      case 0: return "[\(time(3))Z] INFO - \(message()) source=trainer loc=x.py:3"
      case 1: return "[\(time(3))+0000] {broken - \(message())"
      case 2: return "\(time(6))+00:00 [info     ] \(message()) [trainer] loc=x.py:3 ti_id=7"
      case 3: return "\(time(6))Z stdout \(random.chance(4) ? "P" : "F") \(text())"
      case 4:
        return
          "{\"log\":\"\(json().replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\\n\",\"stream\":\"stdout\"}"
      case 5: return "[\(time(6))+0000] {trainer.py:3} INFO - \(message())"
      default: return bare()
      }
    }
  }

  @Test(arguments: 0..<40) func passingOverChangesNothing(block: Int) {
    for seed in block * 50..<block * 50 + 50 {
      var maker = LogMaker(random: SeededGenerator(seed: UInt64(seed)))
      let log = maker.log(1 + maker.random.below(120))
      let identity =
        maker.random.chance(2) ? TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1) : nil
      var limits = ScanLimits()
      // Limits that these lines can pass.
      if maker.random.chance(4) {
        (limits.blockBytes, limits.jsonLineBytes, limits.openBlocks) = (60, 250, 2)
      }
      var slow = Everything(log, chunk: 1, limits: limits, expecting: identity)
      for chunk in [log.count, 4096, 700] {
        var fast = Everything(log, chunk: chunk, limits: limits, expecting: identity)
        // A prefix that is broken, or longer than a line is read, counts as one (`LogScanner.envelopes`).
        if String(decoding: log, as: UTF8.self).contains("{broken") || limits != ScanLimits() {
          (slow.envelopes, fast.envelopes) = ([], [])
        }
        let isSame = fast == slow
        #expect(isSame, "seed \(seed), chunks of \(chunk)")
        guard isSame else { return }
      }
    }
  }
}

extension SeededGenerator {
  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }
}

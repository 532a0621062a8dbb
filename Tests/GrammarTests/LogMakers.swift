import TestSupport

/// Lines of every kind; what a log is made of is mostly ordinary.
struct MixedLogMaker {
  var random: SeededGenerator
  var clock = 0

  mutating func log(_ count: Int) -> [UInt8] {
    // Some logs have one form only, so that long runs can be passed over; others mix them.
    let forms: [[(inout MixedLogMaker) -> String]] = [
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
        "note=odd", "### CORRELATION DATA ###", "C o r r E l a t i o n   D A T A", "> \(Log.header)",
        "[INFO] correlation-data v2", "info: cor relation/data", "correlation data of é",
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

/// Logs of a few sources, each of which writes several lines in turn.
struct SourceLogMaker {
  var random: SeededGenerator
  var clock = 0
  var source = 0
  /// Digits that are no time come several at a time, headers among them.
  var isClockBroken = false

  mutating func log(_ count: Int) -> [UInt8] {
    var text = ""
    let end = random.chance(8) ? "\r\n" : "\n"
    for _ in 0..<count {
      if random.chance(25) {
        let line = random.pick([
          "a bare line", "[2026-03-28T02:00:00.000+0000] {trainer.py:7} INFO - n_trades=7",
          #"2026-03-28T02:00:00.0Z stdout F {"timestamp":"2026-03-28T02:00:00Z","event":"fold=3"}"#,
        ])
        text += line + end
        continue
      }
      let (head, tail) = parts()
      text += "{\(head),\(tail)}\(end)"
    }
    if random.chance(4) { text.removeLast() }
    return Array(text.utf8)
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

extension SeededGenerator {
  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }
}

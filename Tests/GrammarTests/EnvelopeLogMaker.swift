import TestSupport

@testable import CorrelationGrammar
@testable import LogModel

/// Logs by envelope, made from the examples of the definitions: an envelope that is added to the list is asked for lines as the others
/// are.
struct EnvelopeLogMaker {
  var random: SeededGenerator
  var definitions = EnvelopeDefinition.all
  /// A line was altered. Such a line can begin like a record and be none.
  private(set) var hasAltered = false
  private var second = 0

  init(random: SeededGenerator, definitions: [EnvelopeDefinition] = EnvelopeDefinition.all) {
    self.random = random
    self.definitions = definitions
  }

  /// A log that is mostly of one envelope.
  mutating func log(of name: LogEnvelope, lines: Int) -> [UInt8] {
    let end = random.chance(8) ? "\r\n" : "\n"
    var text = ""
    for _ in 0..<lines {
      let other = random.pick(definitions).name
      text += line(of: random.chance(12) ? other : random.chance(8) ? .bare : name) + end
    }
    if random.chance(3) { text.removeLast() }
    return Array(text.utf8)
  }

  /// A line of an envelope, or, one time in forty, of something that looks like it.
  mutating func line(of name: LogEnvelope) -> String {
    let line = whole(name, isInside: false)
    guard random.chance(40), !line.isEmpty else { return line }
    hasAltered = true
    var bytes = Array(line.utf8)
    let place = random.below(bytes.count)
    if random.chance(2) { bytes.remove(at: place) } else { bytes.insert(bytes[place], at: place) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func whole(_ name: LogEnvelope, isInside: Bool) -> String {
    guard let definition = definitions.first(where: { $0.name == name }), !definition.examples.isEmpty else {
      return message()
    }
    second += random.below(3)
    let clock = "02:\(10 + second / 60 % 50):\(10 + second % 50)"
    var line = random.pick(definition.examples)
      .replacing("02:14:07", with: clock).replacing("412", with: "\(random.below(4) * 137)")
    // Sources come several times in a row, so that they have blocks.
    if random.chance(9) {
      line = line.replacing("file.py", with: random.pick(["other.py", "task_runner.py"]))
    }
    if random.chance(9) { line = line.replacing("trainer", with: "evaluator") }
    if random.chance(9) {
      line = line.replacing("root", with: random.pick(["task", "task.stdout", "airflow.x"]))
    }
    if random.chance(9) {
      line = line.replacing("INFO", with: "ERROR").replacing("info", with: random.pick(["warning", "error"]))
    }
    let isObject = line.hasPrefix("{")
    if isObject, random.chance(4) {
      let more = random.pick([#""n":\#(random.below(9))"#, #""ti_id":"7""#, #""note":"x""#, #""sl":1"#])
      line = String(line.dropLast()) + ",\(more)}"
    }
    var message = wraps(definition) && !isInside && !random.chance(4) ? inner() : message()
    if isObject {
      message = message.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\u{1B}", with: "\\u001b").replacing("\t", with: "\\t")
    }
    return line.replacing("…", with: message)
  }

  private mutating func inner() -> String {
    whole(random.pick(definitions).name, isInside: true)
  }

  private func wraps(_ definition: EnvelopeDefinition) -> Bool {
    if case .wrapsLine = definition.shape { true } else { false }
  }

  private mutating func message() -> String {
    if random.chance(4) {
      return random.pick([
        Log.header, Log.end, "crypto=SOLUSDC", "f1_buy=0.\(random.below(9))", "sl=1 tp=2", "fold=3",
      ])
    }
    var mixed = MixedLogMaker(random: random)
    defer { random = mixed.random }
    return mixed.message()
  }
}

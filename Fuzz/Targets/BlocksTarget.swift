import CorrelationGrammar
import LogModel

/// The block parser: any bytes as a block's body, in several envelopes.
enum BlocksTarget {
  private static let header = "=== CORRELATION DATA ==="
  private static let end = "=== END CORRELATION DATA ==="

  static func run(_ input: [UInt8]) {
    let body = Array(input.prefix(8192))
    let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
    let block = Array("\(header)\n".utf8) + body + Array("\n\(end)\n".utf8)
    LinesTarget.checkLog(block).checkPrinting()

    let prefix = "[2026-03-28T02:14:07.123+0000] {launch_discovery.py:137} INFO - "
    let text = Array(prefix.utf8) + block
    LinesTarget.checkLog(text)

    // One record a line, as `print()` makes them in 2.x, and as late lines of 3.x.
    var prints: [UInt8] = []
    var lateLines: [UInt8] = []
    for line in [Array(header.utf8)[...]] + lines + [Array(end.utf8)[...]] {
      prints += "[2026-03-28T02:14:07.123+0000] {logging_mixin.py:188} INFO - ".utf8
      prints += line
      prints.append(0x0A)
      lateLines += event(line, logger: "task.stdout")
    }
    LinesTarget.checkLog(prints)
    LinesTarget.checkLog(lateLines)

    let json = event(block.dropLast(), logger: "root")
    LinesTarget.checkLog(json)
    if lines.allSatisfy(isMessage) { compare(text, json) }
  }

  /// A record of Airflow 3 with any bytes as its event.
  private static func event(_ message: some Sequence<UInt8>, logger: String) -> [UInt8] {
    var line = Array(#"{"timestamp":"2026-03-28T02:14:07.123Z","level":"info","event":""#.utf8)
    for byte in message { JSONReference.appendEscaped(byte, to: &line) }
    line += "\",\"logger\":\"\(logger)\"}\n".utf8
    return line
  }

  /// Whether a line is a message line and nothing else in every envelope: nothing that may begin one, no escape
  /// sequence, and no CR, which physical lines and message lines drop one each of.
  private static func isMessage(_ line: ArraySlice<UInt8>) -> Bool {
    guard !line.contains(0x1B), !line.contains(0x0D) else { return false }
    guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }) else { return true }
    return "abcdefghijklmnopqrstuvwxyz=-*".utf8.contains(first)
  }

  /// One record is one record, whichever Airflow wrote it.
  private static func compare(_ text: [UInt8], _ json: [UInt8]) {
    let (first, second) = (ScannedLog(text), ScannedLog(json))
    check(first.blockCount == second.blockCount, "headers: \(first.blockCount) and \(second.blockCount)")
    for (left, right) in zip(first.records, second.records) {
      check(left.end == right.end, "block \(left.block) ends \(left.end) and \(right.end)")
      for key in FieldKey.allCases {
        let (one, other) = (left[key], right[key])
        check(one == other, "\(key.name) is \(one as Any) and \(other as Any)")
      }
      check(left.gates == right.gates, "gates \(left.gates as Any) and \(right.gates as Any)")
      check(left.extras == right.extras, "extras \(left.extras) and \(right.extras)")
      let issues = [left, right].map { $0.issues.map { "\($0.kind) \($0.key ?? "") \($0.raw ?? "")" } }
      // Those of a block whose lines all have one place come in another order.
      check(issues[0].sorted() == issues[1].sorted(), "issues \(issues[0]) and \(issues[1])")
    }
  }
}

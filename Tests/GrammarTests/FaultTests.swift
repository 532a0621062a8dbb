import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// One fault at a time in every line of a block that has its end marker: a field may become absent with an issue, never
/// another value, and nothing is lost without an issue (1-correlation-data, Claimed blocks and Cut values).
@Suite struct FaultTests {
  /// How the lines of a block are written.
  enum Writer: String, CaseIterable, Sendable {
    case text, warnings, onePrint, prints, json, standardOutput, bare

    func log(_ lines: [String]) -> [String] {
      switch self {
      case .text: lines.enumerated().map { Log.text($0.element, ms: $0.offset) }
      case .warnings: lines.enumerated().map { Log.text($0.element, level: "WARNING", ms: $0.offset) }
      case .onePrint: [Log.print(lines[0])] + lines.dropFirst() + [Log.print("done with it", ms: 900)]
      case .prints: lines.enumerated().map { Log.print($0.element, ms: $0.offset) }
      case .json: lines.map { Log.json(Self.escaped($0)) }
      case .standardOutput: lines.map { Log.json(Self.escaped($0), logger: "task.stdout") }
      case .bare: lines
      }
    }

    private static func escaped(_ line: String) -> String {
      line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
  }

  /// The body-lines of a block.
  struct Body: Sendable, CustomStringConvertible {
    var name: String
    var lines: [String]
    var description: String { name }
  }

  static let bodies = [
    Body(
      name: "one pair a line",
      lines: [
        "crypto=SOLUSDC", "horizon=H12", "strategy_id=s-17", "fold=11", "n_trades=446", "f1_buy=0.5512",
        "baseline_f1_buy=0.4871", "screening_f1_buy=6.1e-01", "sortino=-0.32", "tp_pct=30.2%", "sl_pct=58.1%",
        "timeout_pct=11.7%", "gates=f1:pass,sortino:fail", "complete=true",
      ]),
    Body(
      name: "several pairs a line",
      lines: [
        "crypto=SOLUSDC horizon=H12 f1_buy=0.5512", "baseline_f1_buy=0.4871, sortino=-0.32; tp_pct=30.2",
        "sl_pct=58.1 timeout_pct=11.7 last_fold_f1_buy=0.61",
      ]),
    Body(
      name: "colons and quotes",
      lines: [
        "- crypto: SOLUSDC", "- f1_buy: 0.5512", "strategy_id: \"s 17\"", "theta=\"0.25\"", "phase: testing",
      ]),
    Body(
      name: "an object over lines",
      lines: [
        "crypto=SOLUSDC", "{", "\"f1_buy\": 0.5512,", "\"baseline_f1_buy\": 0.4871,",
        "\"gates\": {\"f1\": \"pass\"}",
        "}", "n_trades=446",
      ]),
  ]

  private static let words = [
    "871", "Evaluating", "Epoch 3/10", "Note: all done", "note=x", "thresholds:", "e-05", "%", "pass", "{",
    "--",
  ]

  @Test(arguments: Writer.allCases, bodies)
  func `no fault in a block makes a wrong number`(writer: Writer, body: Body) throws {
    // A text record holds an object; a line of its own does only on a line stream.
    let block = [Log.header] + body.lines + [Log.end]
    let whole = scan(writer.log(block)).records
    let good = try #require(whole.first)
    for (name, lines) in Self.faults(in: block) { Self.check(name, writer.log(lines), good) }
  }

  @Test(arguments: [Writer.json, .standardOutput], bodies)
  func `a line of JSON that is folded loses nothing in silence`(writer: Writer, body: Body) throws {
    let lines = writer.log([Log.header] + body.lines + [Log.end])
    let good = try #require(scan(lines).records.first)
    for (index, line) in lines.enumerated() {
      for cut in 1..<line.utf8.count {
        let halves = [String(line.prefix(cut)), String(line.dropFirst(cut))]
        Self.check("folded \(halves)", Array(lines[..<index] + halves + lines[(index + 1)...]), good)
      }
    }
  }

  /// The log's block has no other value than the good one, and where it lacks one something is said.
  private static func check(_ name: String, _ lines: [String], _ good: CorrelationRecord) {
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    let log = scan(bytes, cut: ChunkSize.whole.chunking(of: bytes.count))
    for record in log.records {
      for (key, value) in record.fields where good[key] != value {
        Issue.record("\(name): \(key.name)=\(value) in \(record.summary)")
      }
      if let gates = record.gates, gates != good.gates { Issue.record("\(name): \(record.summary)") }
    }
    let isLost = good.fields.contains { key, _ in !log.records.contains { $0[key] != nil } }
    let isSaid =
      !log.sourceIssues.isEmpty || log.records.contains { !$0.issues.isEmpty } || log.records.isEmpty
    if isLost, !isSaid, !name.hasPrefix("lost") {
      Issue.record("\(name): lost in silence: \(log.summaries)")
    }
  }

  /// A line cut at each byte, a word between two lines, a lost line, a doubled one.
  private static func faults(in block: [String]) -> [(name: String, lines: [String])] {
    var faults: [(String, [String])] = []
    for (index, line) in block.enumerated() {
      let (before, after) = (block[..<index], block[(index + 1)...])
      for cut in 1..<max(2, line.utf8.count) where line.utf8.count > 1 {
        let halves = [String(line.prefix(cut)), String(line.dropFirst(cut))]
        faults.append(("cut \(halves)", before + halves + after))
      }
      if index > 0 {
        for word in words { faults.append(("\(word) before \(line)", before + [word, line] + after)) }
      }
      faults.append(("lost \(line)", Array(before + after)))
      faults.append(("doubled \(line)", before + [line, line] + after))
    }
    return faults
  }
}

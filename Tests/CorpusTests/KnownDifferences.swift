import LogModel

/// What Airflow makes of what a task emits (log-formats: Print in Airflow 2, Channels of Airflow 3 and
/// Traps).
enum KnownDifferences {
  /// What a block's record must be.
  struct Expectation: CustomStringConvertible {
    /// Fields, gates and extras by key, values in canonical text.
    var values: [String: String]
    /// Kinds and keys, in any order.
    var issues: [String]
    var ends: Set<BlockEnd>

    func isMet(by record: CorrelationRecord) -> Bool {
      ends.contains(record.end) && KnownDifferences.values(of: record) == values
        && record.issues.map(KnownDifferences.text).sorted() == issues.sorted()
    }

    var description: String {
      "\(values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) \(issues) \(ends.map(\.rawValue))"
    }
  }

  /// Children that inherit stdout, and writes below Python's stdout, are not in a 2.x file (2.4).
  static func reachesTheLog(_ block: SampleTask.Block, of task: SampleTask) -> Bool {
    task.isAirflow3 || !["subprocess", "os.write"].contains(block.how)
  }

  /// Two threads that print line by line end each other's blocks; on one stream the second end marker finds none.
  static func sourceIssues(of task: SampleTask) -> [IssueKind] {
    guard task.task == "threads" else { return [] }
    switch task.variant {
    case "af26_default", "af211_default": return [.orphanEnd, .orphanEnd]
    case "af211_es_json", "af33_pod": return [.orphanEnd]
    default: return []
    }
  }

  static func expectation(of block: SampleTask.Block, of task: SampleTask) -> Expectation {
    var expected = plainExpectation(of: block, of: task)
    switch (task.task, block.number) {
    case ("threads", 1...8):
      // Interleaved line by line: nothing of them can be told apart (5, point 10).
      expected = Expectation(values: [:], issues: ["interleaved"], ends: [.newHeader, .explicit])
      if emptyInterleaved(of: task).contains(block.number) { expected.issues.append("empty_block") }
    case ("masked", _) where task.variant != "af33_pod":
      // Registered secrets (5, point 11); the supervisor's own output of 3.3 shows them.
      expected.values["crypto"] = nil
      expected.values["f1_buy"] = nil
      expected.issues = ["masked_value crypto", "masked_value f1_buy"]
    case ("printed", 5) where !task.isAirflow3:
      // Each `print(key, end="", flush=True)` is a record of its own (2.4).
      expected.issues = block.pairs.keys.map { "rejoined_pair \($0)" }
    case ("structlog", 1):
      // The marker's event carries the pairs and is complete in itself (3.2).
      expected.ends = [.recordEnd]
    case ("oddvalues", 7):
      expected.issues = ["interrupted"]
    case ("oddvalues", 1):
      // A percent sign always means percent points (1-correlation-data, Units); of a 0 … 1 field they are a
      // fraction.
      expected.values["buy_rate"] = "0.0611"
      expected.values["tp_pct"] = "46.2"
      expected.values["sl_pct"] = "39.7"
      expected.values["timeout_pct"] = "14.1"
    case ("oddvalues", 2):
      let missing = ["f1_buy", "precision_buy", "recall_buy", "buy_rate", "gates"]
      let infinite = ["std_f1_buy", "sortino"]
      for key in missing + infinite { expected.values[key] = nil }
      expected.issues = missing.map { "missing_value \($0)" } + infinite.map { "non_finite \($0)" }
    case ("oddvalues", 3):
      // `0,4312`, U+2212 as minus, a no-break space in `1 204`; 1.2e-05 and a whole tp are numbers.
      for key in ["precision_buy", "sortino", "n_trades"] {
        expected.values[key] = nil
        expected.issues.append("malformed_number \(key)")
      }
      expected.values["f1_buy"] = "0.000012"
      expected.values["tp"] = "3"
    default: break
    }
    return expected
  }

  private static func plainExpectation(of block: SampleTask.Block, of task: SampleTask) -> Expectation {
    let values = block.pairs.mapValues(canonical)
    if !block.isComplete {
      // Cut by a failure line; print lines of Airflow 3 come late, so theirs waits for the end
      // (1-correlation-data, How a block ends).
      let end: BlockEnd = task.isAirflow3 && block.how == "print" ? .endOfInput : .failure
      return Expectation(values: values, issues: ["incomplete_block"], ends: [end])
    }
    let implicit: Set<BlockEnd> = [.otherLine, .newHeader, .recordEnd, .endOfInput]
    return Expectation(values: values, issues: [], ends: block.hasEndMarker ? [.explicit] : implicit)
  }

  /// Blocks of `threads` whose header the other thread's header followed at once, as the logs show.
  private static func emptyInterleaved(of task: SampleTask) -> Set<Int> {
    switch task.variant {
    case "af26_default": [1]
    case "af211_default": [1, 3]
    case "af211_es_json": [3, 5, 7]
    case "af33_pod": [1, 5, 7]
    default: [1, 3, 5, 7]
    }
  }

  /// A plain decimal without trailing zeros of its fraction; anything else as it is.
  private static func canonical(_ text: String) -> String {
    let isDecimal = !text.isEmpty && text.utf8.allSatisfy { "-.0123456789".utf8.contains($0) }
    guard isDecimal, text.utf8.contains(UInt8(ascii: ".")) else { return text }
    var bytes = Array(text.utf8)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func values(of record: CorrelationRecord) -> [String: String] {
    var values: [String: String] = [:]
    for (key, value) in record.fields {
      switch value {
      case .text(let text): values[key.name] = text
      case .integer(let number): values[key.name] = String(number)
      case .decimal(let number): values[key.name] = number.description
      case .boolean(let flag): values[key.name] = String(flag)
      }
    }
    if let gates = record.gates {
      values["gates"] = gates.map { "\($0.name):\($0.passed ? "pass" : "fail")" }.joined(separator: ",")
    }
    for extra in record.extras { values["extra " + extra.key] = extra.text }
    return values
  }

  private static func text(_ issue: GrammarIssue) -> String {
    ([issue.kind.rawValue] + (issue.key.map { [$0] } ?? [])).joined(separator: " ")
  }
}

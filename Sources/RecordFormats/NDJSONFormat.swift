import Diagnosis
public import LogModel

/// The NDJSON contract of 5-command-line, NDJSON: one line per record, keys in a fixed order, absent fields
/// left out, decimals exact.
public enum NDJSONFormat {
  /// Appends one record's line.
  public static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    let record = item.record
    var line = JSONObjectWriter(&buffer)
    line.member("source", text: item.source, &buffer)
    line.member("line", number: record.line, &buffer)
    line.member("offset", number: record.offset, &buffer)
    line.member("block", number: record.block, &buffer)
    line.member("observed_at", text: item.observedAt?.description, &buffer)
    if let identity = item.identity {
      line.key("task", &buffer)
      append(identity, to: &buffer)
    }
    line.member("grammar", number: record.grammarVersion, &buffer)
    line.member("end", text: record.end.rawValue, &buffer)
    line.key("record", &buffer)
    appendFields(record, to: &buffer)
    if let gates = record.gates {
      line.key("gates", &buffer)
      append(gates, to: &buffer)
    }
    if !record.extras.isEmpty {
      line.key("extras", &buffer)
      append(record.extras, to: &buffer)
    }
    line.member("issues", array: record.issues, &buffer) { append($0, to: &$1) }
    line.key("verdict", &buffer)
    append(item.verdict, to: &buffer)
    line.end(&buffer)
    buffer.append(0x0A)
  }

  /// Appends the line of a source that has issues of its own, or is not complete.
  public static func appendSource(
    _ source: String, status: String, issues: [GrammarIssue], to buffer: inout [UInt8]
  ) {
    var line = JSONObjectWriter(&buffer)
    line.member("source", text: source, &buffer)
    line.member("status", text: status, &buffer)
    line.member("issues", array: issues, &buffer) { append($0, to: &$1) }
    line.end(&buffer)
    buffer.append(0x0A)
  }

  private static func append(_ identity: TaskIdentity, to buffer: inout [UInt8]) {
    var task = JSONObjectWriter(&buffer)
    task.member("dag_id", text: identity.dagID, &buffer)
    task.member("run_id", text: identity.runID, &buffer)
    task.member("task_id", text: identity.taskID, &buffer)
    task.member("map_index", number: identity.mapIndex, &buffer)
    task.member("try_number", number: identity.tryNumber, &buffer)
    task.end(&buffer)
  }

  private static func appendFields(_ record: CorrelationRecord, to buffer: inout [UInt8]) {
    var fields = JSONObjectWriter(&buffer)
    for (key, value) in record.fields {
      switch value {
      case .text(let text): fields.member(key.name, text: text, &buffer)
      case .integer(let number): fields.member(key.name, number: number, &buffer)
      case .decimal(let number): fields.member(key.name, decimal: number, &buffer)
      case .boolean(let flag): fields.member(key.name, number: flag, &buffer)
      }
    }
    fields.end(&buffer)
  }

  /// Appends gates as an object, `{"f1":"pass"}`.
  static func append(_ gates: [Gate], to buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    for gate in gates { object.member(gate.name, text: gate.passed ? "pass" : "fail", &buffer) }
    object.end(&buffer)
  }

  /// Appends extras as an object, in the order logged.
  static func append(_ extras: [ExtraPair], to buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    for extra in extras { object.member(extra.key, text: extra.text, &buffer) }
    object.end(&buffer)
  }

  /// Appends one issue.
  static func append(_ issue: GrammarIssue, to buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    object.member("kind", text: issue.kind.rawValue, &buffer)
    object.member("key", text: issue.key, &buffer)
    object.member("line", number: issue.line, &buffer)
    object.member("offset", number: issue.offset, &buffer)
    object.member("raw", text: issue.raw, &buffer)
    object.member("block", number: issue.block, &buffer)
    object.end(&buffer)
  }

  private static func append(_ verdict: Verdict, to buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    object.member("taxonomy", number: verdict.taxonomyVersion, &buffer)
    object.member("primary", text: verdict.primary?.rawValue, &buffer)
    object.member("certainty", text: verdict.certainty.rawValue, &buffer)
    object.member("severity", text: verdict.severity.rawValue, &buffer)
    object.member("findings", array: verdict.findings, &buffer) { JSONText.append($0.rawValue, to: &$1) }
    object.member("ml", text: verdict.ml.text, &buffer)
    object.member("execution", text: verdict.execution.text, &buffer)
    object.member("infra", text: verdict.infra.text, &buffer)
    object.member("delta_points", decimal: verdict.deltaPoints, &buffer)
    object.member("not_evaluated", array: verdict.notEvaluated, &buffer) { rule, buffer in
      var entry = JSONObjectWriter(&buffer)
      entry.member("rule", text: rule.rule, &buffer)
      entry.member("lacks", array: rule.lacks, &buffer) { JSONText.append($0, to: &$1) }
      entry.member("why", text: rule.why, &buffer)
      entry.end(&buffer)
    }
    object.member("explanation", text: verdict.explanation, &buffer)
    object.end(&buffer)
  }
}

import Diagnosis
public import LogModel

/// The NDJSON contract of 5-command-line, NDJSON: one line per record, keys in a fixed order, absent fields
/// left out, decimals exact.
public enum NDJSONFormat {
  /// Appends one record's line.
  public static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    JSONWriter.append(to: &buffer) { json in
      let record = item.record
      json.beginObject()
      json.member("source", item.source)
      json.member("line", record.line)
      json.member("offset", record.offset)
      json.member("block", record.block)
      json.member("observed_at", item.observedAt)
      if let identity = item.identity {
        json.key("task")
        json.task(identity)
      }
      json.member("grammar", record.grammarVersion)
      json.member("end", record.end.rawValue)
      json.key("record")
      json.fields(of: record)
      if let gates = record.gates {
        json.key("gates")
        json.gates(gates)
      }
      if !record.extras.isEmpty {
        json.key("extras")
        json.extras(record.extras)
      }
      json.key("issues")
      json.issues(record.issues)
      json.key("verdict")
      json.verdict(item.verdict)
      json.endObject()
      json.endLine()
    }
  }

  /// Appends the line of a source that has issues of its own, or is not complete.
  public static func appendSource(
    _ source: String, status: String, issues: [GrammarIssue], to buffer: inout [UInt8]
  ) {
    JSONWriter.append(to: &buffer) { json in
      json.beginObject()
      json.member("source", source)
      json.member("status", status)
      json.key("issues")
      json.issues(issues)
      json.endObject()
      json.endLine()
    }
  }
}

/// The parts of a record's line; CSV has some of them in its cells.
extension JSONWriter {
  fileprivate mutating func task(_ identity: TaskIdentity) {
    beginObject()
    member("dag_id", identity.dagID)
    member("run_id", identity.runID)
    member("task_id", identity.taskID)
    member("map_index", identity.mapIndex)
    member("try_number", identity.tryNumber)
    endObject()
  }

  fileprivate mutating func fields(of record: CorrelationRecord) {
    beginObject()
    for field in FieldKey.allCases {
      guard let value = record[field] else { continue }
      switch value {
      case .text(let text): member(field.literal, text)
      case .integer(let number): member(field.literal, number)
      case .decimal(let number): member(field.literal, number)
      case .boolean(let flag): member(field.literal, flag)
      }
    }
    endObject()
  }

  /// Writes gates as an object, `{"f1":"pass"}`.
  mutating func gates(_ gates: [Gate]) {
    beginObject()
    for gate in gates {
      key(given: gate.name)
      value(gate.passed ? "pass" : "fail")
    }
    endObject()
  }

  /// Writes extras as an object, in the order logged.
  mutating func extras(_ extras: [ExtraPair]) {
    beginObject()
    for extra in extras {
      key(given: extra.key)
      value(extra.text)
    }
    endObject()
  }

  fileprivate mutating func issues(_ issues: [GrammarIssue]) {
    beginArray()
    for issue in issues {
      beginObject()
      member("kind", issue.kind.rawValue)
      member("key", issue.key)
      member("line", issue.line)
      member("offset", issue.offset)
      member("raw", issue.raw)
      member("block", issue.block)
      member("places", issue.places)
      endObject()
    }
    endArray()
  }

  fileprivate mutating func verdict(_ verdict: Verdict) {
    beginObject()
    member("taxonomy", verdict.taxonomyVersion)
    member("primary", verdict.primary?.rawValue)
    member("certainty", verdict.certainty.rawValue)
    member("severity", verdict.severity.rawValue)
    key("findings")
    beginArray()
    for finding in verdict.findings { value(finding.rawValue) }
    endArray()
    member("ml", verdict.ml.text)
    member("execution", verdict.execution.text)
    member("infra", verdict.infra.text)
    member("delta_points", verdict.deltaPoints)
    key("not_evaluated")
    beginArray()
    for rule in verdict.notEvaluated {
      beginObject()
      member("rule", rule.rule)
      member("lacks", rule.lacks)
      member("why", rule.why)
      endObject()
    }
    endArray()
    member("explanation", verdict.explanation)
    endObject()
  }
}

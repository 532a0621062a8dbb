import Diagnosis
public import LogModel

/// The NDJSON contract of 5-command-line, NDJSON: one line per record, keys in a fixed order, absent fields
/// left out, decimals exact.
public enum NDJSONFormat {
  /// Appends one record's line.
  public static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    // The record is never copied: a copy would count a reference for each of its texts.
    JSONWriter.append(to: &buffer) { json in
      json.beginning(of: item)
      if let gates = item.record.gateList {
        json.key("gates")
        json.gates(gates)
      }
      if !item.record.extras.isEmpty {
        json.key("extras")
        json.extras(item.record.extras)
      }
      json.key("issues")
      json.issues(item.record.issues)
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
  /// Writes a record's line as far as its fields: members that are always there, for all of which room is made at once.
  fileprivate mutating func beginning(of item: ClassifiedRecord) {
    var most = 512 + Self.room(for: item.source)
    if let identity = item.identity { most += 6 * identity.nameBytes }
    most += item.record.mostJSONBytes
    pieces(most) { out in
      out.write(json: #"{"source":"#)
      out.write(item.source)
      out.write(json: #","line":"#)
      out.write(Int64(item.record.line))
      out.write(json: #","offset":"#)
      out.write(Int64(item.record.offset))
      out.write(json: #","block":"#)
      out.write(Int64(item.record.block))
      if let time = item.observedAt {
        out.write(json: #","observed_at":"#)
        out.write(time)
      }
      if let identity = item.identity { Self.write(identity, to: &out) }
      out.write(json: #","grammar":"#)
      out.write(Int64(item.record.grammarVersion))
      out.write(json: #","end":"#)
      out.write(item.record.end.rawValue)
      out.write(json: #","record":{"#)
      Self.write(fieldsOf: item.record, to: &out)
      out.write(json: "}")
    }
  }

  private static func write(_ identity: TaskIdentity, to out: inout OutputSpan<UInt8>) {
    out.write(json: #","task":{"dag_id":"#)
    out.write(identity.dagID)
    out.write(json: #","run_id":"#)
    out.write(identity.runID)
    out.write(json: #","task_id":"#)
    out.write(identity.taskID)
    if let index = identity.mapIndex {
      out.write(json: #","map_index":"#)
      out.write(Int64(index))
    }
    out.write(json: #","try_number":"#)
    out.write(Int64(identity.tryNumber))
    out.write(json: "}")
  }

  private static func write(fieldsOf record: CorrelationRecord, to out: inout OutputSpan<UInt8>) {
    var isFirst = true
    record.forEachField { key, value in
      key.writeMember(isFirst: isFirst, to: &out)
      isFirst = false
      switch value {
      case .text(let text): out.write(text)
      case .integer(let number): out.write(number)
      case .decimal(let number): out.write(number)
      case .boolean(let flag): out.write(flag)
      }
    }
  }

  /// Writes gates as an object, `{"f1":"pass"}`.
  mutating func gates(_ gates: GateList) {
    beginObject()
    for index in 0..<gates.count {
      key(given: gates[index].name)
      value(gates[index].passed ? "pass" : "fail")
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
    for index in 0..<verdict.codes.count { value(verdict.codes[index].rawValue) }
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

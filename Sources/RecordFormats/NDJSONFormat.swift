import Diagnosis
public import LogModel

/// The NDJSON contract of 5-command-line, NDJSON: one line per record, keys in a fixed order, absent fields
/// left out, decimals exact.
public enum NDJSONFormat {
  /// Appends one record's line, for all of which room is made at once.
  public static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    JSONWriter.append(to: &buffer, room: item.jsonRoom) { $0.write(item) }
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
      json.value(issues.jsonRoom) { $0.write(issues) }
      json.endObject()
      json.endLine()
    }
  }
}

extension ClassifiedRecord {
  /// The room that the record's line needs.
  fileprivate var jsonRoom: Int {
    // Its keys, four numbers, a time and how the block ended.
    640 + JSONWriter.room(for: source) + (identity?.jsonRoom ?? 0) + record.jsonRoom
      + (record.gateList?.jsonRoom ?? 0) + record.extras.jsonRoom + record.issues.jsonRoom + verdict.jsonRoom
  }
}

extension OutputSpan<UInt8> {
  fileprivate mutating func write(_ item: ClassifiedRecord) {
    write(json: #"{"source":"#)
    write(item.source)
    write(json: #","line":"#)
    write(Int64(item.record.line))
    write(json: #","offset":"#)
    write(Int64(item.record.offset))
    write(json: #","block":"#)
    write(Int64(item.record.block))
    if let time = item.observedAt {
      write(json: #","observed_at":"#)
      write(time)
    }
    if let identity = item.identity {
      write(json: #","task":"#)
      write(identity)
    }
    write(json: #","grammar":"#)
    write(Int64(item.record.grammarVersion))
    write(json: #","end":"#)
    write(item.record.end.rawValue)
    write(json: #","record":"#)
    item.record.writeFields(to: &self)
    if let gates = item.record.gateList {
      write(json: #","gates":"#)
      write(gates)
    }
    if !item.record.extras.isEmpty {
      write(json: #","extras":"#)
      write(item.record.extras)
    }
    write(json: #","issues":"#)
    write(item.record.issues)
    write(json: #","verdict":"#)
    write(item.verdict)
    write(json: "}\n")
  }
}

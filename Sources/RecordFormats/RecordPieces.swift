import Diagnosis
import LogModel

/// The parts of a record's line of NDJSON, each with the room that it needs. CSV has some of them in its cells.
extension TaskIdentity {
  var jsonRoom: Int {
    200 + JSONWriter.room(for: dagID) + JSONWriter.room(for: runID) + JSONWriter.room(for: taskID)
  }
}

extension GateList {
  /// As a text.
  var jsonText: String { JSONWriter.text(.escaped) { $0.value(jsonRoom) { $0.write(self) } } }

  var jsonRoom: Int {
    var room = 2
    for index in 0..<count { room += JSONWriter.room(for: self[index].name) + 16 }
    return room
  }
}

extension [ExtraPair] {
  /// As a text.
  var jsonText: String { JSONWriter.text(.escaped) { $0.value(jsonRoom) { $0.write(self) } } }

  var jsonRoom: Int {
    reduce(2) { $0 + JSONWriter.room(for: $1.key) + JSONWriter.room(for: $1.text) + 2 }
  }
}

extension [GrammarIssue] {
  var jsonRoom: Int {
    var room = 2
    for issue in self {
      room += 256 + JSONWriter.room(for: issue.kind.rawValue)
      if let key = issue.key { room += JSONWriter.room(for: key) }
      if let raw = issue.raw { room += JSONWriter.room(for: raw) }
    }
    return room
  }
}

extension Verdict {
  var jsonRoom: Int {
    // The keys take 160 bytes. A code, a certainty, a severity and a layer's conclusion have at most 20 characters each.
    var room = 1024 + codes.count * 160 + (deltaPoints?.mostBytes ?? 0) + JSONWriter.room(for: explanation)
    for rule in notEvaluated {
      room += 64 + JSONWriter.room(for: rule.rule) + JSONWriter.room(for: rule.why)
      for key in rule.lacks { room += JSONWriter.room(for: key) + 1 }
    }
    return room
  }
}

extension OutputSpan<UInt8> {
  mutating func write(_ identity: TaskIdentity) {
    write(json: #"{"dag_id":"#)
    write(identity.dagID)
    write(json: #","run_id":"#)
    write(identity.runID)
    write(json: #","task_id":"#)
    write(identity.taskID)
    if let index = identity.mapIndex {
      write(json: #","map_index":"#)
      write(Int64(index))
    }
    write(json: #","try_number":"#)
    write(Int64(identity.tryNumber))
    write(json: "}")
  }

  /// Appends gates as an object, `{"f1":"pass"}`.
  mutating func write(_ gates: GateList) {
    write(json: "{")
    for index in 0..<gates.count {
      if index > 0 { write(json: ",") }
      let gate = gates[index]
      write(gate.name)
      write(json: gate.passed ? #":"pass""# : #":"fail""#)
    }
    write(json: "}")
  }

  /// Appends extras as an object, in the order logged.
  mutating func write(_ extras: [ExtraPair]) {
    write(json: "{")
    for index in extras.indices {
      if index > 0 { write(json: ",") }
      write(extras[index].key)
      write(json: ":")
      write(extras[index].text)
    }
    write(json: "}")
  }

  mutating func write(_ issues: [GrammarIssue]) {
    write(json: "[")
    for index in issues.indices {
      if index > 0 { write(json: ",") }
      write(issues[index])
    }
    write(json: "]")
  }

  private mutating func write(_ issue: GrammarIssue) {
    write(json: #"{"kind":"#)
    write(issue.kind.rawValue)
    if let key = issue.key {
      write(json: #","key":"#)
      write(key)
    }
    write(json: #","line":"#)
    write(Int64(issue.line))
    write(json: #","offset":"#)
    write(Int64(issue.offset))
    if let raw = issue.raw {
      write(json: #","raw":"#)
      write(raw)
    }
    if let block = issue.block {
      write(json: #","block":"#)
      write(Int64(block))
    }
    if let places = issue.places {
      write(json: #","places":"#)
      write(Int64(places))
    }
    write(json: "}")
  }

  mutating func write(_ verdict: Verdict) {
    write(json: #"{"taxonomy":"#)
    write(Int64(verdict.taxonomyVersion))
    if let primary = verdict.primary {
      write(json: #","primary":"#)
      write(primary.rawValue)
    }
    write(json: #","certainty":"#)
    write(verdict.certainty.rawValue)
    write(json: #","severity":"#)
    write(verdict.severity.rawValue)
    write(json: #","findings":["#)
    for index in 0..<verdict.codes.count {
      if index > 0 { write(json: ",") }
      write(verdict.codes[index].rawValue)
    }
    write(json: #"],"ml":"#)
    write(verdict.ml.text)
    write(json: #","execution":"#)
    write(verdict.execution.text)
    write(json: #","infra":"#)
    write(verdict.infra.text)
    if let points = verdict.deltaPoints {
      write(json: #","delta_points":"#)
      write(points)
    }
    write(json: #","not_evaluated":["#)
    for index in verdict.notEvaluated.indices {
      if index > 0 { write(json: ",") }
      write(verdict.notEvaluated[index])
    }
    write(json: #"],"explanation":"#)
    write(verdict.explanation)
    write(json: "}")
  }

  private mutating func write(_ rule: UnevaluatedRule) {
    write(json: #"{"rule":"#)
    write(rule.rule)
    write(json: #","lacks":["#)
    for index in rule.lacks.indices {
      if index > 0 { write(json: ",") }
      write(rule.lacks[index])
    }
    write(json: #"],"why":"#)
    write(rule.why)
    write(json: "}")
  }
}

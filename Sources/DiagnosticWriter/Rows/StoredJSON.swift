import Diagnosis
import LogModel

/// What a row holds as `jsonb`.
extension JSONWriter {
  /// Writes issues as the tables have them.
  mutating func issues(_ issues: [GrammarIssue]) {
    beginArray()
    for issue in issues {
      beginObject()
      member("kind", issue.kind.rawValue)
      member("key", issue.key)
      member("line", issue.line)
      member("byte_offset", issue.offset)
      member("raw", issue.raw)
      member("first_block", issue.block)
      member("places", issue.places)
      endObject()
    }
    endArray()
  }

  /// Writes gates as `{"f1":"pass"}`: the names of gates differ (1-correlation-data, Record), so an object loses nothing
  /// but their order.
  mutating func gates(_ gates: GateList) {
    beginObject()
    for index in 0..<gates.count {
      key(given: gates[index].name)
      value(gates[index].passed ? "pass" : "fail")
    }
    endObject()
  }

  /// Writes extras as `[["key","text"]]`: 1-correlation-data, Record keeps them in order.
  mutating func extras(_ extras: [ExtraPair]) {
    beginArray()
    for pair in extras { array([pair.key, pair.text]) }
    endArray()
  }

  /// Writes the rules that a verdict could not look at.
  mutating func notEvaluated(_ rules: [UnevaluatedRule]) {
    beginArray()
    for rule in rules {
      beginObject()
      member("rule", rule.rule)
      member("lacks", rule.lacks)
      member("why", rule.why)
      endObject()
    }
    endArray()
  }

  /// Writes the outcomes, and an unknown one for the log's own attempt where they lack it.
  mutating func outcomes(_ outcomes: [AttemptOutcome], of identity: TaskIdentity?) {
    beginArray()
    for attempt in outcomes { outcome(attempt) }
    if let identity { outcome(AttemptOutcome(identity: identity, outcome: TaskOutcome())) }
    endArray()
  }

  private mutating func outcome(_ attempt: AttemptOutcome) {
    beginObject()
    member("dag_id", attempt.identity.dagID)
    member("run_id", attempt.identity.runID)
    member("task_id", attempt.identity.taskID)
    member("map_index", attempt.identity.storedMapIndex)
    member("try_number", attempt.identity.tryNumber)
    member("state", attempt.outcome.state.rawValue)
    member("stated", attempt.outcome.isStated)
    member("started_at", attempt.outcome.start?.sqlText)
    member("ended_at", attempt.outcome.end?.sqlText)
    endObject()
  }
}

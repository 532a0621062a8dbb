import Diagnosis
import DiagnosticWriter
import LogModel

/// Writes the report of `state` as one line of JSON. Absent values are left out.
enum StateJSON {
  static func write(_ report: SupervisionReport, to output: inout StandardOutput) {
    var line: [UInt8] = []
    JSONWriter.append(to: &line) { json in
      json.beginObject()
      json.member("at", report.at.description)
      json.member("state", report.state.rawValue)
      json.member("since", report.since.description)
      json.member("reasons", report.reasons)
      json.key("conditions")
      json.beginArray()
      for condition in report.conditions { json.condition(condition) }
      json.endArray()
      json.key("next_steps")
      json.beginArray()
      for step in report.nextSteps { json.step(step) }
      json.endArray()
      json.key("signals")
      json.beginArray()
      for signal in report.signals { json.signal(signal) }
      json.endArray()
      json.endObject()
      json.endLine()
    }
    output.document(line)
  }
}

extension JSONWriter {
  fileprivate mutating func condition(_ condition: ConditionReading) {
    beginObject()
    member("condition", condition.condition)
    member("contributes", condition.contributes)
    member("status", condition.status)
    member("evidence", condition.evidence)
    member("bound", Taxonomy.current.conditions.first { $0.name == condition.condition }?.boundText)
    endObject()
  }

  fileprivate mutating func step(_ step: StateStep) {
    beginObject()
    member("condition", step.condition)
    member("next_step", step.text)
    member("playbook", step.playbook)
    member("alert", step.alert?.severity.rawValue)
    endObject()
  }

  fileprivate mutating func signal(_ signal: SignalReading) {
    beginObject()
    member("signal", signal.signal)
    member("scope", signal.scope)
    // The server's text of a numeric is a JSON number.
    member("value", json: signal.value)
    member("unit", signal.unit.isEmpty ? nil : signal.unit)
    member("status", signal.status)
    member("reason", signal.reason)
    member("observed_at", signal.observedAt?.description)
    endObject()
  }
}

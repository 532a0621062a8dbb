import Diagnosis
import DiagnosticWriter
import LogModel
import RecordFormats

/// The report of `state` as one line of JSON; absent values are left out.
enum StateJSON {
  static func append(_ report: SupervisionReport, to buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    object.member("at", text: report.at.description, &buffer)
    object.member("state", text: report.state.rawValue, &buffer)
    object.member("since", text: report.since.description, &buffer)
    object.member("reasons", array: report.reasons, &buffer) { JSONText.append($0, to: &$1) }
    object.member("conditions", array: report.conditions, &buffer, condition)
    object.member("signals", array: report.signals, &buffer, signal)
    object.end(&buffer)
    buffer += "\n".utf8
  }

  private static func condition(_ condition: ConditionReading, _ buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    object.member("condition", text: condition.condition, &buffer)
    object.member("contributes", text: condition.contributes, &buffer)
    object.member("status", text: condition.status, &buffer)
    object.member("evidence", text: condition.evidence, &buffer)
    object.end(&buffer)
  }

  private static func signal(_ signal: SignalReading, _ buffer: inout [UInt8]) {
    var object = JSONObjectWriter(&buffer)
    object.member("signal", text: signal.signal, &buffer)
    object.member("scope", text: signal.scope, &buffer)
    // The server's text of a numeric is a JSON number.
    object.member("value", number: signal.value, &buffer)
    object.member("unit", text: signal.unit.isEmpty ? nil : signal.unit, &buffer)
    object.member("status", text: signal.status, &buffer)
    object.member("reason", text: signal.reason, &buffer)
    object.member("observed_at", text: signal.observedAt?.description, &buffer)
    object.end(&buffer)
  }
}

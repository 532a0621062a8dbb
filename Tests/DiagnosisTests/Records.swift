import Diagnosis
import LogModel

/// A decimal from its digits. Test literals only: digits with at most one point and a leading minus.
func dec(_ text: String) -> ExactDecimal {
  var coefficient: Int128 = 0
  var scale = 0
  var seenPoint = false
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "-"): continue
    case UInt8(ascii: "."): seenPoint = true
    default:
      precondition((48...57).contains(byte), "not a decimal: \(text)")
      coefficient = coefficient * 10 + Int128(byte - 48)
      if seenPoint { scale += 1 }
    }
  }
  return ExactDecimal(coefficient: text.hasPrefix("-") ? -coefficient : coefficient, scale: scale)
}

/// A record with these fields, typed by their domain, and these issues.
func record(
  _ fields: KeyValuePairs<FieldKey, String>, issues: [GrammarIssue] = [], gates: [Gate]? = nil
) -> CorrelationRecord {
  record(from: fields.map { ($0.key, $0.value) }, issues: issues, gates: gates)
}

/// A record with these fields, typed by their domain, and these issues.
func record(
  from fields: [(FieldKey, String)], issues: [GrammarIssue] = [], gates: [Gate]? = nil
) -> CorrelationRecord {
  var record = CorrelationRecord(gates: gates, issues: issues)
  for (key, text) in fields { record[key] = value(of: key, text) }
  return record
}

private func value(of key: FieldKey, _ text: String) -> FieldValue {
  switch key.domain {
  case .name, .horizon, .phase: return .text(text)
  case .boolean: return .boolean(text == "true")
  case .count, .fold: return .integer(Int64(dec(text).coefficient))
  case .positiveDecimal, .fraction, .anyDecimal, .exitShare, .percentPoints: return .decimal(dec(text))
  }
}

/// An issue of a kind, about a field or about the block.
func issue(_ kind: IssueKind, _ key: FieldKey? = nil) -> GrammarIssue {
  GrammarIssue(kind: kind, key: key?.name, line: 1, offset: 0)
}

/// The verdict under the current taxonomy.
func verdict(_ record: CorrelationRecord) -> Verdict { Classifier().verdict(on: record) }

/// The verdict on a record of these fields.
func verdict(_ fields: KeyValuePairs<FieldKey, String>, issues: [GrammarIssue] = []) -> Verdict {
  verdict(record(fields, issues: issues))
}

/// What the rule of a code says of a record.
func state(_ code: DiagnosisCode, _ record: CorrelationRecord) -> RuleState? {
  let classifier = Classifier()
  return zip(classifier.taxonomy.rules, classifier.states(of: record)).first { $0.0.code == code }?.1
}

/// What the rule of a code says of a record of these fields.
func state(_ code: DiagnosisCode, _ fields: KeyValuePairs<FieldKey, String>) -> RuleState? {
  state(code, record(fields))
}

import CorrelationGrammar
import Diagnosis
import LogModel
import RecordFormats

/// Whether a record's values lie in the domains of 1-correlation-data, Record, and agree with its issues.
func checkValues(of record: CorrelationRecord) {
  for (key, value) in record.fields {
    check(isInDomain(value, of: key.domain), "\(key.name) is \(value)")
    check(
      !record.issues.contains { $0.key == key.name && $0.kind.makesFieldAbsent },
      "\(key.name) is there though \(record.issues)")
  }
  if record.issues.contains(where: { $0.kind.makesBlockAbsent }) {
    check(
      record.fields.isEmpty && record.gates == nil && record.extras.isEmpty,
      "values in a block whose values are absent: \(record.issues)")
  }
  if let gates = record.gates {
    check(!gates.isEmpty, "no gates, but not nil")
    check(Set(gates.map(\.name)).count == gates.count, "a gate twice: \(gates)")
    check(gates.allSatisfy { !$0.name.isEmpty }, "a gate without name: \(gates)")
  }
}

private func isInDomain(_ value: FieldValue, of domain: FieldDomain) -> Bool {
  switch (domain, value) {
  case (.name, .text(let text)):
    (1...128).contains(text.unicodeScalars.count) && !text.utf8.contains { " \t=,".utf8.contains($0) }
  case (.horizon, .text(let text)):
    text.first == "H" && (Int(text.dropFirst()).map { (1...99).contains($0) } ?? false)
      && text.utf8.dropFirst().first != UInt8(ascii: "0")
  case (.phase, .text(let text)): ["screening", "testing", "wfrb"].contains(text)
  case (.fold, .text(let text)): text == "all"
  case (.fold, .integer(let number)), (.count, .integer(let number)): number >= 0
  case (.positiveDecimal, .decimal(let number)): number > 0 && isRepresentable(number)
  case (.fraction, .decimal(let number)): number >= 0 && number <= 1
  case (.exitShare, .decimal(let number)), (.percentPoints, .decimal(let number)):
    number >= 0 && number <= 100 && isRepresentable(number)
  case (.anyDecimal, .decimal(let number)): isRepresentable(number)
  case (.boolean, .boolean): true
  default: false
  }
}

/// Less than 10^15, and at most 30 digits behind the point.
private func isRepresentable(_ number: ExactDecimal) -> Bool {
  number > -1_000_000_000_000_000 && number < 1_000_000_000_000_000 && number.scale <= 30
}

private let classifier = Classifier()

/// Whether every format writes the record as one line without control characters, and NDJSON as one object.
func checkOutput(of record: CorrelationRecord) {
  let item = ClassifiedRecord(
    source: "fuzz", identity: record.identity, observedAt: record.headerTime, record: record,
    verdict: classifier.verdict(on: record))
  for format in RecordFormat.allCases {
    var line: [UInt8] = []
    RecordPrinter(format).append(item, to: &line)
    checkLine(line, of: format)
  }
}

/// The same of the line for a source.
func checkOutput(ofSource issues: [GrammarIssue]) {
  var line: [UInt8] = []
  NDJSONFormat.appendSource("fuzz", status: "complete", issues: issues, to: &line)
  checkLine(line, of: .ndjson)
}

private func checkLine(_ line: [UInt8], of format: RecordFormat) {
  check(line.last == 0x0A, "\(format) does not end its line")
  let content = Array(line.dropLast())
  guard let text = String(validating: content, as: UTF8.self) else {
    return check(false, "\(format) is no UTF-8: \(content)")
  }
  check(content.allSatisfy { $0 >= 0x20 }, "\(format) lets control characters through: \(content)")
  if format == .ndjson {
    check(JSONReference.isObject(content), "NDJSON is no object: \(text)")
  } else {
    // What a terminal may show must not reach it as it is.
    check(PrintableText.escaped(text) == text, "\(format) lets control characters through: \(content)")
  }
}

import Diagnosis
import LogModel

/// Comma-separated values (RFC 4180) with a header line; lines end in LF.
enum CSVFormat {
  private struct Column: Sendable {
    var name: String
    var value: @Sendable (ClassifiedRecord) -> String?
  }

  private static let columns: [Column] =
    [
      Column(name: "source") { $0.source },
      Column(name: "line") { String($0.record.line) },
      Column(name: "offset") { String($0.record.offset) },
      Column(name: "block") { String($0.record.block) },
      Column(name: "observed_at") { $0.observedAt?.description },
      Column(name: "dag_id") { $0.identity?.dagID },
      Column(name: "run_id") { $0.identity?.runID },
      Column(name: "task_id") { $0.identity?.taskID },
      Column(name: "map_index") { $0.identity?.mapIndex.map(String.init) },
      Column(name: "try_number") { $0.identity.map { String($0.tryNumber) } },
      Column(name: "grammar") { String($0.record.grammarVersion) },
      Column(name: "end") { $0.record.end.rawValue },
    ] + FieldKey.allCases.map { key in Column(name: key.name) { text($0.record[key]) } } + [
      Column(name: "gates") { item in
        item.record.gates.map { gates in JSONWriter.text(.escaped) { $0.gates(gates) } }
      },
      Column(name: "extras") { item in
        item.record.extras.isEmpty ? nil : JSONWriter.text(.escaped) { $0.extras(item.record.extras) }
      },
      Column(name: "issues") { $0.record.issues.map(\.kind.rawValue).joined(separator: " ") },
      Column(name: "taxonomy") { String($0.verdict.taxonomyVersion) },
      Column(name: "primary") { $0.verdict.primary?.rawValue },
      Column(name: "certainty") { $0.verdict.certainty.rawValue },
      Column(name: "severity") { $0.verdict.severity.rawValue },
      Column(name: "findings") { $0.verdict.findings.map(\.rawValue).joined(separator: " ") },
      Column(name: "ml") { $0.verdict.ml.text },
      Column(name: "execution") { $0.verdict.execution.text },
      Column(name: "infra") { $0.verdict.infra.text },
      Column(name: "delta_points") { $0.verdict.deltaPoints?.description },
      Column(name: "not_evaluated") { $0.verdict.notEvaluated.map(\.rule).joined(separator: " ") },
      Column(name: "explanation") { $0.verdict.explanation },
    ]

  static func appendHead(to buffer: inout [UInt8]) {
    appendRow(columns.map(\.name), to: &buffer)
  }

  static func append(_ item: ClassifiedRecord, to buffer: inout [UInt8]) {
    appendRow(columns.map { $0.value(item) ?? "" }, to: &buffer)
  }

  private static func appendRow(_ cells: [String], to buffer: inout [UInt8]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { buffer.append(UInt8(ascii: ",")) }
      let cell = PrintableText.escaped(cell)
      if cell.utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") }) {
        buffer.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
          if byte == UInt8(ascii: "\"") { buffer.append(byte) }
          buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
      } else {
        buffer += cell.utf8
      }
    }
    buffer.append(0x0A)
  }

  private static func text(_ value: FieldValue?) -> String? {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    case .decimal(let number): number.description
    case .boolean(let flag): String(flag)
    case nil: nil
    }
  }
}

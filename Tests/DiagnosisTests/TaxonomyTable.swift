import Diagnosis

/// The taxonomy as the Markdown table of `docs/diagnosis.md`.
func markdownTable(of taxonomy: Taxonomy) -> String {
  var lines = [
    "Version \(taxonomy.version):", "",
    "| | code | layer | applies to | triggers when | severity | meaning | next step | section |",
    "|---|---|---|---|---|---|---|---|---|",
  ]
  for (index, rule) in taxonomy.rules.enumerated() {
    let records =
      switch rule.applicability {
      case .anyInput: "any input"
      case .testedStrategy: "strategy"
      case .summary: "summary"
      }
    let cells = [
      "\(index + 1)", rule.code.rawValue, rule.layer.rawValue, records, "`\(rule.condition.text)`",
      rule.severity.text, rule.meaning, rule.nextStep, rule.playbook ?? "",
    ]
    lines.append("| \(cells.joined(separator: " | ")) |")
  }
  return lines.joined(separator: "\n")
}

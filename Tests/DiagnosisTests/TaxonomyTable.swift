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

/// The golden signals as the Markdown table of `docs/diagnosis.md`.
func markdownSignals(of taxonomy: Taxonomy) -> String {
  var lines = ["| signal | per | unit | value | warning | critical |", "|---|---|---|---|---|---|"]
  for signal in taxonomy.signals {
    let bounds = { (status: SignalBound.Status) in
      signal.bounds.filter { $0.status == status }.map { "`\($0.text)`" }.joined(separator: " or ")
    }
    let cells = [
      signal.name, signal.scope.rawValue, signal.unit, signal.meaning, bounds(.warning), bounds(.critical),
    ]
    lines.append("| \(cells.joined(separator: " | ")) |")
  }
  return lines.joined(separator: "\n")
}

/// The conditions and settings of the global state as the Markdown tables of `docs/diagnosis.md`.
func markdownConditions(of taxonomy: Taxonomy) -> String {
  let conditions = taxonomy.conditions.map { "| \($0.name) | \($0.contributes.rawValue) | \($0.meaning) |" }
  let settings = taxonomy.settings.map { "| `\($0.name)` | \($0.value) | \($0.meaning) |" }
  return
    (["| condition | state | triggers when |", "|---|---|---|"] + conditions
    + ["", "| setting | value | meaning |", "|---|---|---|"] + settings).joined(separator: "\n")
}

/// What the playbooks say in figures, as the Markdown table of `docs/diagnosis.md`.
func markdownPlaybooks(of taxonomy: Taxonomy) -> String {
  let rows = taxonomy.playbooks.map { playbook in
    let settings = playbook.rerun.map { setting in
      let value = setting.value ?? "each horizon of the run \(setting.longer ?? 0) longer"
      return "`\(setting.parameter)` \(value)" + (setting.finding.map { " with \($0.rawValue)" } ?? "")
    }
    return
      "| \(playbook.code.rawValue) | \(playbook.exitText.map { "`\($0)`" } ?? "") | \(playbook.escalation ?? "") | \(settings.joined(separator: "; ")) |"
  }
  return
    (["| code | over when | escalated to | next discovery |", "|---|---|---|---|"] + rows).joined(
      separator: "\n")
}

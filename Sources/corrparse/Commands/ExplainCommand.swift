import ArgumentParser
import Diagnosis
import SystemPackage

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a code means: its condition, severity and next step.",
    discussion: """
      Examples:
        corrparse explain
        corrparse explain EXECUTION_MISMATCH
      """)

  @Argument(help: "A code of the taxonomy; none: all of them.")
  var code: String?

  func run() throws {
    var output = StandardOutput()
    let taxonomy = Taxonomy.current
    if let code {
      guard let known = DiagnosisCode(rawValue: code.uppercased()), let rule = taxonomy[known] else {
        throw ValidationError(
          "there is no code \(code); the codes are "
            + taxonomy.rules.map(\.code.rawValue).joined(separator: ", "))
      }
      output.buffer += Self.text(rule, taxonomy).utf8
    } else {
      output.buffer += taxonomy.rules.map { Self.text($0, taxonomy) }.joined(separator: "\n").utf8
    }
    try output.closeOrExit()
  }

  private static func text(_ rule: Rule, _ taxonomy: Taxonomy) -> String {
    """
    \(rule.code.rawValue)
      meaning    \(rule.meaning)
      condition  \(rule.condition.text)
      layer      \(rule.layer.rawValue)
      severity   \(rule.severity.text)
      next step  \(rule.nextStep)\(rule.playbook.map { "\n  playbook   manual, section \($0)" } ?? "")
      taxonomy   version \(taxonomy.version)

    """
  }
}

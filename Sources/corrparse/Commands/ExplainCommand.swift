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

  @Argument(
    help: "A code of the taxonomy; none: all of them.",
    completion: .list(Taxonomy.current.rules.map(\.code.rawValue)))
  var code: String?

  func validate() throws { _ = try rules() }

  func run() throws {
    var output = StandardOutput()
    output.document(try rules().map { Self.text($0, Taxonomy.current) }.joined(separator: "\n").utf8)
    try output.closeOrExit()
  }

  /// The rules to explain: the one of the code, or all.
  private func rules() throws -> [Rule] {
    let all = Taxonomy.current.rules
    guard let code else { return all }
    guard let known = DiagnosisCode(rawValue: code.uppercased()), let rule = Taxonomy.current[known] else {
      throw ValidationError(
        "there is no code \(code); the codes are " + all.map(\.code.rawValue).joined(separator: ", "))
    }
    return [rule]
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

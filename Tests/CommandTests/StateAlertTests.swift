import Diagnosis
import TestSupport
import Testing

@testable import corrparse

/// `state` answers what would alert now, and past which bound a number is.
@Suite struct StateAlertTests {
  /// The rules of Grafana that a condition of the global state raises, by its name: severity and role.
  private static func rules() throws -> [String: [String]] {
    var rules: [String: [String]] = [:]
    for file in ["p0", "p1", "p2", "p3", "corrparse"] {
      let path = "grafana/provisioning/alerting/\(file).yaml"
      let text = String(decoding: try #require(Files.bytes(Repository.path(path))), as: UTF8.self)
      for labels in text.matches(of: /\n {8}labels:\n((?: {10}.*\n)+)/) {
        let pairs = labels.output.1.matches(of: /(\w+): "(.*)"/).map {
          (String($0.output.1), String($0.output.2))
        }
        let values = Dictionary(pairs) { first, _ in first }
        guard let condition = values["condition"] else { continue }
        rules[condition] = [values["severity"] ?? "", values["role"] ?? ""]
      }
    }
    return rules
  }

  @Test func `the alert of a condition is the one that Grafana has`() throws {
    var told: [String: [String]] = [:]
    for condition in Taxonomy.current.conditions {
      guard let alert = condition.alert else { continue }
      told[condition.name] = [alert.severity.rawValue, alert.role.lowercased().replacing(" ", with: "-")]
    }
    let rules = try Self.rules()
    #expect(rules.count > 5)
    #expect(told == rules)
  }

  /// 91 % stood there, and nobody knew of what.
  @Test func `a triggered condition says its bound and its alert`() throws {
    let database = try CommandDatabase()
    try database.execute(
      """
      INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct)
      VALUES ('2026-03-28T12:00:00Z', 'o', 0, 0, 91, 10)
      """)
    let outcome = try database.run("state", "--at", "2026-03-28T12:30:00Z")
    #expect(outcome.status == 2)
    let evidence = "oom_kills 0, pods_down 0, pvc_pct 91, cpu_pct 10; last seen 2026-03-28T12:00:00Z by o"
    #expect(
      outcome.text.contains(
        "  RED     infra_critical         \(evidence); bound: oom_kills > 2 or pvc_pct > 85 or pods_down > 0\n"
      ),
      "\(outcome.text)")
    #expect(
      outcome.text.contains("    docs/operations.md#infra_critical\n    alert: P0, the platform owner\n"),
      "\(outcome.text)")
    let json = try database.run("state", "--at", "2026-03-28T12:30:00Z", "--format", "json").text
    #expect(json.contains(#""bound":"oom_kills > 2 or pvc_pct > 85 or pods_down > 0""#))
    #expect(json.contains(#""playbook":"docs/operations.md#infra_critical","alert":"P0""#))
  }

  @Test func `a condition that calls nobody says so`() throws {
    let outcome = try Program.run("explain", "crypto_stale")
    #expect(outcome.text.contains("\n  bound      model_freshness > 7\n"), "\(outcome.text)")
    #expect(outcome.text.contains("\n  alert      none\n"))
    #expect(
      try Program.run("explain", "no_useful_strategy").text.contains(
        "\n  alert      P1, the MLOps maintainer\n"))
  }
}

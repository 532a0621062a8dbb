import Diagnosis
import DiagnosticWriter

/// What to do about the global state.
struct StateStep {
  /// The condition that asks for it; nil for the state as a whole.
  let condition: String?
  /// What to do.
  let text: String
  /// Where more is said; nil where nothing is.
  let playbook: String?
  /// The alert that the condition raises; nil where nobody is called.
  var alert: ConditionAlert?
}

/// Whom Grafana calls for a condition (`grafana/provisioning/alerting`, which a test holds this against).
struct ConditionAlert: Hashable {
  let severity: Severity
  let role: String

  /// `P2, the ML owner`.
  var text: String { "\(severity.rawValue), the \(role)" }
}

extension SupervisionReport {
  /// What to do now: of each condition that is triggered, worst first; else of what is unknown.
  var nextSteps: [StateStep] {
    let triggered = conditions.filter { $0.status == "triggered" }
    if triggered.isEmpty {
      let unknown = conditions.filter { $0.status == "unknown" }.map(\.condition)
      guard !unknown.isEmpty else {
        return [
          StateStep(
            condition: nil, text: "Normal operation.", playbook: "docs/operations.md#morning-check")
        ]
      }
      return [
        StateStep(
          condition: nil,
          text: "Have observed what is unknown: \(unknown.joined(separator: ", ")).",
          playbook: "docs/operations.md#global-state")
      ]
    }
    var steps = triggered.map { reading in
      let condition = Taxonomy.current.conditions.first { $0.name == reading.condition }
      return StateStep(
        condition: reading.condition, text: condition?.nextStep ?? "",
        playbook: "docs/operations.md#\(reading.condition)", alert: condition?.alert)
    }
    steps.append(
      StateStep(
        condition: nil, text: "corrparse next says what to do for each crypto.", playbook: nil))
    return steps
  }
}

extension SupervisionReport {
  /// The worse condition that is triggered by the same figure as a clear condition; nil where no worse one is triggered. A success rate of
  /// 50 % triggers success_rate_critical, and success_rate_low is clear.
  func triggeredInPlace(of condition: ConditionReading) -> String? {
    let worse = "success_rate_critical"
    guard condition.condition == "success_rate_low",
      conditions.contains(where: { $0.condition == worse && $0.status == "triggered" })
    else { return nil }
    return worse
  }
}

extension StateCondition {
  /// The alert that it raises.
  var alert: ConditionAlert? {
    switch name {
    case "infra_critical": ConditionAlert(severity: .p0, role: "platform owner")
    case "success_rate_critical", "no_passing_candidates", "no_useful_strategy":
      ConditionAlert(severity: .p1, role: "MLOps maintainer")
    case "success_rate_low": ConditionAlert(severity: .p2, role: "MLOps maintainer")
    case "core_crypto_stale", "sortino_negative": ConditionAlert(severity: .p2, role: "ML owner")
    default: nil
    }
  }

  /// What to do when it is triggered; docs/operations.md says more under its name.
  var nextStep: String {
    switch name {
    case "infra_critical": "Escalate to the platform owner at once (INFRA_SATURATED)."
    case "success_rate_critical":
      "Within the hour find the step that blocks, and in which DAG (PIPELINE_DEGRADED)."
    case "no_passing_candidates":
      "Three runs in a row without a candidate: see which gates reject them (NO_CANDIDATES)."
    case "core_crypto_stale":
      "The ML owner, within the day: launch a discovery for the group btc-core, and read what its last runs found."
    case "no_useful_strategy":
      "See whether runs and ingests work, then which gates reject the candidates (NO_CANDIDATES)."
    case "success_rate_low": "Watch; find the step that fails (PIPELINE_DEGRADED)."
    case "sortino_negative":
      "The crypto loses money run after run: look at its exit shares (EXECUTION_MISMATCH)."
    case "crypto_stale":
      "When there is time: launch a discovery for its group, and read what its last runs found."
    // A condition of a later taxonomy.
    default: meaning
    }
  }
}

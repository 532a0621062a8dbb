public import LogModel

/// What the manual's playbook (section 9) says of a code beyond its next step: when the incident is over, to whom it is escalated, and with
/// what the next discovery is launched.
///
/// The database's reference tables are filled from it. `diagnostics.next_step_v1` applies it to the last runs, and nothing else does.
public struct Playbook: Sendable, Hashable {
  /// The code.
  public let code: DiagnosisCode
  /// The incident is over when one of these is reached; empty where the manual names no criterion.
  public let exit: [ExitBound]
  /// Who decides when the criterion was not reached in `recurrent_runs` runs in a row; nil where there is no criterion.
  public let escalation: String?
  /// With what the next discovery is launched; empty where the manual names no configuration.
  public let rerun: [RerunSetting]

  /// The criterion as docs and `corrparse explain` print it; nil where the playbook names no criterion.
  public var exitText: String? {
    exit.isEmpty ? nil : exit.map(\.text).joined(separator: " or ")
  }
}

/// One part of an exit criterion.
public struct ExitBound: Sendable, Hashable {
  /// What is compared, of the crypto's best strategy in its last run: `sortino`, `sl_pct`, `delta`; of the run: `passed`.
  public let input: String
  /// On which side of the bound the criterion is reached.
  public let comparison: SignalBound.Comparison
  /// The bound, in the input's unit.
  public let value: ExactDecimal

  /// `sl_pct < 40`.
  public var text: String { "\(input) \(comparison.rawValue) \(value)" }
}

/// A parameter of the next discovery's configuration (manual, section 6.2).
public struct RerunSetting: Sendable, Hashable {
  /// The finding of the best strategy with which the parameter is set; nil: always.
  public let finding: DiagnosisCode?
  /// The key in the configuration.
  public let parameter: String
  /// The value as JSON; nil where it is made from the run's own.
  public let value: String?
  /// By how much each horizon of the run becomes longer; nil where the value is given.
  public let longer: Int?
}

extension Taxonomy {
  /// The playbooks with figures, in the order of the rules.
  static let playbooks: [Playbook] = {
    let envelope = [bound("sortino", .over, .zero), bound("sl_pct", .under, 40)]
    let exits = [
      RerunSetting(finding: .slTooTight, parameter: "sl_range", value: #""1.2,1.5,1.8,2.0""#, longer: nil),
      RerunSetting(finding: .tpTooAmbitious, parameter: "tp_range", value: #""1.5,2.0,2.5""#, longer: nil),
      RerunSetting(finding: .horizonTooShort, parameter: "horizons", value: nil, longer: 1),
    ]
    return [
      Playbook(
        code: .noCandidates, exit: [bound("passed", .atLeast, 1)], escalation: mlOwner,
        rerun: [
          given("horizons", #""H1,H2,H3,H4,H5,H6""#), given("sl_range", #""0.8,1.0,1.2,1.5""#),
          given("tp_range", #""1.5,2.0,2.5,3.0""#), given("hpo_trials", "50"), given("backtest_days", "60"),
        ]),
      Playbook(
        code: .mlUseless, exit: [bound("delta", .over, ExactDecimal(coefficient: 15, scale: 2))],
        escalation: mlOwner, rerun: []),
      Playbook(code: .executionMismatch, exit: envelope, escalation: mlOwner, rerun: exits),
      // Their next step is to verify the execution: the same exit shares say with what to rerun.
      Playbook(code: .mlExploitable, exit: [], escalation: nil, rerun: exits),
      Playbook(code: .mlSolid, exit: [], escalation: nil, rerun: exits),
      Playbook(code: .slTooTight, exit: envelope, escalation: mlOwner, rerun: exits),
      Playbook(code: .tpTooAmbitious, exit: envelope, escalation: mlOwner, rerun: exits),
      Playbook(code: .horizonTooShort, exit: envelope, escalation: mlOwner, rerun: exits),
    ]
  }()

  private static let mlOwner = "ML owner"

  private static func bound(
    _ input: String, _ comparison: SignalBound.Comparison, _ value: ExactDecimal
  ) -> ExitBound {
    ExitBound(input: input, comparison: comparison, value: value)
  }

  private static func given(_ parameter: String, _ value: String) -> RerunSetting {
    RerunSetting(finding: nil, parameter: parameter, value: value, longer: nil)
  }

  /// The playbook of a code; nil where the manual has no figures for it.
  public func playbook(of code: DiagnosisCode) -> Playbook? {
    playbooks.first { $0.code == code }
  }
}

import LogModel

extension Taxonomy {
  /// Version 1: the manual's version 3.0 of 2026-03-28, with its thresholds.
  static let version1 = Taxonomy(version: 1, thresholds: Thresholds())

  /// The manual's rules, in the order of 3-classification, Rules, with these thresholds.
  public init(version: Int, thresholds: Thresholds) {
    self.init(
      version: version,
      rules: Self.platformRules(thresholds) + Self.strategyRules(thresholds) + Self.exitRules(thresholds),
      thresholds: thresholds)
  }

  /// What invalidates everything else: the platform, the pipeline, the run.
  private static func platformRules(_ limits: Thresholds) -> [Rule] {
    [
      Rule(
        .infraSaturated, layer: .infra, applicability: .anyInput,
        condition: .anyPresent([
          .over(.field(.oomKills), limits.oomKills), .over(.field(.pvcPct), limits.pvcPercent),
          .over(.field(.cpuPct), limits.cpuPercent),
        ]),
        severity: .lowered(.p0, to: .p1, whenOnly: .cpuPct),
        color: "#8B0000",
        meaning: "The platform is saturated: pods killed for memory, a full volume, or CPU at its limit.",
        nextStep: """
          Find the pod in Grafana, Infra Monitoring, and compare its memory with its limits. A single OOM kill: \
          rerun; repeated ones: raise the memory limits in the Helm values. Volume over \(limits.pvcPercent) %: \
          clean up old artifacts (MLflow, S3).
          """,
        escalation: "Escalate to the platform owner.", playbook: "9.4"),
      Rule(
        .pipelineDegraded, layer: .infra, applicability: .anyInput,
        condition: .under(.field(.successRate), limits.successRate), severity: .fixed(.p1),
        color: "#E02F44",
        meaning: "The pipeline is degraded: too many of its runs fail.",
        nextStep: "Find the blocking step in Airflow."),
      Rule(
        .noCandidates, layer: .run, applicability: .summary,
        condition: .all([
          .equal(.field(.nPassed), .zero), .over(.field(.nCandidates), .zero), .notFalse(.complete),
        ]),
        severity: .fixed(.p1),
        color: "#FF780A",
        meaning: "No viable strategy: a complete run passed none of its candidates.",
        nextStep: """
          Look at the rejection reasons in Grafana, Testing & Backtest: all by sortino, see 9.1; all by n_trades, \
          the model is too conservative (theta too high); all by f1, see 9.2. Rerun with a wider grid (more \
          horizons, wider ATR ranges) or try another crypto of the group.
          """,
        playbook: "9.3"),
    ]
  }

  /// What the model is worth, and whether the envelope lets it earn.
  private static func strategyRules(_ limits: Thresholds) -> [Rule] {
    [
      level(
        .mlUseless, .atMost(.delta, .zero), .p2,
        color: "#5B2A86",
        meaning: "The model has no predictive value: it is no better than always predicting BUY.",
        nextStep: """
          Check buy_rate first: over 0.5 the problem is the labels. Then action_rate and other cryptos of the same \
          run; try another horizon, review the HPO objective, last of all the features.
          """,
        escalation: "Escalate to the ML owner.", playbook: "9.2"),
      Rule(
        .screeningOverfit, layer: .ml, applicability: .testedStrategy,
        condition: .over(.screeningGap, limits.screeningGap), severity: .fixed(.p2),
        color: "#8F3BB8",
        meaning: "Screening and testing diverge: the screening result does not hold on the last fold.",
        nextStep: "Compare the same metric over the same period (ADR-28, ADR-29)."),
      Rule(
        .mlUnstable, layer: .ml, applicability: .testedStrategy,
        condition: .over(.field(.stdF1Buy), limits.foldDeviation), severity: .fixed(.p2),
        color: "#B877D9",
        meaning: "The model is unstable between periods.",
        nextStep: "Inspect the folds one by one."),
      level(
        .mlMarginal, .between(.delta, over: .zero, atMost: limits.marginalGain), .p3,
        color: "#8AB8FF",
        meaning: "The gain over the baseline is too small to survive execution.",
        nextStep: """
          No action of its own: execution is worth verifying once the gain is over \
          \(limits.marginalGain.shifted(by: 2)) pts.
          """),
      Rule(
        .executionMismatch, layer: .execution, applicability: .testedStrategy,
        condition: .all([.over(.delta, limits.marginalGain), .under(.field(.sortino), .zero)]),
        severity: .fixed(.p2),
        color: "#C4A000",
        meaning: "Unfavourable envelope: the model finds the BUYs, but the trades lose money.",
        nextStep: """
          Look at the exit shares, compare the ATR ranges of passed and failed strategies, and see whether other \
          cryptos show the same.
          """,
        escalation: "Escalate to the ML owner after three attempts without improvement.", playbook: "9.1"),
      level(
        .mlExploitable, .between(.delta, over: limits.marginalGain, atMost: limits.exploitableGain), .none,
        color: "#73BF69",
        meaning: "The signal is exploitable if the envelope is favourable.",
        nextStep: "Verify execution: Sortino, then the exit shares."),
      level(
        .mlSolid, .over(.delta, limits.exploitableGain), .none,
        color: "#19730E",
        meaning: "The signal is solid.",
        nextStep: "Verify execution: Sortino, then the exit shares."),
    ]
  }

  /// What explains an EXECUTION_MISMATCH.
  private static func exitRules(_ limits: Thresholds) -> [Rule] {
    [
      Rule(
        .slTooTight, layer: .execution, applicability: .testedStrategy,
        condition: .over(.field(.slPct), limits.stopLossShare), severity: .fixed(.p2),
        color: "#A0522D",
        meaning: "The stop-loss is probably too tight (the leading hypothesis: a suspicion, not a proof).",
        nextStep: "Rerun with sl_range 1.2,1.5,1.8,2.0.", playbook: "9.1"),
      Rule(
        .tpTooAmbitious, layer: .execution, applicability: .testedStrategy,
        condition: .under(.field(.tpPct), limits.takeProfitShare), severity: .fixed(.p2),
        color: "#D2956A",
        meaning: "The take-profit is too ambitious.",
        nextStep: "Rerun with a lower tp_range: 1.5,2.0,2.5.", playbook: "9.1"),
      Rule(
        .horizonTooShort, layer: .execution, applicability: .testedStrategy,
        condition: .over(.field(.timeoutPct), limits.timeoutShare), severity: .fixed(.p2),
        color: "#FADE2A",
        meaning: "The horizon is too short.",
        nextStep: "Rerun with longer horizons.", playbook: "9.1"),
    ]
  }

  /// One of the four ML levels, which exclude each other and are evaluable together or not at all.
  private static func level(
    _ code: DiagnosisCode, _ condition: Condition, _ severity: Severity, color: String, meaning: String,
    nextStep: String, escalation: String? = nil, playbook: String? = nil
  ) -> Rule {
    Rule(
      code, layer: .ml, applicability: .testedStrategy, condition: condition, severity: .fixed(severity),
      color: color, meaning: meaning, nextStep: nextStep, escalation: escalation, playbook: playbook,
      entry: "ML_LEVEL")
  }
}

import LogModel

extension Taxonomy {
  /// The golden signals, in the order of 3-classification, Golden signals.
  static func signals(_ limits: Thresholds) -> [GoldenSignal] {
    platformSignals(limits) + modelSignals(limits)
  }

  private static func platformSignals(_ limits: Thresholds) -> [GoldenSignal] {
    [
      GoldenSignal(
        name: "infra_health", scope: .platform, unit: "",
        meaning:
          "of each origin the latest of the last \(limits.observationHours) h, the worst of the origins; OOM kills over 24 h",
        bounds: [
          warning("oom_kills", .atLeast, limits.oomKillsWarning),
          critical("oom_kills", .over, limits.oomKills),
          warning("cpu_pct", .over, limits.cpuPercentWarning), critical("pvc_pct", .over, limits.pvcPercent),
          critical("pods_down", .over, limits.podsDown),
        ]),
      GoldenSignal(
        name: "pipeline_success_rate", scope: .dagAndAll, unit: "%",
        meaning:
          "successful among finished runs in \(limits.successRateDays) days; runs of unknown outcome bound it",
        bounds: [
          warning("pipeline_success_rate", .atMost, limits.successRateWarning),
          critical("pipeline_success_rate", .under, limits.successRate),
        ]),
      GoldenSignal(
        name: "pipeline_latency", scope: .dag, unit: "s",
        meaning: """
          duration of the last finished run against the p\(limits.latencyPercentile) of the successful runs before it in \
          \(limits.latencyDays) days, at least \(limits.latencyRuns)
          """,
        bounds: [
          warning("p95", .over, limits.latencyFactorWarning), critical("p95", .over, limits.latencyFactor),
          warning("duration", .over, limits.latencySeconds),
        ]),
    ]
  }

  private static func modelSignals(_ limits: Thresholds) -> [GoldenSignal] {
    [
      crypto(
        "f1_buy_delta_vs_baseline", "pts", "f1_buy - baseline_f1_buy of the best strategy in its last run",
        .under, limits.gainWarning, .atMost, .zero),
      crypto(
        "screening_testing_gap", "", "screening_f1_buy - last_fold_f1_buy of the same strategy",
        .over, limits.screeningGapWarning, .over, limits.screeningGap),
      crypto(
        "std_f1_buy", "", "of the same strategy",
        .atLeast, limits.foldDeviationWarning, .over, limits.foldDeviation),
      crypto(
        "sortino", "", "of the same strategy; absent without trades", .atMost, limits.sortinoWarning, .under,
        .zero),
      crypto(
        "sl_pct", "%", "of the same strategy; absent without trades",
        .atLeast, limits.stopLossShareWarning, .over, limits.stopLossShare),
      crypto(
        "timeout_pct", "%", "of the same strategy; absent without trades",
        .atLeast, limits.timeoutShareWarning, .over, limits.timeoutShare),
      crypto(
        "model_freshness", "d", "days since its last useful strategy; never: since its first record",
        .over, limits.staleDays, .over, limits.coreStaleDays),
      crypto(
        "challenger_count", "",
        "versions of its registered models that wait for approval, by an observation at most \(limits.registryHours) h old",
        .over, limits.challengersWarning, .over, limits.challengers),
    ]
  }

  /// The conditions of the global state, in the order of 3-classification, Global state: worst first.
  static func conditions(_ limits: Thresholds) -> [StateCondition] {
    let signals = signals(limits)
    func bounds(_ name: String, _ status: SignalBound.Status) -> [SignalBound] {
      signals.filter { $0.name == name }.flatMap { $0.bounds.filter { $0.status == status } }
    }
    return [
      StateCondition(
        name: "infra_critical", contributes: .red,
        meaning: "infra_health is critical, by observations at most \(limits.observationHours) h old",
        bounds: bounds("infra_health", .critical)),
      StateCondition(
        name: "success_rate_critical", contributes: .orange,
        meaning: "pipeline_success_rate of all DAGs < \(limits.successRate) %",
        bounds: bounds("pipeline_success_rate", .critical)),
      StateCondition(
        name: "no_passing_candidates", contributes: .orange,
        meaning:
          "the last \(limits.recurrentRuns) finished runs of a test DAG, or of all of them, all passed 0 of their candidates"
      ),
      StateCondition(
        name: "core_crypto_stale", contributes: .orange,
        meaning:
          "a crypto of group \(coreGroup) without a useful strategy for > \(limits.coreStaleDays) days",
        bounds: bounds("model_freshness", .critical)),
      StateCondition(
        name: "no_useful_strategy", contributes: .orange,
        meaning: "no useful strategy in the whole universe for > \(limits.noUsefulDays) days"),
      StateCondition(
        name: "success_rate_low", contributes: .yellow,
        meaning: "pipeline_success_rate of all DAGs \(limits.successRate) … \(limits.successRateWarning) %",
        bounds: bounds("pipeline_success_rate", .warning)),
      StateCondition(
        name: "sortino_negative", contributes: .yellow,
        meaning:
          "a crypto whose best strategy's Sortino was negative in each of its last \(limits.recurrentRuns) runs",
        bounds: bounds("sortino", .critical)),
      StateCondition(
        name: "crypto_stale", contributes: .yellow,
        meaning: "a crypto of another group without a useful strategy for > \(limits.staleDays) days",
        bounds: bounds("model_freshness", .warning)),
    ]
  }

  /// The windows and counts.
  static func settings(_ limits: Thresholds) -> [SupervisionSetting] {
    [
      hours(
        "settle_hours", limits.settleHours, "a run is final when none of its tasks has ended for so long"),
      hours(
        "silent_hours", limits.silentHours, "how long a task whose log tells no outcome counts as running"),
      hours("waiting_hours", limits.waitingHours, "how long a task that waits for a retry counts as running"),
      hours("pause_hours", limits.pauseHours, "a longer pause is not part of a run's duration"),
      hours("observation_hours", limits.observationHours, "how old an infra observation may be"),
      hours(
        "registry_hours", limits.registryHours, "how old an observation of a model registry may be"),
      hours("success_rate_hours", limits.successRateDays.hours, "the window of pipeline_success_rate"),
      hours("latency_hours", limits.latencyDays.hours, "the window of pipeline_latency"),
      hours(
        "no_useful_hours", limits.noUsefulDays.hours, "how long the universe may be without a useful strategy"
      ),
      SupervisionSetting(
        name: "latency_runs", value: "\(limits.latencyRuns)", meaning: "how many runs a p95 needs"),
      SupervisionSetting(
        name: "latency_percentile", value: "\(limits.latencyPercentile)", meaning: "which percentile that is"),
      SupervisionSetting(
        name: "recurrent_runs", value: "\(limits.recurrentRuns)",
        meaning: "how many runs in a row are recurrent"),
      SupervisionSetting(name: "core_group", value: coreGroup, meaning: "the group of the core cryptos"),
    ]
  }

  /// The group of the core cryptos (manual, section 11).
  private static let coreGroup = "btc-core"

  private static func hours(_ name: String, _ value: ExactDecimal, _ meaning: String) -> SupervisionSetting {
    SupervisionSetting(name: name, value: "\(value)", meaning: meaning)
  }

  private static func crypto(
    _ name: String, _ unit: String, _ meaning: String, _ warningSide: SignalBound.Comparison,
    _ warningBound: ExactDecimal, _ criticalSide: SignalBound.Comparison, _ criticalBound: ExactDecimal
  ) -> GoldenSignal {
    GoldenSignal(
      name: name, scope: .crypto, unit: unit, meaning: meaning,
      bounds: [warning(name, warningSide, warningBound), critical(name, criticalSide, criticalBound)])
  }

  private static func warning(
    _ input: String, _ comparison: SignalBound.Comparison, _ value: ExactDecimal
  ) -> SignalBound {
    SignalBound(input: input, status: .warning, comparison: comparison, value: value)
  }

  private static func critical(
    _ input: String, _ comparison: SignalBound.Comparison, _ value: ExactDecimal
  ) -> SignalBound {
    SignalBound(input: input, status: .critical, comparison: comparison, value: value)
  }
}

extension ExactDecimal {
  /// A number of days in hours; a day has 24 of them, whatever clocks do.
  fileprivate var hours: ExactDecimal { ExactDecimal(coefficient: coefficient * 24, scale: scale) }
}

public import LogModel

/// The thresholds of the manual, of rules, golden signals and global state. Each stands here once, whatever number of
/// them use it.
public struct Thresholds: Sendable, Hashable {
  /// INFRA_SATURATED, and infra_health critical: more OOM kills than this.
  public var oomKills: ExactDecimal = 2
  /// INFRA_SATURATED, and infra_health critical: a volume fuller than this, in percent.
  public var pvcPercent: ExactDecimal = 85
  /// INFRA_SATURATED: more CPU than this, in percent.
  public var cpuPercent: ExactDecimal = 90
  /// PIPELINE_DEGRADED, and pipeline_success_rate critical: a lower success rate than this, in percent.
  public var successRate: ExactDecimal = 70
  /// SCREENING_OVERFIT, and screening_testing_gap critical: a wider gap between screening and last fold than this, in
  /// units of F1.
  public var screeningGap = ExactDecimal(coefficient: 30, scale: 2)
  /// ML_UNSTABLE, and std_f1_buy critical: a greater deviation between folds than this, in units of F1.
  public var foldDeviation = ExactDecimal(coefficient: 10, scale: 2)
  /// The gain over the baseline up to which a model is ML_MARGINAL, in units of F1.
  public var marginalGain = ExactDecimal(coefficient: 5, scale: 2)
  /// The gain over the baseline up to which a model is ML_EXPLOITABLE, above it ML_SOLID, in units of F1.
  public var exploitableGain = ExactDecimal(coefficient: 10, scale: 2)
  /// SL_TOO_TIGHT, and sl_pct critical: a greater share of stop-loss exits than this, in percent.
  public var stopLossShare: ExactDecimal = 50
  /// TP_TOO_AMBITIOUS: a smaller share of take-profit exits than this, in percent.
  public var takeProfitShare: ExactDecimal = 20
  /// HORIZON_TOO_SHORT, and timeout_pct critical: a greater share of timeouts than this, in percent.
  public var timeoutShare: ExactDecimal = 40

  /// infra_health warns from so many OOM kills on.
  public var oomKillsWarning: ExactDecimal = 1
  /// infra_health warns over this CPU, in percent.
  public var cpuPercentWarning: ExactDecimal = 70
  /// infra_health is critical with more pods down than this.
  public var podsDown: ExactDecimal = 0
  /// pipeline_success_rate warns up to this, in percent.
  public var successRateWarning: ExactDecimal = 90
  /// The window of pipeline_success_rate, in days.
  public var successRateDays: ExactDecimal = 7
  /// pipeline_latency warns over so many times the p95.
  public var latencyFactorWarning = ExactDecimal(coefficient: 13, scale: 1)
  /// pipeline_latency is critical over so many times the p95.
  public var latencyFactor: ExactDecimal = 2
  /// pipeline_latency warns over this duration, in seconds: 3 h.
  public var latencySeconds: ExactDecimal = 10_800
  /// The window of pipeline_latency, in days.
  public var latencyDays: ExactDecimal = 30
  /// How many runs before the last one pipeline_latency needs.
  public var latencyRuns: ExactDecimal = 5
  /// The percentile that pipeline_latency compares with.
  public var latencyPercentile: ExactDecimal = 95
  /// f1_buy_delta_vs_baseline warns below this, in percentage points of F1.
  public var gainWarning: ExactDecimal = 15
  /// screening_testing_gap warns over this, in units of F1.
  public var screeningGapWarning = ExactDecimal(coefficient: 15, scale: 2)
  /// std_f1_buy warns from this on, in units of F1.
  public var foldDeviationWarning = ExactDecimal(coefficient: 5, scale: 2)
  /// sortino warns up to this.
  public var sortinoWarning = ExactDecimal(coefficient: 5, scale: 1)
  /// sl_pct warns from this on, in percent.
  public var stopLossShareWarning: ExactDecimal = 35
  /// timeout_pct warns from this on, in percent.
  public var timeoutShareWarning: ExactDecimal = 30
  /// model_freshness warns after so many days; a crypto outside the core is stale then.
  public var staleDays: ExactDecimal = 7
  /// model_freshness is critical after so many days; a core crypto is stale then.
  public var coreStaleDays: ExactDecimal = 14
  /// challenger_count warns over this.
  public var challengersWarning: ExactDecimal = 5
  /// challenger_count is critical over this.
  public var challengers: ExactDecimal = 10
  /// Global state: how many days the universe may be without a useful strategy.
  public var noUsefulDays: ExactDecimal = 3
  /// Global state: how many runs in a row are recurrent.
  public var recurrentRuns: ExactDecimal = 3
  /// How old an infra observation may be, in hours.
  public var observationHours: ExactDecimal = 1
  /// How old an observation of a model registry may be, in hours.
  public var registryHours: ExactDecimal = 24
  /// How long after the last end of a task a run is final, in hours.
  public var settleHours = ExactDecimal(coefficient: 5, scale: 1)
  /// How long after the last line of a log without an outcome its attempt counts as running, in hours.
  public var silentHours: ExactDecimal = 1
  /// How long an attempt that waits for a retry or is deferred counts as running, in hours.
  public var waitingHours: ExactDecimal = 24
  /// A longer pause in which no attempt of a run ran is not part of the run's duration, in hours.
  public var pauseHours: ExactDecimal = 6

  /// The manual's thresholds (version 3.0, sections 0, 2 and 7).
  public init() {}
}

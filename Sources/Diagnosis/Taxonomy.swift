public import CorrelationGrammar

/// One version of the diagnosis taxonomy: every rule, in the order that decides what comes first.
///
/// The reference table of the database, `corrparse explain` and `docs/diagnosis.md` are printed from it. A
/// version that verdicts were stored under is never changed: a later one is added beside it, and both can judge
/// the same record (page 3).
public struct Taxonomy: Sendable {
  /// The number that every verdict names, from 1.
  public let version: Int
  /// The rules, first things first; a rule's position in the reference table is its place here, from 1.
  public let rules: [Rule]

  /// A version from its rules, in their order.
  public init(version: Int, rules: [Rule]) {
    self.version = version
    self.rules = rules
  }

  /// Every version that verdicts can be asked for, oldest first.
  public static let all: [Taxonomy] = [version1]

  /// The version that judges newly read records.
  public static var current: Taxonomy { version1 }

  /// A version by its number; nil where there is none.
  public static func version(_ number: Int) -> Taxonomy? {
    all.first { $0.version == number }
  }

  /// The rule of a code; nil where this version has none.
  public subscript(code: DiagnosisCode) -> Rule? {
    rules.first { $0.code == code }
  }
}

/// The thresholds of the manual's rules. Each stands here once, whatever number of rules use it.
public struct Thresholds: Sendable, Hashable {
  /// INFRA_SATURATED: more OOM kills than this.
  public var oomKills: ExactDecimal = 2
  /// INFRA_SATURATED: a volume fuller than this, in percent.
  public var pvcPercent: ExactDecimal = 85
  /// INFRA_SATURATED: more CPU than this, in percent.
  public var cpuPercent: ExactDecimal = 90
  /// PIPELINE_DEGRADED: a lower success rate than this, in percent.
  public var successRate: ExactDecimal = 70
  /// SCREENING_OVERFIT: a wider gap between screening and last fold than this, in units of F1.
  public var screeningGap = ExactDecimal(coefficient: 30, scale: 2)
  /// ML_UNSTABLE: a greater deviation between folds than this, in units of F1.
  public var foldDeviation = ExactDecimal(coefficient: 10, scale: 2)
  /// The gain over the baseline up to which a model is ML_MARGINAL, in units of F1.
  public var marginalGain = ExactDecimal(coefficient: 5, scale: 2)
  /// The gain over the baseline up to which a model is ML_EXPLOITABLE, above it ML_SOLID, in units of F1.
  public var exploitableGain = ExactDecimal(coefficient: 10, scale: 2)
  /// SL_TOO_TIGHT: a greater share of stop-loss exits than this, in percent.
  public var stopLossShare: ExactDecimal = 50
  /// TP_TOO_AMBITIOUS: a smaller share of take-profit exits than this, in percent.
  public var takeProfitShare: ExactDecimal = 20
  /// HORIZON_TOO_SHORT: a greater share of timeouts than this, in percent.
  public var timeoutShare: ExactDecimal = 40

  /// The manual's thresholds (version 3.0, section 7).
  public init() {}
}

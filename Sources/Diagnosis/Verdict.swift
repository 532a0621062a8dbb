public import LogModel

/// How sure the primary is (3-classification, Verdict).
public enum Certainty: String, CaseIterable, Sendable, Hashable {
  case certain, provisional, unclassified
}

/// What one layer's rules say together: a finding's code, or why there is none.
public enum LayerConclusion: Sendable, Hashable {
  case finding(DiagnosisCode)
  case notEvaluable
  case clear
  case notApplicable

  /// The contract's text: the code, `not_evaluable`, `clear` or `not_applicable`.
  public var text: String {
    switch self {
    case .finding(let code): code.rawValue
    case .notEvaluable: "not_evaluable"
    case .clear: "clear"
    case .notApplicable: "not_applicable"
    }
  }
}

/// A rule that could not be evaluated, with what it lacked.
public struct UnevaluatedRule: Sendable, Hashable {
  /// The rule's code; `ML_LEVEL` for the four ML levels together.
  public let rule: String
  /// The canonical keys that were absent.
  public let lacks: [String]
  /// `absent`, `no_trades`, or the issue kind that made the first of them absent.
  public let why: String

  /// A rule and what it lacked.
  public init(rule: String, lacks: [String], why: String) {
    self.rule = rule
    self.lacks = lacks
    self.why = why
  }
}

/// What the classifier says of one record under one taxonomy version (3-classification, Verdict).
public struct Verdict: Sendable, Hashable {
  /// The taxonomy version that judged.
  public var taxonomyVersion: Int
  /// The first finding; nil when nothing triggered.
  public var primary: DiagnosisCode?
  /// How sure the primary is.
  public var certainty: Certainty
  /// The most severe among the findings, at least P2 where sortino is negative.
  public var severity: Severity
  /// Every triggered code, in the table's order.
  public var findings: [DiagnosisCode] {
    get { codes.array }
    set { codes = DiagnosisCodes(newValue) }
  }
  /// The same for readers that make no array of them.
  package var codes: DiagnosisCodes
  /// What the ML rules say.
  public var ml: LayerConclusion
  /// What the execution rules say.
  public var execution: LayerConclusion
  /// What the infrastructure rules say.
  public var infra: LayerConclusion
  /// `f1_buy - baseline_f1_buy` in percentage points of F1; nil where either is absent.
  public var deltaPoints: ExactDecimal?
  /// The applicable rules that could not be evaluated, in the table's order.
  public var notEvaluated: [UnevaluatedRule]
  /// One English sentence with the numbers.
  public var explanation: String

  /// The primary code; without one `all_clear` where every rule found nothing, and `unclassified` where too little was there to
  /// tell. For counts of verdicts.
  public var label: String {
    if let primary { return primary.rawValue }
    switch certainty {
    case .unclassified: return Self.unclassified
    case .certain, .provisional: return Self.allClear
    }
  }

  /// The labels of verdicts without a primary code.
  public static let labelsWithoutCode = [allClear, unclassified]
  private static let allClear = "all_clear"
  private static let unclassified = Certainty.unclassified.rawValue

  /// What ends the explanation of a record that comes from a damaged part of its log.
  public static let damageClause = "the source is damaged here, so nothing of this is certain"

  /// What ends the explanation of a record whose block was cut short.
  static let cutShortClause = "the block was cut short, so nothing of this is certain"

  /// A verdict from its parts.
  public init(
    taxonomyVersion: Int, primary: DiagnosisCode? = nil, certainty: Certainty = .unclassified,
    severity: Severity = .none, findings: [DiagnosisCode] = [], ml: LayerConclusion = .notApplicable,
    execution: LayerConclusion = .notApplicable, infra: LayerConclusion = .notApplicable,
    deltaPoints: ExactDecimal? = nil, notEvaluated: [UnevaluatedRule] = [], explanation: String = ""
  ) {
    self.taxonomyVersion = taxonomyVersion
    self.primary = primary
    self.certainty = certainty
    self.severity = severity
    codes = DiagnosisCodes(findings)
    self.ml = ml
    self.execution = execution
    self.infra = infra
    self.deltaPoints = deltaPoints
    self.notEvaluated = notEvaluated
    self.explanation = explanation
  }
}

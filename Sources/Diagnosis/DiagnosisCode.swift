/// The layers that every conclusion keeps apart (manual, section 13).
public enum DiagnosisLayer: String, CaseIterable, Sendable, Hashable {
  case ml, execution, infra, run
}

/// How urgent a finding is (manual, section 8); ascending, so that the most severe is the greatest.
public enum Severity: String, CaseIterable, Sendable, Hashable, Comparable {
  case none
  case p3 = "P3"
  case p2 = "P2"
  case p1 = "P1"
  case p0 = "P0"

  /// P0 is the greatest.
  public static func < (left: Severity, right: Severity) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .none: 0
    case .p3: 1
    case .p2: 2
    case .p1: 3
    case .p0: 4
    }
  }
}

/// The thirteen codes of the manual's taxonomy (section 7), in the order of the table of 3-classification,
/// Rules, which decides what comes first. Raw values are the database's and never renamed.
public enum DiagnosisCode: String, CaseIterable, Sendable, Hashable {
  case infraSaturated = "INFRA_SATURATED"
  case pipelineDegraded = "PIPELINE_DEGRADED"
  case noCandidates = "NO_CANDIDATES"
  case mlUseless = "ML_USELESS"
  case screeningOverfit = "SCREENING_OVERFIT"
  case mlUnstable = "ML_UNSTABLE"
  case mlMarginal = "ML_MARGINAL"
  case executionMismatch = "EXECUTION_MISMATCH"
  case mlExploitable = "ML_EXPLOITABLE"
  case mlSolid = "ML_SOLID"
  case slTooTight = "SL_TOO_TIGHT"
  case tpTooAmbitious = "TP_TOO_AMBITIOUS"
  case horizonTooShort = "HORIZON_TOO_SHORT"
}

public import Diagnosis

/// The colours of codes, states and statuses. Codes have the colours of the dashboards (grafana/); a test compares both.
public enum ReportColors {
  /// The colour of a code, as `#RRGGBB`.
  public static func color(of code: DiagnosisCode) -> String {
    switch code {
    case .infraSaturated: "#8B0000"
    case .pipelineDegraded: "#E02F44"
    case .noCandidates: "#FF780A"
    case .mlUseless: "#5B2A86"
    case .screeningOverfit: "#8F3BB8"
    case .mlUnstable: "#B877D9"
    case .mlMarginal: "#8AB8FF"
    case .executionMismatch: "#C4A000"
    case .mlExploitable: "#73BF69"
    case .mlSolid: "#19730E"
    case .slTooTight: "#A0522D"
    case .tpTooAmbitious: "#D2956A"
    case .horizonTooShort: "#FADE2A"
    }
  }

  /// The colour of what is shown as a diagnosis: a code by its name, or one of the words for no code. Grey for a code that only a later
  /// version of the program knows.
  static func color(ofDiagnosis name: String) -> String {
    switch name {
    case allClear: "#3274D9"
    case unclassified: "#808080"
    default: DiagnosisCode(rawValue: name).map(color(of:)) ?? "#B0B0B0"
    }
  }

  /// What is shown where every rule was evaluated and none triggered.
  static let allClear = "all clear"
  /// What is shown where no rule could be decided: this is not known to be well.
  static let unclassified = "unclassified"

  /// The style sheet's class for a state, a status or a severity.
  static func className(of word: String) -> String {
    switch word {
    case "GREEN", "ok", "success", "clear", "none": "good"
    case "YELLOW", "warning", "P3", "P2": "warn"
    case "ORANGE", "P1": "serious"
    case "RED", "critical", "failed", "P0": "bad"
    default: "unknown"
    }
  }
}

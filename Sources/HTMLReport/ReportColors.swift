import Diagnosis

/// The colours of states and statuses, and of what stands where there is no code. A code's colour is its rule's.
enum ReportColors {
  /// The colour of what is shown as a diagnosis: a code by its name, or one of the words for no code. Grey for a code that only a later
  /// version of the program knows.
  static func color(ofDiagnosis name: String) -> String {
    switch name {
    case allClear: "#3274D9"
    case unclassified: "#808080"
    default: DiagnosisCode(rawValue: name).flatMap { Taxonomy.current[$0]?.color } ?? "#B0B0B0"
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

/// One version of the diagnosis taxonomy: every rule, in the order that decides what comes first.
///
/// The reference table of the database, `corrparse explain` and `docs/diagnosis.md` are printed from it. A
/// version that verdicts were stored under is never changed: a later one is added beside it, and both can
/// judge the same record (3-classification).
public struct Taxonomy: Sendable {
  /// The number that every verdict names, from 1.
  public let version: Int
  /// The rules, first things first; a rule's position in the reference table is its place here, from 1.
  public let rules: [Rule]
  /// The golden signals with their bounds (manual, section 2).
  public let signals: [GoldenSignal]
  /// The conditions of the global state, worst first (manual, section 0).
  public let conditions: [StateCondition]
  /// The windows and counts that signals and conditions use.
  public let settings: [SupervisionSetting]

  /// What the manual's playbooks say in figures (sections 6.2 and 9).
  public let playbooks: [Playbook]

  /// The rules in the form by which records are judged.
  let table: RuleTable

  /// A version from its rules, in their order, and the thresholds of its signals and conditions.
  public init(version: Int, rules: [Rule], thresholds: Thresholds = Thresholds()) {
    self.version = version
    self.rules = rules
    table = RuleTable(rules)
    signals = Self.signals(thresholds)
    conditions = Self.conditions(thresholds)
    settings = Self.settings(thresholds)
    playbooks = Self.playbooks.filter { playbook in rules.contains { $0.code == playbook.code } }
  }

  /// Every version that verdicts can be asked for, oldest first. The last one judges newly read records.
  public static let all: [Taxonomy] = [version1]

  /// The version that judges newly read records.
  public static let current = all[all.count - 1]

  /// A version by its number; nil where there is none.
  public static func version(_ number: Int) -> Taxonomy? {
    all.first { $0.version == number }
  }

  /// The rule of a code; nil where this version has none.
  public subscript(code: DiagnosisCode) -> Rule? {
    rules.first { $0.code == code }
  }
}

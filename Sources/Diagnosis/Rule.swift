public import LogModel

/// To which records a rule applies (3-classification, Applicability).
public enum Applicability: Sendable, Hashable {
  /// Records with a usable value of one of the rule's inputs.
  case anyInput
  /// Records with a usable tested-strategy value (`f1_buy` … `n_trades`).
  case testedStrategy
  /// Run summaries: `n_candidates` or `n_passed` is there and no tested-strategy value is.
  case summary
}

/// How severe a triggered rule is.
public enum RuleSeverity: Sendable, Hashable {
  /// Always the same.
  case fixed(Severity)
  /// The first severity, or the second where nothing but the named field exceeds its threshold.
  case lowered(Severity, to: Severity, whenOnly: FieldKey)

  /// The most severe that the rule can be.
  public var worst: Severity {
    switch self {
    case .fixed(let severity): severity
    case .lowered(let severity, let lower, _): max(severity, lower)
    }
  }

  /// The severity as the reference table, `corrparse explain` and the docs print it.
  public var text: String {
    switch self {
    case .fixed(let severity): severity.rawValue
    case .lowered(let severity, let lower, let key):
      "\(severity.rawValue); \(lower.rawValue) when only \(key.name)"
    }
  }
}

/// One rule of a taxonomy: when its code triggers, and what that means.
///
/// An immutable class rather than a struct: every record walks all rules, and a rule's texts would be copied
/// with it each time (measured: half of the classifier's time).
public final class Rule: Sendable {
  /// The code that it finds.
  public let code: DiagnosisCode
  /// The layer whose conclusion it belongs to.
  public let layer: DiagnosisLayer
  /// To which records it applies.
  public let applicability: Applicability
  /// When it triggers.
  public let condition: Condition
  /// How severe it is.
  public let severity: RuleSeverity
  /// The colour in charts, dashboards and report alike, as `#RRGGBB`; no two codes share one. Reds and oranges are the platform and the
  /// run, violets the model, yellows and browns the execution, greens a signal.
  public let color: String
  /// What the code means (manual, section 7), in English.
  public let meaning: String
  /// What to do next (manual, sections 7 and 9), in English; with ``escalation``, where there is one, as its last sentence.
  public let nextStep: String
  /// The sentence on who is told where nothing helps; nil where the next step has none.
  public let escalation: String?
  /// The section of the manual with the playbook; nil where it has none.
  public let playbook: String?
  /// The name under which the rule stands in `not_evaluated`. It is the code, or `ML_LEVEL` for the four ML levels, which
  /// are evaluable together or not at all.
  public let entry: String
  /// The fields that the condition reads, in the order of its text.
  public let inputs: [FieldKey]

  /// A rule from its parts; `entry` is the code unless given, and `nextStep` comes without `escalation`.
  public init(
    _ code: DiagnosisCode, layer: DiagnosisLayer, applicability: Applicability, condition: Condition,
    severity: RuleSeverity, color: String, meaning: String, nextStep: String, escalation: String? = nil,
    playbook: String? = nil, entry: String? = nil
  ) {
    self.code = code
    self.layer = layer
    self.applicability = applicability
    self.condition = condition
    self.severity = severity
    self.color = color
    self.meaning = meaning
    self.nextStep = escalation.map { "\(nextStep) \($0)" } ?? nextStep
    self.escalation = escalation
    self.playbook = playbook
    self.entry = entry ?? code.rawValue
    inputs = condition.inputs
  }
}

/// What a rule says of one record.
public enum RuleState: Sendable, Hashable {
  /// The condition holds, with this severity.
  case triggered(Severity)
  /// The condition does not hold.
  case clear
  /// Unknown: these absent inputs could change the result.
  case notEvaluable([FieldKey])
  /// The rule does not concern records of this kind.
  case notApplicable
}

extension Rule {
  /// What the rule says of a record to which it applies, evaluated as it is written.
  func state(in evidence: inout Evidence) -> RuleState {
    switch condition.truth(in: &evidence) {
    case .yes: return .triggered(severity(in: &evidence))
    case .no: return .clear
    case .unknown: return .notEvaluable(condition.lackingInputs(in: &evidence))
    }
  }

  private func severity(in evidence: inout Evidence) -> Severity {
    switch severity {
    case .fixed(let severity): return severity
    case .lowered(let severity, let lower, let key):
      for part in condition.parts where part.inputs != [key] && part.truth(in: &evidence) == .yes {
        return severity
      }
      return lower
    }
  }
}

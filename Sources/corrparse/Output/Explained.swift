import Diagnosis
import Ingest
import LogModel

/// Something that the program prints a name of, and what `explain` says of it.
struct Explained {
  /// What a name is the name of; the order is that of the overview.
  enum Kind: String, CaseIterable {
    case code, condition, signal, state, severity, certainty, verdict, reason, issue, lint, log, run,
      status, key, column, field, envelope, alert, term, word, command

    /// What the name is.
    var title: String {
      switch self {
      case .code: "code of the taxonomy"
      case .condition: "condition of the global state"
      case .signal: "golden signal"
      case .state: "global state"
      case .severity: "severity"
      case .certainty: "certainty of a verdict"
      case .verdict: "word of a verdict"
      case .reason: "reason why an input is missing"
      case .issue: "issue of a block or log"
      case .lint: "rule of lint"
      case .log: "word of the ledger of logs"
      case .run: "status of a run or signal"
      case .status: "exit status"
      case .key: "key of a block"
      case .column: "column of a table"
      case .field: "value of ndjson and csv"
      case .envelope: "form of log lines"
      case .alert: "alert"
      case .term: "term of the users"
      case .word: "word of the output"
      case .command: "command"
      }
    }
  }

  let kind: Kind
  let name: String
  /// What is said of it: a title and a text, the meaning first.
  let parts: [(title: String, text: String)]

  /// The first sentence.
  var meaning: String { parts.first?.text ?? "" }

  /// Everything that can be asked for.
  static let all: [Explained] =
    codes + conditions + signals + states + severities + words + issues + ledgerIssues + lintRules + statuses
    + keys + columns + fields + envelopes + alerts + terms + outputWords + commands

  init(_ kind: Kind, _ name: String, _ parts: [(title: String, text: String?)]) {
    self.kind = kind
    self.name = name
    self.parts = parts.compactMap { part in part.text.map { (part.title, $0) } }
  }

  private static let codes: [Explained] = Taxonomy.current.rules.map { rule in
    let playbook = Taxonomy.current.playbook(of: rule.code)
    let settings = playbook?.rerun.map { setting in
      let value = setting.value ?? "each horizon of the run \(setting.longer ?? 0) longer"
      return "\(setting.parameter) \(value)"
        + (setting.finding.map { " with \($0.rawValue)" } ?? "")
    }
    return Explained(
      .code, rule.code.rawValue,
      [
        ("meaning", rule.meaning), ("condition", rule.condition.text),
        ("layer", rule.layer.rawValue),
        ("severity", rule.severity.text), ("color", rule.color), ("next step", rule.nextStep),
        ("over when", playbook?.exitText),
        ("rerun", settings.flatMap { $0.isEmpty ? nil : $0.joined(separator: "; ") }),
        (
          "escalate",
          playbook?.escalation.map { "to the \($0) after three runs in a row without that" }
        ),
        (
          "playbook",
          (rule.playbook.map { "manual, section \($0); " } ?? "") + "docs/operations.md#\(rule.code.rawValue)"
        ),
        ("taxonomy", "version \(Taxonomy.current.version)"),
      ])
  }

  private static let conditions: [Explained] = Taxonomy.current.conditions.map { condition in
    Explained(
      .condition, condition.name,
      [
        ("meaning", condition.meaning), ("bound", condition.boundText),
        ("state", condition.contributes.rawValue), ("alert", condition.alert?.text ?? "none"),
        ("next step", condition.nextStep), ("playbook", "docs/operations.md#\(condition.name)"),
      ])
  }

  private static let signals: [Explained] = Taxonomy.current.signals.map { signal in
    let bounds = { (status: SignalBound.Status) in
      signal.bounds.filter { $0.status == status }.map(\.text).joined(separator: " or ")
    }
    return Explained(
      .signal, signal.name,
      [
        ("meaning", signal.meaning), ("per", signal.scope.rawValue),
        ("unit", signal.unit.isEmpty ? nil : signal.unit), ("warning", bounds(.warning)),
        ("critical", bounds(.critical)), ("playbook", "docs/operations.md#\(signal.name)"),
      ])
  }

  private static let states: [Explained] = [
    (
      "GREEN",
      "platform and pipelines are sound, and a run was useful lately: no condition is triggered or unknown",
      "normal operation", 0
    ),
    ("YELLOW", "a controlled drift: weak signs of something wrong", "watch more closely", 1),
    ("ORANGE", "the business or the pipelines have degraded", "investigate first of all", 2),
    ("RED", "the platform is unavailable or cannot produce", "escalate at once", 2),
    (
      "UNKNOWN", "nothing is triggered and something is not known; it is never green",
      "see which condition is unknown, and why", 3
    ),
  ].map { name, meaning, reaction, status in
    Explained(
      .state, name,
      [
        ("meaning", meaning), ("reaction", reaction),
        ("exit", "corrparse state ends with \(status)"),
      ])
  }

  private static let severities: [Explained] = [
    ("P0", "critical: the system is down, or data are corrupt", "at once, the platform owner"),
    ("P1", "urgent: a significant degradation", "within the hour, the MLOps maintainer"),
    (
      "P2", "warning: degraded performance; also every record with a negative Sortino",
      "within the day, the ML owner"
    ),
    ("P3", "information: an optimisation", "when there is time"),
    ("none", "nothing that needs a reaction", "none"),
  ].map { Explained(.severity, $0, [("meaning", $1), ("reaction", $2)]) }

  static func plain(_ kind: Kind, _ pairs: [(String, String)]) -> [Explained] {
    pairs.map { Explained(kind, $0.0, [("meaning", $0.1)]) }
  }

  private static let words: [Explained] =
    plain(
      .certainty,
      [
        (
          "certain",
          "every rule that stands above the primary could be evaluated; without a primary, all that apply"
        ),
        (
          "provisional",
          "a rule that stands above the primary could not be evaluated, or the source is damaged: the primary could change. Shown as ?"
        ),
        (
          "unclassified",
          "nothing triggered, and something could not be evaluated or no rule applies"
        ),
      ])
    + plain(
      .verdict,
      [
        ("all_clear", "every rule that applies was evaluated, and none triggered"),
        (
          "useful",
          "a strategy with ML_EXPLOITABLE or ML_SOLID, without ML_UNSTABLE and SCREENING_OVERFIT, not of the screening, that passed all gates; where no gates were logged, with a Sortino known and not negative. ALSO says it, or of a good signal why it is not; --useful asks for them"
        ),
        (
          "not_useful",
          "of a summary: strategies with ML_EXPLOITABLE or ML_SOLID that are not useful, by the first reason: a finding, screening, gates, sortino<0, sortino absent, doubtful"
        ),
        ("screening", "of ALSO: a strategy of the screening (phase 1), which is never useful"),
        (
          "NAME:fail",
          "of ALSO: the gate of this name was failed, so that the strategy is not useful (sortino:fail)"
        ),
        ("sortino absent", "of ALSO: no gates were logged, so that Sortino decides, and it is not known"),
        (
          "doubtful",
          "of ALSO: the block is cut or damaged, or its gates could not be read, so that nobody knows whether all were passed"
        ),
        (
          "primary",
          "the first finding in the order of the table, because what invalidates the rest comes first; primary_code in the database"
        ),
        ("primary_code", "the name of primary in the database"),
        (
          "clear",
          "of a layer: every rule that applies was evaluated, and none triggered; of a condition: it does not hold"
        ),
        (
          "not_evaluable",
          "of a layer: a rule that applies lacks inputs that could change its result"
        ),
        ("not_applicable", "of a layer: none of its rules concerns records of this kind"),
        ("triggered", "of a condition: it holds"),
        ("ML_LEVEL", "the four ML levels together, which need f1_buy and baseline_f1_buy"),
      ])
    + plain(
      .reason,
      [
        ("absent", "the input was not logged"),
        ("no_trades", "n_trades is 0: Sortino and the exit shares measure nothing"),
      ])
    + plain(
      .log,
      [
        ("complete", "the log was read to its end, and says so"),
        ("growing", "its task still runs, or its end is missing; the next run reads it again"),
        (
          "truncated",
          "its gzip ends early: the blocks before are stored, and it is read again when it changed"
        ),
        (
          "corrupt",
          "its gzip is damaged: the blocks before are stored, and it is read again when it changed"
        ),
        (
          "failed",
          "of a log: nothing of it could be read; of a run: a task's latest attempt failed"
        ),
        ("without_identity", "neither the path of the log nor its lines tell whose it is"),
      ])
    + plain(
      .run,
      [
        (
          "running",
          "one of the run's latest attempts is at work, or has ended less than 30 minutes before"
        ),
        ("success", "all of the run's latest attempts are success or skipped"),
        (
          "unknown",
          "of a run: what became of an attempt is not known; of a signal or condition: something that could change it is not"
        ),
        ("ok", "of a signal: past no bound, and nothing that could change it is unknown"),
        ("warning", "of a signal: past one of its warning bounds"),
        ("critical", "of a signal: past one of its critical bounds"),
      ])

  private static let ledgerIssues: [Explained] = LedgerIssue.allCases.map { kind in
    Explained(
      .issue, kind.rawValue,
      [
        ("meaning", kind.meaning.seen), ("example", kind.meaning.example), ("cure", kind.meaning.cure),
      ])
  }

  private static let issues: [Explained] = IssueKind.allCases.map { kind in
    let effect =
      if kind.makesBlockAbsent {
        "every field of the block is absent"
      } else if kind.makesFieldAbsent {
        "the field is absent, never guessed"
      } else {
        String?.none
      }
    return Explained(
      .issue, kind.rawValue,
      [
        ("meaning", kind.meaning.seen), ("example", kind.meaning.example), ("effect", effect),
        ("cure", kind.meaning.cure),
      ])
  }

  private static let lintRules: [Explained] = LintRule.all.filter {
    IssueKind(rawValue: $0.name) == nil
  }.map {
    Explained(.lint, $0.name, [("meaning", $0.seen), ("example", $0.example), ("cure", $0.cure)])
  }

  private static let statuses: [Explained] =
    ExitStatus.allCases.map { Explained(.status, String($0.rawValue), [("meaning", $0.meaning)]) }
    + plain(
      .status,
      [
        ("1", "lint and corpus verify: something was found; state: YELLOW"),
        ("2", "state: ORANGE or RED"), ("3", "state: UNKNOWN"),
        ("143", "ended by SIGTERM; what was committed stays"),
        ("130", "ended by SIGINT; what was committed stays"),
      ])
}

extension ExitStatus {
  /// When the program ends so (5-command-line, Exit codes).
  var meaning: String {
    switch self {
    case .done: "done, whatever the verdicts"
    case .usage: "usage: the arguments are not understood"
    case .damagedInput: "some input could not be read or was damaged; the rest was processed"
    case .unavailable: "the database, bucket or server cannot be reached"
    case .software: "a bug, or the accounting equation does not hold: please report it"
    case .system: "the stack or the address space is too small to start"
    case .inputOutput:
      "reading or writing failed, a full disk included; the next run reads it again"
    case .temporary:
      "try again later: locks, or transient trouble of the server after bounded retries"
    case .missingRights: "missing rights"
    case .configuration: "the configuration is wrong, or schema and program do not fit"
    }
  }
}

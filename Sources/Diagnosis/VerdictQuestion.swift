public import LogModel

/// Which verdicts somebody asks for (5-command-line, Questions): the same of logs and of the database. An empty list asks for all.
public struct VerdictQuestion: Sendable, Hashable {
  /// The crypto pairs.
  public var cryptos: [String] = []
  /// Codes of which a record has at least one among its findings, or `all_clear` and `unclassified`.
  public var codes: [String] = []
  /// Severities, `none` included.
  public var severities: [Severity] = []
  /// How sure the primary is.
  public var certainties: [Certainty] = []
  /// Phases.
  public var phases: [String] = []
  /// Whether to ask for useful strategies only.
  public var isUseful = false
  /// DAGs.
  public var dagIDs: [String] = []
  /// Runs.
  public var runIDs: [String] = []
  /// The first instant that counts.
  public var since: LogTime?
  /// The first instant that does not count any more.
  public var until: LogTime?

  /// Asks for everything.
  public init() {}

  /// Whether a record with its verdict is asked for. What is asked about and absent does not match: a record without a time is in no
  /// window, one without a task in no run.
  public func matches(
    _ record: CorrelationRecord, _ verdict: Verdict, of identity: TaskIdentity?, at time: LogTime?
  ) -> Bool {
    if let since { guard let time, time >= since else { return false } }
    if let until { guard let time, time < until else { return false } }
    guard has(cryptos, record[.crypto]), has(phases, record[.phase]) else { return false }
    guard dagIDs.isEmpty || identity.map({ dagIDs.contains($0.dagID) }) == true else { return false }
    guard runIDs.isEmpty || identity.map({ runIDs.contains($0.runID) }) == true else { return false }
    guard severities.isEmpty || severities.contains(verdict.severity) else { return false }
    guard certainties.isEmpty || certainties.contains(verdict.certainty) else { return false }
    let names = verdict.findings.isEmpty ? [verdict.label] : verdict.findings.map(\.rawValue)
    guard codes.isEmpty || codes.contains(where: names.contains) else { return false }
    return !isUseful || record.isUseful(under: verdict)
  }

  private func has(_ wanted: [String], _ value: FieldValue?) -> Bool {
    guard !wanted.isEmpty else { return true }
    guard case .text(let text) = value else { return false }
    return wanted.contains(text)
  }
}

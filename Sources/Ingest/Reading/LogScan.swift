public import LogInput
public import LogModel

/// What reading and scanning one log came to, besides its records.
public struct LogScan: Sendable {
  /// How the reading went.
  public var reading: LogReading
  /// The status, which besides the reading's says whether the task may still write.
  public var status: LogStatus
  /// Headers found, replays included.
  public var blocks: Int
  /// Blocks that stood in the log before.
  public var replays: Int
  /// Issues of the source, in the order found; of those beyond a limit one for each kind (``SourceIssues``).
  public var issues: [GrammarIssue]
  /// What the log tells of its task attempt.
  public var outcome: TaskOutcome
  /// What its lines tell of the attempts that they name, for a log whose attempt neither path nor flags name.
  public var toldOutcomes: [ToldOutcome]
  /// The attempt that its lines name; nil where they name none or several. For the output of a container `part` says which
  /// one it is: the first task instance's identifier with its first time (2-log-envelopes, Identity).
  public var toldIdentity: TaskIdentity?
  /// Whether its lines tell of several attempts, where neither path nor flags name one.
  public var tellsSeveralAttempts: Bool
  /// The envelopes that were recognised, with the number of records of each (of a collector's, of lines).
  public var envelopes: [(envelope: LogEnvelope, count: Int)]

  /// How many issues the source has, those included that are not kept.
  public var issueCount: Int { issues.reduce(0) { $0 + $1.count } }

  /// What the log tells of the attempt that it belongs to; where none is known, of each that its lines name.
  public func outcomes(of identity: TaskIdentity?) -> [(identity: TaskIdentity, outcome: TaskOutcome)] {
    if let identity { return [(identity, outcome)] }
    return toldOutcomes.map { ($0.identity, $0.outcome) }
  }
}

extension LogReading {
  /// The log's status. A plain log that was read to its end is `growing` where its task may still write to it, as its outcome and
  /// state tell (2-log-envelopes, Growing logs).
  func status(_ outcome: TaskOutcome, mayStillGrow: (TaskOutcome, LogState?) -> Bool) -> LogStatus {
    status == .complete && wrapping == .plain && mayStillGrow(outcome, file) ? .growing : status
  }
}

public import LogInput
public import LogModel

/// The task attempt that the log's path or the flags of `ingest --stdin` name. The log belongs to it even if its lines name another one
/// (2-log-envelopes, Identity).
public struct GivenTask: Sendable, Hashable {
  /// Where the name of a task attempt comes from.
  public enum Giver: Sendable, Hashable {
    case path, flags
  }

  /// The task attempt.
  public let identity: TaskIdentity
  /// Where the attempt's name comes from.
  public let giver: Giver
  /// Whether `identity.runID` is the run's logical date, as in Airflow's older paths.
  public let runIsLogicalDate: Bool

  /// The attempt that a path names; nil if it names none.
  public init?(_ path: LogPath?) {
    guard let path else { return nil }
    identity = path.identity
    giver = .path
    runIsLogicalDate = path.isRunLogicalDate
  }

  /// The attempt that the flags of a piped log name.
  init(flags identity: TaskIdentity) {
    self.identity = identity
    giver = .flags
    runIsLogicalDate = false
  }

  /// The attempt's own value for the key of an `identity_conflict`.
  func value(of key: String) -> String {
    switch key {
    case "dag_id": identity.dagID
    case "run_id": identity.runID
    case "task_id": identity.taskID
    case "map_index": String(identity.mapIndex ?? -1)
    default: String(identity.tryNumber)
    }
  }
}

/// A line of a log names another task attempt than the log's path or flags do.
public struct IdentityConflict: Sendable, CustomStringConvertible {
  private let location: String
  private let issue: GrammarIssue
  private let given: GivenTask

  /// The conflict among the issues of a log; nil if there is none.
  public init?(_ issues: [GrammarIssue], of given: GivenTask?, location: String) {
    guard let given, let issue = issues.first(where: { $0.kind == .identityConflict }) else { return nil }
    self.location = location
    self.issue = issue
    self.given = given
  }

  /// Says which line names what, and which name counts. The line's text is not escaped.
  public var description: String {
    let key = issue.key ?? "another task"
    let giver = given.giver == .path ? "its path" : "the options"
    return
      "\(location): line \(issue.line) names \(key) \(issue.raw ?? ""), but \(giver) \(given.value(of: key)); "
      + "every record of the log counts for \(giver)\(given.giver == .path ? "'s task" : "' task")"
  }
}

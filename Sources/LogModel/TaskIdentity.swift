/// The task attempt that a log belongs to (2-log-envelopes, Identity).
public struct TaskIdentity: Sendable, Hashable {
  /// The DAG.
  public var dagID: String
  /// The run, as Airflow names it: `manual__2026-03-28T02:00:00+00:00`.
  public var runID: String
  /// The task with its groups: `outer.inner.test_step`.
  public var taskID: String
  /// The index of a mapped task; nil for an unmapped one.
  public var mapIndex: Int?
  /// The attempt, from 1.
  public var tryNumber: Int
  /// Which log of the attempt: empty for the task's own, `trigger.N` for the triggerer's.
  public var part: String

  /// An identity from its parts.
  public init(
    dagID: String, runID: String, taskID: String, mapIndex: Int? = nil, tryNumber: Int, part: String = ""
  ) {
    self.dagID = dagID
    self.runID = runID
    self.taskID = taskID
    self.mapIndex = mapIndex
    self.tryNumber = tryNumber
    self.part = part
  }

  /// How many bytes the names have.
  public var nameBytes: Int { dagID.utf8.count + runID.utf8.count + taskID.utf8.count }

  /// The task's name without its groups: the last dotted part of `taskID`.
  public var taskName: String {
    taskID.split(separator: ".", omittingEmptySubsequences: true).last.map(String.init) ?? taskID
  }
}

/// What became of a task attempt, as far as its log tells (2-log-envelopes, Outcome).
public struct TaskOutcome: Sendable, Hashable {
  /// The states that a log can tell.
  public enum State: String, CaseIterable, Sendable {
    case success, failed
    case upForRetry = "up_for_retry"
    case skipped, deferred, unknown
  }

  /// The state. It is unknown where nothing in the log tells it; success is never assumed.
  public var state: State
  /// Whether the log states it in so many words. False where it is inferred.
  public var isStated: Bool
  /// The first time in the log.
  public var start: LogTime?
  /// The time of the line that tells the state, else the last time in the log.
  public var end: LogTime?

  /// An outcome.
  public init(
    state: State = .unknown, isStated: Bool = false, start: LogTime? = nil, end: LogTime? = nil
  ) {
    self.state = state
    self.isStated = isStated
    self.start = start
    self.end = end
  }
}

/// A task attempt that a log's lines name, and what they tell of it.
public struct ToldOutcome: Sendable, Hashable {
  /// The attempt.
  public var identity: TaskIdentity
  /// What became of it.
  public var outcome: TaskOutcome

  /// What lines tell of an attempt.
  public init(identity: TaskIdentity, outcome: TaskOutcome) {
    self.identity = identity
    self.outcome = outcome
  }
}

public import Diagnosis
public import LogModel

/// A record with its verdict and its origin, as `parse` prints them.
public struct ClassifiedRecord: Sendable {
  /// The log's name as given; `-` for the standard input.
  public var source: String
  /// The task attempt, where it is known.
  public var identity: TaskIdentity?
  /// When the block was logged; nil where nothing tells (2-log-envelopes, Times).
  public var observedAt: LogTime?
  /// The record.
  public var record: CorrelationRecord
  /// The classifier's verdict on the record.
  public var verdict: Verdict

  /// A record with its verdict.
  @inlinable public init(
    source: String, identity: TaskIdentity?, observedAt: LogTime?, record: consuming CorrelationRecord,
    verdict: consuming Verdict
  ) {
    self.source = source
    self.identity = identity
    self.observedAt = observedAt
    self.record = record
    self.verdict = verdict
  }
}

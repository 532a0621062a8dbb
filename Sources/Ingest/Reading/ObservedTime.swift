import LogInput
public import LogModel

/// When a block was logged, and what that was learnt from (2-log-envelopes, Times).
public struct ObservedTime: Sendable, Hashable {
  /// What the time was taken from.
  public enum Origin: String, Sendable, CaseIterable {
    /// The header's log record, or one before it in its stream.
    case header
    /// The instant inside the run id.
    case runID = "run_id"
    /// The log's modification time.
    case modified
  }

  /// The time.
  public let time: LogTime
  /// What it was taken from.
  public let origin: Origin

  /// The best that is known of a record's time; nil where nothing tells.
  public init?(header: LogTime?, identity: TaskIdentity?, modified: LogTime?) {
    if let header {
      (time, origin) = (header, .header)
    } else if let run = identity.flatMap({ LogPath.time(inRunID: $0.runID) }) {
      (time, origin) = (run, .runID)
    } else if let modified {
      (time, origin) = (modified, .modified)
    } else {
      return nil
    }
  }
}

import LogInput
public import LogModel

/// The time of a record, and where it was taken from (2-log-envelopes, Times).
public struct ObservedTime: Sendable, Hashable {
  /// Where the time of a record was taken from.
  public enum Origin: String, Sendable, CaseIterable {
    /// The log record of the header, or an earlier one of the same stream.
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

  /// The first of these times that is there; nil if none is.
  public init?(header: LogTime?, identity: TaskIdentity?, modified: LogTime?) {
    if let header {
      (time, origin) = (header, .header)
    } else if let run = identity.flatMap({ LogPath.time(inRunID: $0.runID) }) {
      (time, origin) = (run, .runID)
    } else if let modified, modified.isReadable {
      (time, origin) = (modified, .modified)
    } else {
      return nil
    }
  }
}

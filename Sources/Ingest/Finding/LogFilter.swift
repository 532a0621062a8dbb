import DiagnosticWriter
import LogInput
import LogModel

/// Which of the found logs a run wants: those of its window, its DAGs and its shard.
struct LogFilter: Sendable {
  private let window: IngestWindow?
  /// Empty where every DAG is wanted.
  private let dagIDs: Set<String>
  private let shard: LogShard?

  init(_ settings: IngestSettings) {
    window = settings.window
    dagIDs = settings.dagIDs
    shard = settings.shard
  }

  /// Whether the run wants the log. A path that is no regular file passes, so that the attempt to read it tells the error.
  func admits(_ log: QueuedLog) -> Bool {
    guard let modified = log.listed.modified else { return true }
    guard wouldAdmit(log) else { return false }
    guard let window else { return true }
    return window.contains(
      modified: modified, run: log.description.identity.flatMap { LogPath.time(inRunID: $0.runID) })
  }

  /// Whether the run would want the log if it had no window.
  func wouldAdmit(_ log: QueuedLog) -> Bool {
    let identity = log.description.identity
    if !dagIDs.isEmpty, !(identity.map { dagIDs.contains($0.dagID) } ?? false) { return false }
    if let shard, !shard.contains(identity, name: log.description.name) { return false }
    return true
  }
}

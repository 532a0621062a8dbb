/// What a run saw where it looked for logs, so that a run that finds nothing can say so (2-log-envelopes, Folders and links).
public struct LogsSeen: Sendable, Hashable {
  /// So many names are kept of what is only counted otherwise.
  private static let mostNames = 3

  /// Logs, wanted or not.
  public private(set) var logs = 0
  /// Logs of the DAGs that are wanted; all where every DAG is.
  public private(set) var logsOfDAGs = 0
  /// Logs that window, DAGs and shard let in.
  public private(set) var wanted = 0
  /// Files and objects whose names are no log's.
  public private(set) var ignored = 0
  /// The first of their names.
  public private(set) var ignoredNames: [String] = []
  /// The DAGs that paths of logs name, the first of them in the order of the walk.
  public private(set) var dagIDs: [String] = []

  /// Nothing seen yet.
  public init() {}

  /// Sees a log.
  mutating func see(dagID: String?, wantedDAGs: Set<String>, isWanted: Bool) {
    logs += 1
    if wantedDAGs.isEmpty || dagID.map(wantedDAGs.contains) == true { logsOfDAGs += 1 }
    if isWanted { wanted += 1 }
    if let dagID, dagIDs.count < Self.mostNames, !dagIDs.contains(dagID) { dagIDs.append(dagID) }
  }

  /// Sees a file or object that is no log.
  mutating func ignore(_ name: String) {
    ignored += 1
    if ignoredNames.count < Self.mostNames { ignoredNames.append(name) }
  }
}

/// Counts what a run sees in its folders and buckets, so that a run without a log can say why (2-log-envelopes, Folders and links).
public struct LogsSeen: Sendable, Hashable {
  /// How many names are kept for messages. Everything else is only counted.
  private static let mostNames = 3

  /// How many logs there are, wanted or not.
  public private(set) var logs = 0
  /// Logs of the DAGs that are wanted; all where every DAG is.
  public private(set) var logsOfDAGs = 0
  /// Logs that window, DAGs and shard let in.
  public private(set) var wanted = 0
  /// How many files and objects do not have a log's name.
  public private(set) var ignored = 0
  /// The names of the first of these files and objects.
  public private(set) var ignoredNames: [String] = []
  /// How many of these have a name that is nearly a log's (``isNearlyLog(_:)``).
  public private(set) var nearlyLogs = 0
  /// The first names of these.
  public private(set) var nearlyLogNames: [String] = []
  /// The first DAGs that paths of logs name, in the order of the walk.
  public private(set) var dagIDs: [String] = []

  /// How many logs failed before and are left out by the window alone.
  public private(set) var failedOutside = 0
  /// How many of these are other logs now than when they failed.
  public private(set) var changedOutside = 0
  /// The first names of these.
  public private(set) var changedOutsideNames: [String] = []

  /// Counts of zero.
  public init() {}

  /// Sees a log.
  mutating func see(dagID: String?, wantedDAGs: Set<String>, isWanted: Bool) {
    logs += 1
    if wantedDAGs.isEmpty || dagID.map(wantedDAGs.contains) == true { logsOfDAGs += 1 }
    if isWanted { wanted += 1 }
    if let dagID, dagIDs.count < Self.mostNames, !dagIDs.contains(dagID) { dagIDs.append(dagID) }
  }

  /// Counts a log that failed before and that the window leaves out.
  mutating func seeFailedOutside(_ name: String, hasChanged: Bool) {
    failedOutside += 1
    guard hasChanged else { return }
    changedOutside += 1
    if changedOutsideNames.count < Self.mostNames { changedOutsideNames.append(name) }
  }

  /// Counts a file or object that does not have a log's name.
  mutating func ignore(_ name: String) {
    ignored += 1
    if ignoredNames.count < Self.mostNames { ignoredNames.append(name) }
    guard Self.isNearlyLog(name) else { return }
    nearlyLogs += 1
    if nearlyLogNames.count < Self.mostNames { nearlyLogNames.append(name) }
  }

  /// Whether a name is that of a log which was rotated, packed or put aside in a form that is not read: `attempt=1.log.1.gz`, `1.log.gz.1`,
  /// `1.log.zst`, a `1.log.1` without its `1.log`.
  public static func isNearlyLog(_ name: String) -> Bool {
    let file = name.split(separator: "/").last ?? ""
    guard let ending = file.ranges(of: ".log").last.map({ file[$0.upperBound...] }) else { return false }
    return ending.first.map { !$0.isLetter && !$0.isNumber } ?? true
  }
}

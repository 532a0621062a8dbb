import LogModel

/// The task attempt that a log belongs to because its path, or whoever pipes it, says so. Its lines may name another one:
/// that is an issue of the source and changes nothing.
struct ExpectedTask: Sendable {
  let identity: TaskIdentity
  /// Whether `identity.runID` is the run's logical date, as in Airflow's older paths. Lines then name the run otherwise.
  let runIsLogicalDate: Bool

  /// Run ids that Airflow makes itself, from the logical date.
  private static let madeFromDate = ["scheduled__", "manual__", "backfill__", "dataset_triggered__"]

  /// Whether a run id that a line names is another run's.
  ///
  /// Where a logical date is expected, only a run id that Airflow made from a date can be another's: one that somebody
  /// chose may hold any date, or none.
  func isAnotherRun(_ runID: String) -> Bool {
    guard runIsLogicalDate, runID != identity.runID else { return runID != identity.runID }
    guard let prefix = Self.madeFromDate.first(where: runID.hasPrefix),
      let told = LogTime(String(runID.dropFirst(prefix.count))), let expected = LogTime(identity.runID)
    else { return false }
    return told != expected
  }
}

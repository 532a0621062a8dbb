/// What a commit did to the records of a source.
public struct WriteSummary: Sendable, Hashable {
  /// Why a reading replaced nothing. Raw values are the database's.
  public enum Refusal: String, CaseIterable, Sendable, Hashable {
    /// It was shorter than the location was when it was complete.
    case shorterReread = "shorter_reread"
    /// It was truncated, corrupt or failed where a complete reading is stored.
    case damagedReread = "damaged_reread"
  }

  /// Records that were not there before.
  public var inserted = 0
  /// Records that were there and changed.
  public var updated = 0
  /// Records that were there already, each value the same.
  public var unchanged = 0
  /// Records that were there and whose blocks are gone.
  public var deleted = 0
  /// Records of the source that stay as they are because this reading does not feed it: another location does, this
  /// reading was refused, or nothing could be read.
  public var kept = 0
  /// Whether the source's rows are now those of this reading.
  public var feedsSource = true
  /// Set where the reading is reported as an issue of the source.
  public var refusal: Refusal?
}

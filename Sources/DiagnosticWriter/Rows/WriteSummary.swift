public import LogModel

/// What a commit did.
public struct WriteSummary: Sendable, Hashable {
  /// Why a reading replaced nothing. Raw values are the database's.
  public enum Refusal: String, CaseIterable, Sendable, Hashable {
    /// It was shorter than the location was when it was complete.
    case shorterReread = "shorter_reread"
    /// It was truncated, corrupt or failed where a complete reading is stored.
    case damagedReread = "damaged_reread"
  }

  /// A block that the server cannot store, and why.
  public struct RejectedBlock: Sendable, Hashable {
    /// The block's number.
    public let block: Int
    /// What the server said.
    public let reason: String
  }

  /// What a run counts of the records of one log.
  public struct Tally: Sendable, Hashable {
    /// The number of records for each primary code, or ``Verdict/label`` without one.
    public var primaries: [String: Int] = [:]
    /// The number of issues of the source, for each kind.
    public var sourceIssues: [IssueKind: Int] = [:]
    /// Records without any usable field.
    public var withoutFields = 0

    /// Nothing.
    public init() {}
  }

  /// What was done with one log.
  public struct LogResult: Sendable, Hashable {
    /// Whether the source's rows are now those of this reading.
    public var feedsSource = true
    /// Set where the reading is reported as an issue of the source.
    public var refusal: Refusal?
    /// Records of this reading. Rejected records, and records that another part of the attempt holds, are not counted.
    public var staged = 0
    /// Records of this reading that another part of its attempt holds already; they are not stored a second time.
    public var replayed = 0
    /// Records of a reading that does not feed its source, which are stored all the same because the feed has them too.
    public var same = 0
    /// The part that the log is from now on, where it no longer begins as it did.
    public var newPart: String?
    /// Records of the source that stay as they are because this reading does not feed it: another location does, this
    /// reading was refused, or nothing could be read.
    public var kept = 0
    /// Blocks of which nothing but an issue is stored.
    public var rejected: [RejectedBlock] = []
    /// The other location of the task attempt, where the two begin differently: only one of them is stored, this log if it feeds the
    /// source.
    public var conflict: String?
    /// Records of that location that the same run had stored and this log has replaced.
    public var displaced = 0
    /// What is said of the location that fed the source before, where the same run has read it and this log has replaced it. It counts
    /// nothing elsewhere.
    public var displacedTally = Tally()
    /// What is stored of this log, without its issues, where another part of its attempt holds some of its records.
    public var tally: Tally?
    /// Why nothing of the log is stored, where the server cannot store it at all; the ledger then has it as failed.
    public var failure: String?
  }

  /// Records that were not there before.
  public var inserted = 0
  /// Records that were there and changed.
  public var updated = 0
  /// Records that were there already, each value the same.
  public var unchanged = 0
  /// Records that were there and whose blocks are gone.
  public var deleted = 0
  /// The logs, in the order in which they were finished.
  public var logs: [LogResult] = []
}

public import LogInput
public import LogModel

/// The counts of a run of `ingest` or `backfill`.
public struct IngestSummary: Sendable, Hashable {
  /// Logs that were found, wanted or not.
  public var filesFound = 0
  /// Logs that were read, with or without success.
  public var filesRead = 0
  /// Logs that the ledger said are unchanged.
  public var filesSkipped = 0
  /// Logs and folders that were damaged, or could not be read or stored whole. Logs that the ledger calls so, and that were not read again,
  /// count too.
  public var filesFailed = 0
  /// Those of them that the ledger calls so, and that were not read again: they count as skipped, too.
  public var filesUnmended = 0
  /// Objects that were passed over because they are archived.
  public var filesArchived = 0
  /// Headers found, replays included.
  public var blocks = 0
  /// Records inserted or updated.
  public var stored = 0
  /// Records that were stored already, or stay because the stored reading of their source is better.
  public var unchanged = 0
  /// Blocks that repeat an earlier block of their log.
  public var replayed = 0
  /// Blocks that the server cannot store.
  public var rejected = 0
  /// Records that were deleted because their blocks are not in the log any more.
  public var deleted = 0
  /// Decompressed bytes.
  public var bytes = 0
  /// Logs that were not stored because the stored log of their task attempt begins differently.
  public var contentConflicts = 0
  /// Failed logs that are gone and were removed from the ledger.
  public var logsCleared = 0
  /// Files and objects that do not have a log's name.
  public var filesIgnored = 0
  /// Logs whose task is unknown, because neither path nor flags nor lines name it, read by this run or unchanged since an earlier one.
  public private(set) var logsWithoutTask = 0
  /// The locations of the first of them, in order.
  public private(set) var namesWithoutTask: [String] = []
  /// Logs with lines that have the words of a header, or are end markers, of which no block came (`unread_header`), read by this run or
  /// unchanged since an earlier one.
  public private(set) var logsWithUnreadHeaders = 0
  /// The locations of the first of them, in order.
  public private(set) var namesWithUnreadHeaders: [String] = []
  /// Stored records without any usable field.
  public var recordsWithoutFields = 0
  /// Records that were read and not stored, because another log of the same task attempt is the better reading.
  public var recordsLeftOut = 0
  /// The envelopes that were recognised.
  public var envelopes: Set<String> = []
  /// How many records have which primary code. Records that this run stored count, and records that it found stored. A record without a
  /// code counts under ``Verdict/label``. A log that lies in two places counts twice, as its blocks do.
  public var primaries: [String: Int] = [:]
  /// The number of issues of these logs, for each kind. Issues of blocks do not count.
  public var sourceIssues: [IssueKind: Int] = [:]
  /// Logs that were read and are not whole, by their status in the ledger.
  public var notWhole: [LogStatus: Int] = [:]
  /// The concerns of the errors by which inputs were not read or not stored.
  public var concerns: Set<InputError.Concern> = []

  /// Counts of zero.
  public init() {}

  /// Whether every block is accounted for: found = stored + unchanged + replayed + rejected. The scanner counts found and replayed blocks,
  /// the server counts stored and unchanged records.
  public var isBalanced: Bool { blocks == stored + unchanged + replayed + rejected }

  /// Counts a log whose task is unknown.
  mutating func noteWithoutTask(_ location: String) {
    logsWithoutTask += 1
    namesWithoutTask = Self.first(namesWithoutTask + [location])
  }

  /// Counts a log that has headers which were not read.
  mutating func noteUnreadHeaders(_ location: String) {
    logsWithUnreadHeaders += 1
    namesWithUnreadHeaders = Self.first(namesWithUnreadHeaders + [location])
  }

  /// The names that a message has of so many.
  private static func first(_ names: [String]) -> [String] { Array(names.sorted().prefix(3)) }

  /// The sum of two summaries.
  static func += (left: inout IngestSummary, right: IngestSummary) {
    left.filesFound += right.filesFound
    left.filesRead += right.filesRead
    left.filesSkipped += right.filesSkipped
    left.filesFailed += right.filesFailed
    left.filesUnmended += right.filesUnmended
    left.filesArchived += right.filesArchived
    left.blocks += right.blocks
    left.stored += right.stored
    left.unchanged += right.unchanged
    left.replayed += right.replayed
    left.rejected += right.rejected
    left.deleted += right.deleted
    left.bytes += right.bytes
    left.contentConflicts += right.contentConflicts
    left.logsCleared += right.logsCleared
    left.filesIgnored += right.filesIgnored
    left.logsWithoutTask += right.logsWithoutTask
    left.namesWithoutTask = first(left.namesWithoutTask + right.namesWithoutTask)
    left.logsWithUnreadHeaders += right.logsWithUnreadHeaders
    left.namesWithUnreadHeaders = first(left.namesWithUnreadHeaders + right.namesWithUnreadHeaders)
    left.recordsWithoutFields += right.recordsWithoutFields
    left.recordsLeftOut += right.recordsLeftOut
    left.envelopes.formUnion(right.envelopes)
    left.concerns.formUnion(right.concerns)
    left.notWhole.merge(right.notWhole) { $0 + $1 }
    left.sourceIssues.merge(right.sourceIssues) { $0 + $1 }
    left.primaries.merge(right.primaries) { $0 + $1 }
  }
}

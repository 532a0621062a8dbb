public import LogInput
public import LogModel

/// What a run of `ingest` or `backfill` did.
public struct IngestSummary: Sendable, Hashable {
  /// Logs that were found at all, whether the run wanted them or not.
  public var filesFound = 0
  /// Logs that were read, whatever came of it.
  public var filesRead = 0
  /// Logs that the ledger said are unchanged.
  public var filesSkipped = 0
  /// Logs and folders that could not be read or stored whole, or were damaged; those that the ledger says so of included.
  public var filesFailed = 0
  /// Objects that were passed over because the listing says that they are archived.
  public var filesArchived = 0
  /// Headers found, replays included.
  public var blocks = 0
  /// Records inserted or updated.
  public var stored = 0
  /// Records that were there already, or stay because another reading of the source is better.
  public var unchanged = 0
  /// Blocks that stood in their log before.
  public var replayed = 0
  /// Blocks that the server cannot store.
  public var rejected = 0
  /// Records that went because their blocks did.
  public var deleted = 0
  /// Decompressed bytes.
  public var bytes = 0
  /// Logs that are not stored because another location of their task attempt begins differently.
  public var contentConflicts = 0
  /// Files and objects whose names are no log's.
  public var filesIgnored = 0
  /// Logs that were read and whose task neither path nor flags nor lines name.
  public var logsWithoutTask = 0
  /// Records without any usable field, of the logs that were read.
  public var recordsWithoutFields = 0
  /// Records that were read and are not shown, because another log of the same task attempt is the better reading.
  public var recordsLeftOut = 0
  /// The envelopes that were recognised.
  public var envelopes: Set<String> = []
  /// How many records have which primary; those without one under ``Verdict/label``.
  public var primaries: [String: Int] = [:]
  /// How many issues the logs have that were read, other than those of their blocks.
  public var sourceIssues: [IssueKind: Int] = [:]
  /// What the errors were about for which inputs were not read or stored.
  public var concerns: Set<InputError.Concern> = []

  /// Nothing done yet.
  public init() {}

  /// Whether every block is accounted for: found = stored + unchanged + replayed + rejected. Found and replayed are what
  /// the scanner counted, stored and unchanged what the server did.
  public var isBalanced: Bool { blocks == stored + unchanged + replayed + rejected }

  /// Both together.
  static func += (left: inout IngestSummary, right: IngestSummary) {
    left.filesFound += right.filesFound
    left.filesRead += right.filesRead
    left.filesSkipped += right.filesSkipped
    left.filesFailed += right.filesFailed
    left.filesArchived += right.filesArchived
    left.blocks += right.blocks
    left.stored += right.stored
    left.unchanged += right.unchanged
    left.replayed += right.replayed
    left.rejected += right.rejected
    left.deleted += right.deleted
    left.bytes += right.bytes
    left.contentConflicts += right.contentConflicts
    left.filesIgnored += right.filesIgnored
    left.logsWithoutTask += right.logsWithoutTask
    left.recordsWithoutFields += right.recordsWithoutFields
    left.recordsLeftOut += right.recordsLeftOut
    left.envelopes.formUnion(right.envelopes)
    left.concerns.formUnion(right.concerns)
    left.sourceIssues.merge(right.sourceIssues) { $0 + $1 }
    left.primaries.merge(right.primaries) { $0 + $1 }
  }
}

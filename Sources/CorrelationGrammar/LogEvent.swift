public import LogModel

/// What a scanner finds in a log, in the order in which it becomes certain.
public enum LogEvent: Sendable, Hashable {
  /// A block has ended and is a record.
  case record(CorrelationRecord)
  /// A block that stood in the log before, with the same header time and the same body (2-log-envelopes,
  /// Replays): counted, not stored again. The number stays used.
  case replay(block: Int)
  /// Something is wrong with the source rather than with one block.
  case sourceIssue(GrammarIssue)

  /// About how many bytes of memory the event takes.
  public var memory: Int {
    switch self {
    case .record(let record): record.memory
    case .replay, .sourceIssue: 512
    }
  }
}

/// Limits of 6-bars, Limits; a breach affects that line or block only and is recorded.
public struct ScanLimits: Sendable, Hashable {
  /// Body-lines of a block.
  public var blockLines = 256
  /// Bytes of a block's body-lines, and of one message line.
  public var blockBytes = 65_536
  /// Bytes of a JSON line that must be read whole.
  public var jsonLineBytes = 4 * 1_048_576
  /// Blocks open at a time; a further one ends the oldest.
  public var openBlocks = 64
  /// What open blocks hold together, in bytes of memory; a block that would go over it ends the oldest.
  public var openBytes = 16 * 1_048_576
  /// Source streams that are remembered; a further one forgets another, of which nothing is open.
  public var streams = 4096
  /// Blocks that are remembered to know replays.
  public var rememberedBlocks = 262_144

  /// Whether records say where they are not in the strict form.
  public var notesStyle = false

  /// The limits of 6-bars, Limits.
  public init() {}

  /// A text line is held so far: a message line at its limit, behind a prefix.
  var textLineBytes: Int { blockBytes * 2 }
}

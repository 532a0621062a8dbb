import LogModel

/// A block's header: where the block stands and what its log record tells of it.
struct BlockHeader {
  /// The place of the header in its log, from 1 (``HeaderNumbers``).
  var place: Int
  let position: LogPosition
  let version: Int
  let time: LogTime?
  /// The header's text, for issues of the whole block.
  let raw: String
  let identity: TaskIdentity?
  let instanceKey: InstanceKey

  init(
    place: Int, version: Int, _ text: Span<UInt8>, at position: LogPosition, in context: LogRecordContext
  ) {
    self.place = place
    self.position = position
    self.version = version
    time = context.time
    // A literal takes no memory.
    raw =
      text.is("=== CORRELATION DATA ===", in: 0..<text.count)
      ? "=== CORRELATION DATA ===" : text.rawText(in: 0..<text.count)
    identity = context.identity
    instanceKey = context.instanceKey
  }

  /// The header as a place, for issues that concern blocks.
  var mark: BlockMark { BlockMark(place: place, position: position, raw: raw) }
}

/// A block's header as a place in the log.
struct BlockMark {
  /// The header's place (``HeaderNumbers``).
  var place: Int
  var position: LogPosition
  var raw: String
}

/// A block that is being read: its header, its body, and what was noticed on the way. Values are read when the block has
/// ended (``RecordBuilder``).
struct OpenBlock {
  var header: BlockHeader
  var body: BlockBody
  /// Found while the block was read.
  var issues: [GrammarIssue] = []
  var styleNotes: [StyleNote] = []
  /// The stream has two writers, as its other blocks show.
  var isAmongInterleaved = false
  /// The block has bytes of a gzip member that proved damaged.
  var isDamaged: Bool

  /// Whether two writers share the stream, as the block's keys or the stream's other blocks show. In a block of an unknown
  /// version keys mean nothing.
  var isInterleaved: Bool { isAmongInterleaved || (header.version == 1 && body.hasTwoWriters) }

  /// About how many bytes of memory the block takes.
  ///
  /// The getter changes nothing. It is marked mutating because the compiler would copy the whole block otherwise.
  var memory: Int {
    mutating get { body.memory + (issues.count + styleNotes.count) * 512 }
  }

  /// Whether the header's time and the body tell the block from every other, so that the same once more is a replay.
  var isRecognisable: Bool { !body.headerTime.isEmpty && body.hasLines }
}

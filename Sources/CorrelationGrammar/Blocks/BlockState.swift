import LogModel

/// The states of ``BlockMachine``. Each owns what only it needs.
enum BlockState {
  /// No block is open, and the stream's last line was none of a block.
  case idle
  /// No block is open, and the stream's last line was a block's. An end marker that comes now is late.
  case behindBlock
  /// A block takes lines.
  case open(BlockProgress)
  /// The header's record has ended, and with it the block. The stream's next record may go on with it, where it is a print,
  /// or show that it was cut.
  case awaitingRecord(BlockProgress)
  /// A record of level WARNING or above interrupts the block.
  indirect case suspended(BlockProgress, BlockSuspension)
  /// A foreign line came, or the record behind the block's. What follows decides how the block ended.
  indirect case undecided(BlockProgress, Lookahead)
  /// An end marker has claimed the block. The lines before the marker are read again.
  indirect case claimed(BlockProgress, BlockClaim)
  /// Lines may together be an object of the block.
  indirect case collecting(CollectedObject, in: BlockProgress, after: BeforeObject)

  /// Where the block stood when an object of several lines began.
  enum BeforeObject {
    /// The object stands in a record that the block takes lines from.
    case open
    /// The object's keys decide whether the block goes on in this record.
    case awaitingRecord
    /// The object's keys decide whether the block resumes.
    case suspended(BlockSuspension)
    /// The object stands among the lines that decide how the block ended.
    case undecided(Lookahead)
    /// The object stands among the lines before the marker that has claimed the block.
    case claimed(BlockClaim)
  }

  /// The open block, whatever it waits for.
  var block: BlockProgress? {
    switch self {
    case .idle, .behindBlock: nil
    case .open(let block), .awaitingRecord(let block), .suspended(let block, _), .undecided(let block, _),
      .claimed(let block, _), .collecting(_, let block, _):
      block
    }
  }

  /// Whether a block is open.
  var hasBlock: Bool {
    switch self {
    case .idle, .behindBlock: false
    case .open, .awaitingRecord, .suspended, .undecided, .claimed, .collecting: true
    }
  }

  /// Whether the end of a record can matter to the block.
  var heedsRecordEnd: Bool {
    switch self {
    case .open(let block): block.isInHeaderRecord
    case .undecided, .collecting: true
    case .idle, .behindBlock, .awaitingRecord, .suspended, .claimed: false
    }
  }

  /// The lines that may be an object.
  var object: CollectedObject? {
    if case .collecting(let object, _, _) = self { object } else { nil }
  }

  var isCollecting: Bool {
    if case .collecting = self { true } else { false }
  }

  var isBehindBlock: Bool {
    if case .behindBlock = self { true } else { false }
  }

  /// Whether the record that the block lies in has ended.
  var isRecordEnded: Bool {
    switch self {
    case .awaitingRecord, .collecting(_, in: _, after: .awaitingRecord): true
    case .idle, .behindBlock, .open, .suspended, .undecided, .claimed, .collecting: false
    }
  }
}

/// How far a block has come, as far as its end depends on it.
struct BlockProgress: Equatable {
  /// Which log records hold the block (2-log-envelopes, Headers in messages).
  enum Extent {
    /// The header, and no body-line yet.
    case header
    /// The first body-line stands in the header's record. The block ends with that record.
    case headerRecord
    /// As before, on a print stream, and the next record went on with the block.
    case headerRecordAndNext
    /// The header was the last line of its record. The block takes the following records of the stream.
    case laterRecords
  }

  let headerRecord: Int
  /// The stream's lines come late and apart (``BlockRecord/isLate``).
  let isLate: Bool
  private(set) var extent = Extent.header
  /// The record of the last line that was the block's.
  var lastRecord: Int
  /// That record is of WARNING or above, as the block's writer logs it. What comes in a further record of that level may be the
  /// rest of a line.
  private(set) var isGrave: Bool
  private(set) var lines = 0
  private(set) var bytes = 0
  private(set) var keys: KeySet
  /// The last pair is a `key=` at the end of a print record. The next record may bring its value.
  var awaitsValue: Bool
  /// The block had known keys that are not read because nobody knows who wrote them.
  var isCutShort = false

  /// A block that begins with a header.
  init(header: BlockLine, in record: BlockRecord) {
    headerRecord = record.number
    isLate = record.isLate
    lastRecord = record.number
    isGrave = record.interrupts
    keys = header.keys.known
    awaitsValue = header.keys.endsWithoutValue
  }

  /// Whether the block ends with a record of its own unless a print goes on.
  var isInHeaderRecord: Bool { extent == .headerRecord || extent == .headerRecordAndNext }

  /// How the block ends if it ends now.
  func ending(_ end: BlockEnd, isIncomplete: Bool = false) -> BlockEnding {
    BlockEnding(
      end: end, isIncomplete: isIncomplete, isCutShort: isCutShort,
      spansRecords: extent == .headerRecordAndNext || extent == .laterRecords)
  }

  /// Whether the block may have the text as one more body-line.
  func hasRoom(forLine text: Span<UInt8>, within limits: BlockLimits) -> Bool {
    hasRoom(forLineOf: text.count, within: limits)
  }

  /// Whether the block may have one more body-line of so many bytes.
  func hasRoom(forLineOf byteCount: Int, within limits: BlockLimits) -> Bool {
    let room = room(within: limits)
    return room.lines > 0 && byteCount < room.bytes
  }

  /// How many body-lines more the block may have, and below how many bytes they have to stay.
  func room(within limits: BlockLimits) -> BlockLimits {
    BlockLimits(lines: limits.lines - lines, bytes: limits.bytes - bytes)
  }

  /// Whether the block may have the text as the rest of a body-line.
  func hasRoom(for text: Span<UInt8>, within limits: BlockLimits) -> Bool {
    bytes + text.count < limits.bytes
  }

  /// Whether a line behind an interruption shows that the block goes on.
  func isResumed(by line: BlockLine) -> Bool {
    switch line.kind {
    case .endMarker: true
    case .rule(let count): count >= 3 && lines > 0
    case .pairs, .object: line.continuesBlock(with: keys)
    case .header, .nearMiss, .section, .objectStart, .token, .separated, .title, .unread, .other: false
    }
  }

  /// Takes a body-line of so many bytes that is one pair with a value.
  mutating func take(_ name: KeyName, byteCount: Int, in record: Int, isGrave: Bool) {
    lines += 1
    bytes += byteCount + 1
    touch(record, isGrave: isGrave)
    keys.insert(name)
  }

  /// Takes so many body-lines of one pair with a value, of so many bytes together. They stand in later records, the last one in `record`.
  mutating func take(
    lines count: Int, byteCount: Int, _ names: KeySet, in record: Int, isGrave: Bool
  ) {
    lines += count
    bytes += byteCount + count
    touch(record, isGrave: isGrave)
    keys.formUnion(names)
  }

  /// Takes a body-line.
  mutating func take(_ line: BlockLine, _ text: Span<UInt8>, in record: BlockRecord) {
    lines += 1
    bytes += text.count + 1
    touch(record)
    guard line.kind != .section else { return }
    keys.formUnion(line.keys.known)
    awaitsValue = line.keys.endsWithoutValue
  }

  /// Takes the value that a flush had cut off the last pair.
  mutating func join(_ text: Span<UInt8>, in record: BlockRecord) {
    bytes += text.count + 1
    awaitsValue = false
    touch(record)
  }

  /// The record has a line of the block.
  mutating func touch(_ record: BlockRecord) { touch(record.number, isGrave: record.interrupts) }

  private mutating func touch(_ record: Int, isGrave: Bool) {
    switch extent {
    case .header: extent = record == headerRecord ? .headerRecord : .laterRecords
    case .headerRecord where record != headerRecord: extent = .headerRecordAndNext
    case .headerRecord, .headerRecordAndNext, .laterRecords: break
    }
    lastRecord = record
    self.isGrave = isGrave
  }
}

/// What a block may cost.
struct BlockLimits {
  /// Body-lines.
  var lines: Int
  /// Bytes of the body-lines together, and of one message line.
  var bytes: Int
}

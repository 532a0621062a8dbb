import LogModel

/// One run of lines in which log records follow each other: the log itself, or one program in a log whose lines wrap those of
/// several programs (``RecordShape/wrapsLine``).
struct RecordLane {
  /// The envelope of the wrapping lines; nil for the log itself.
  let wrapper: Int?
  /// The program, as the wrapping lines name it.
  let program: [UInt8]
  /// The lane's number, 0 for the log itself.
  let number: UInt32
  /// What the lane adds to the keys of its streams.
  private let tag: [UInt8]

  /// The record that is being read.
  var context = LogRecordContext()
  /// A text record goes on until the next prefix. Its envelope and its prefix are kept, and described only when a line needs it.
  private(set) var textRecord: Int?
  private(set) var prefix: [UInt8] = []
  var isDescribed = false
  /// The text record may belong to a stream where a block has just ended.
  var isWatchedRecord = false
  /// A record whose source stands at the end of its last line.
  var waiting = WaitingRecord()
  /// The beginning of a line that came in pieces so far.
  var piece = PartialLine()
  /// Where that line begins.
  var piecePosition = LogPosition(line: 0, offset: 0)
  /// The time that the wrapping line has.
  var wrapperTime: [UInt8] = []
  /// What waits or is in pieces has bytes of a gzip member that proved damaged.
  private var isDamaged = false

  /// The lane of the log itself.
  init() {
    wrapper = nil
    program = []
    number = 0
    tag = []
  }

  /// The lane of a program in lines of a wrapper.
  init(_ wrapper: Int, named name: LogEnvelope, program: Span<UInt8>, number: UInt32) {
    self.wrapper = wrapper
    var bytes: [UInt8] = []
    bytes.append(program)
    self.program = bytes
    self.number = number
    tag = Array(name.rawValue.utf8) + [0] + bytes
  }

  /// Whether this is the lane of a program.
  func isOf(_ wrapper: Int, program: Span<UInt8>) -> Bool {
    self.wrapper == wrapper && self.program.span.equals(program)
  }

  /// Whether a line has begun and its last piece has not come.
  var hasPiece: Bool { !piece.isEmpty }

  /// A record begins, and the one before has ended.
  mutating func beginRecord() {
    isDescribed = false
    textRecord = nil
    isWatchedRecord = false
  }

  /// The record at hand goes on with bare lines. Until it is described its prefix is kept.
  mutating func beginText(_ envelope: Int) {
    textRecord = envelope
    prefix.removeAll(keepingCapacity: true)
  }

  /// Keeps the prefix of the record at hand, by which a later line of it can have it described.
  mutating func keepPrefix(_ line: Span<UInt8>) {
    prefix.append(line)
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    isDamaged = waiting.isActive || hasPiece
  }

  /// Whether what waited is in doubt; asked when it is handed on.
  mutating func takeDamage() -> Bool {
    defer { isDamaged = false }
    return isDamaged
  }

  /// Makes the record's stream one of this lane, and gives the record the wrapper's time where it has none of its own.
  mutating func completeContext() {
    if wrapper != nil {
      let tag = tag
      context.streamKey.append(tag.span, as: .lane)
    }
    if context.timeText.isEmpty { context.timeText.append(contentsOf: wrapperTime) }
    isDescribed = true
  }
}

import LogModel

/// One run of lines in which log records follow each other: the log itself, or one program in a log whose lines wrap those of
/// several programs (``RecordShape/wrapsLine``).
struct RecordLane {
  /// The program; nil for the log itself.
  let key: LaneKey?
  /// The lane's number, 0 for the log itself.
  let number: Int
  /// How many lines wrap each other here.
  private let depth: Int
  /// What the lane adds to the keys of its streams.
  private let tag: [UInt8]
  /// The envelope whose messages the lines are (``Recogniser/message(_:_:)``); nil for other lanes.
  private let messages: LogEnvelope?

  /// So many lines can wrap each other.
  static let mostNested = 4

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
  /// The task instance that the wrapping lines name.
  var instance = InstanceKey()
  /// The same as an identity, where they name all of its parts.
  var identity: TaskIdentity?
  /// The wrapping record is one of Airflow 3, whose standard output comes late.
  var isLate = false
  /// The lane in which the bare lines behind a record's first line are read, where its message wraps a line.
  var continuedIn: Int?
  /// What waits or is in pieces has bytes of a gzip member that proved damaged.
  private var isDamaged = false

  /// The lane of the log itself.
  init() {
    key = nil
    number = 0
    depth = 0
    tag = []
    messages = nil
  }

  /// Makes this the lane of another log itself.
  mutating func reset() {
    guard key == nil else {
      self = RecordLane()
      return
    }
    context.begin(number: 0, .bare)
    textRecord = nil
    // Its room counts as memory of the lane, and is to be that of a new lane.
    prefix = []
    isDescribed = false
    isWatchedRecord = false
    if waiting.isActive || waiting.memory > 0 { waiting = WaitingRecord() }
    piece.clear(keeping: 0)
    piecePosition = LogPosition(line: 0, offset: 0)
    wrapperTime.reset()
    instance.clear()
    identity = nil
    isLate = false
    continuedIn = nil
    isDamaged = false
  }

  /// The lane of a program in lines of a wrapper that stand in another lane.
  init(_ key: LaneKey, number: Int, in outer: borrowing RecordLane, _ wrapper: EnvelopeDefinition) {
    self.key = key
    self.number = number
    depth = outer.depth + 1
    instance = outer.instance
    identity = outer.identity
    // A wrapper without programs, such as a time, adds nothing to a source.
    let hasPrograms = wrapper.program != nil || !key.program.isEmpty
    tag = outer.tag + (hasPrograms ? Array(wrapper.name.rawValue.utf8) + [0] + key.program + [0] : [])
    switch wrapper.recogniser {
    case .message: messages = wrapper.name
    case .prefix, .object, .anyOther: messages = nil
    }
  }

  /// The envelope of the wrapping lines; nil for the log itself.
  var wrapper: Int? { key?.wrapper }

  /// The role in which the wrapped lines are read.
  var roleInside: EnvelopeList.LineRole { depth < Self.mostNested ? .wrapped : .innermost }

  /// Whether the lines are messages of records of another envelope.
  var isOfMessages: Bool { messages != nil }

  /// Whether a line has begun and its last piece has not come.
  var hasPiece: Bool { !piece.isEmpty }

  /// About how many bytes of memory the lane takes beyond its own size.
  var memory: Int { piece.memory + waiting.memory + prefix.capacity + (context.identity?.nameBytes ?? 0) }

  /// Lets go of buffers that hold nothing, and of all but the beginning of a line whose end has not come.
  mutating func letGo() {
    piece.letGo()
    if !waiting.isActive { waiting = WaitingRecord() }
    if isDescribed || textRecord == nil { prefix = [] }
    if textRecord == nil { context.identity = nil }
  }

  /// A record begins, and the one before has ended.
  mutating func beginRecord() {
    isDescribed = false
    textRecord = nil
    isWatchedRecord = false
    continuedIn = nil
  }

  /// The record at hand goes on with bare lines. Until it is described its prefix is kept.
  mutating func beginText(_ envelope: Int) {
    textRecord = envelope
    if !prefix.isEmpty { prefix.removeAll(keepingCapacity: true) }
  }

  /// Keeps the prefix of the record at hand, by which a later line of it can have it described.
  mutating func keepPrefix(_ line: Span<UInt8>) {
    prefix.append(line)
  }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    isDamaged = waiting.isActive || hasPiece
  }

  /// Whether the lines that waited may be damaged. It is asked once, when they are handed on.
  mutating func takeDamage() -> Bool {
    defer { isDamaged = false }
    return isDamaged
  }

  /// Makes the record's stream one of this lane, and gives the record the wrapper's time where it has none of its own.
  mutating func completeContext() {
    if let messages { context.becomeStandardOutput(of: messages, isLate: isLate) }
    if !tag.isEmpty {
      let tag = tag
      context.streamKey.append(tag.span, as: .lane)
    }
    if context.streamKey.instance.isEmpty, !instance.isEmpty { context.streamKey.instance = instance }
    if context.timeText.isEmpty { context.timeText.append(contentsOf: wrapperTime) }
    isDescribed = true
  }
}

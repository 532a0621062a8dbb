/// One run of lines in which log records follow each other: the log itself, or one container stream of a
/// collector's log (2-log-envelopes, Envelopes: cri, docker-json), whose lines stand between those of the
/// others.
struct RecordLane {
  /// The container stream; empty for the log itself.
  var tag: [UInt8] = []
  /// The record that is being read.
  var context = LogRecordContext()
  /// A text record goes on until the next prefix; its prefix is kept and described only when a line needs it.
  var isInTextRecord = false
  var prefix: [UInt8] = []
  var isDescribed = false
  /// The text record may belong to a stream where a block has just ended.
  var isWatchedRecord = false
  /// A record whose source stands at the end of its last line.
  var held = HeldRecord()
  /// The beginning of a line that the collector cut in pieces.
  var piece = HeldLine()
  /// Where that line begins.
  var piecePosition = LogPosition(line: 0, offset: 0)
  /// The time that the collector gave the line at hand.
  var collectorTime: [UInt8] = []
  /// What is held or in pieces has bytes of a gzip member that proved damaged.
  private(set) var isDamaged = false

  init(tag: [UInt8] = []) {
    self.tag = tag
  }

  /// Whether a line has begun and its last piece has not come.
  var hasPiece: Bool { !piece.isEmpty }

  /// The gzip member that is being read proved damaged.
  mutating func markDamaged() {
    isDamaged = held.isActive || hasPiece
  }

  /// Whether what was held is in doubt; asked when it is handed on.
  mutating func takeDamage() -> Bool {
    defer { isDamaged = false }
    return isDamaged
  }

  /// Makes the record's stream one of this lane, and gives it the collector's time where it has none of its own.
  mutating func completeContext() {
    if !tag.isEmpty {
      context.streamKey.append(0)
      context.streamKey.append(contentsOf: tag)
    }
    if context.timeText.isEmpty { context.timeText.append(contentsOf: collectorTime) }
    isDescribed = true
  }
}

/// A record of which it shows only at the end of its last line which source it has: Airflow 3's console form,
/// and downloads that show sources (2-log-envelopes, Envelopes).
struct HeldRecord {
  enum Envelope {
    case console, download
  }

  /// One message line with what is known of its physical line.
  struct Line {
    var text: Range<Int>
    var attributes: LineSplitter.Attributes
  }

  private(set) var isActive = false
  private(set) var envelope = Envelope.console
  private(set) var text: [UInt8] = []
  private(set) var lines: [Line] = []
  private(set) var time: [UInt8] = []
  private(set) var level: [UInt8] = []

  mutating func begin(_ envelope: Envelope, _ line: Span<UInt8>, time: Range<Int>, level: Range<Int>) {
    clear()
    isActive = true
    self.envelope = envelope
    self.time.append(line, in: time)
    self.level.append(line, in: level)
  }

  mutating func append(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
    let start = text.count
    text.append(message)
    lines.append(Line(text: start..<text.count, attributes: attributes))
  }

  mutating func clear() {
    isActive = false
    text.removeAll(keepingCapacity: text.capacity <= 262_144)
    lines.removeAll(keepingCapacity: true)
    time.removeAll(keepingCapacity: true)
    level.removeAll(keepingCapacity: true)
  }
}

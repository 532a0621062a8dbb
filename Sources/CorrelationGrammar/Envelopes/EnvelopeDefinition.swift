public import LogModel

/// All that the program knows of one envelope (2-log-envelopes, Envelopes).
///
/// An envelope is one file in this folder, which declares its name and its definition, and one line in ``all``. What else the
/// program needs is computed from the definitions (``EnvelopeList``): the search over whole chunks, how much of a line is held,
/// counts, the documentation's table, and the tests' lines.
struct EnvelopeDefinition: Sendable {
  /// The name as the specification has it.
  let name: LogEnvelope
  /// Lines of it, for the documentation's table and for the tests. `…` stands for the message.
  let examples: [String]
  /// What the documentation's table says beside the examples.
  let remark: String
  /// How a line of it can begin.
  let opening: Opening
  /// Recognises a line.
  let recogniser: Recogniser
  /// How a record of it goes on, and where it ends.
  let shape: RecordShape
  /// The envelope under whose name its streams go: records of both are of one stream where they have one source.
  let streams: LogEnvelope
  /// Whether a line may have no time. Such a line then has the last time of its stream (2-log-envelopes, Times).
  let mayLackTime: Bool
  /// Fills in which stream and task instance a record belongs to, and who wrote it.
  let describe: @Sendable (Span<UInt8>, LineOrigin, inout LogRecordContext) -> Void
  /// Reads the block that a header carries in keys of its own; nil where the line has no such keys. Without this function the
  /// envelope has no structured headers (2-log-envelopes, Structured headers).
  let structuredBody: (@Sendable (Span<UInt8>, _ most: Int) -> JSONBody?)?
  /// Of an envelope that wraps lines: appends the name of the program that wrote one, where no part of the line is that name.
  let program: (@Sendable (Span<UInt8>, JSONMembers, inout [UInt8]) -> Void)?

  init(
    name: LogEnvelope, examples: [String], remark: String = "", opening: Opening, recogniser: Recogniser,
    shape: RecordShape,
    streams: LogEnvelope? = nil, mayLackTime: Bool = false,
    describe: @escaping @Sendable (Span<UInt8>, LineOrigin, inout LogRecordContext) -> Void = { _, _, _ in },
    structuredBody: (@Sendable (Span<UInt8>, _ most: Int) -> JSONBody?)? = nil,
    program: (@Sendable (Span<UInt8>, JSONMembers, inout [UInt8]) -> Void)? = nil
  ) {
    self.name = name
    self.examples = examples
    self.remark = remark
    self.opening = opening
    self.recogniser = recogniser
    self.shape = shape
    self.streams = streams ?? name
    self.mayLackTime = mayLackTime
    self.describe = describe
    self.structuredBody = structuredBody
    self.program = program
  }

  /// Whether a record ends with the line that begins it.
  var endsWithLine: Bool {
    switch shape {
    case .line, .list: true
    case .untilNextPrefix, .untilContext, .wrapsLine, .loose: false
    }
  }

  /// The envelopes, in the order of the specification's page.
  static let all: [EnvelopeDefinition] = [
    Airflow2Text.definition,
    Airflow3JSON.definition,
    Airflow2JSON.definition,
    APIJSON.definition,
    Airflow3Console.definition,
    UIDownload.definition,
    CRI.definition,
    DockerJSON.definition,
    Airflow2UI.definition,
    Timestamps.definition,
    KubectlPrefix.definition,
    Compose.definition,
    PodManager.definition,
    JSONExport.definition,
    LineFormat.definition(nil),
    Bare.definition,
  ]
}

/// How a line of an envelope is recognised. Escape sequences of terminals are gone by then.
enum Recogniser: Sendable {
  /// The line begins with a prefix. The message is what stands behind it.
  case prefix(@Sendable (Span<UInt8>) -> RecordHead?)
  /// The line is an object of JSON. The message is one of its texts, whose escapes are still to be resolved. The object is read
  /// once for all envelopes; members that no recogniser asks for may differ between lines that are otherwise alike.
  case object(@Sendable (Span<UInt8>, inout JSONMembers) -> RecordHead?)
  /// The message of a record of another envelope, told by the file or the logger of that record and by how the message begins.
  case message(MessageSource, @Sendable (Span<UInt8>) -> RecordHead?)
  /// The line is none of another envelope.
  case anyOther
}

/// Which records have messages of an envelope (``Recogniser/message(_:_:)``).
struct MessageSource: Sendable {
  /// The file that wrote the record.
  let file: StaticString
  /// One of the parts between dots of the logger's name.
  let loggerPart: StaticString

  /// Whether a line is of this source.
  func matches(_ line: Span<UInt8>, _ origin: LineOrigin) -> Bool {
    line.is(file, in: origin.file) || (!origin.logger.isEmpty && hasPart(line, origin.logger))
  }

  private func hasPart(_ line: Span<UInt8>, _ logger: Range<Int>) -> Bool {
    var start = logger.lowerBound
    for end in logger.lowerBound...logger.upperBound
    where end == logger.upperBound || line[end] == UInt8(ascii: ".") {
      if line.is(loggerPart, in: start..<end) { return true }
      start = end + 1
    }
    return false
  }
}

/// How a record of an envelope goes on behind its first line, and where it ends.
enum RecordShape: Sendable {
  /// It ends with its line.
  case line
  /// It ends before the next line that is not bare.
  case untilNextPrefix
  /// As ``untilNextPrefix``, but only the end of its last line tells its source. The function finds that end in a line.
  case untilContext(@Sendable (Span<UInt8>, LineInRecord) -> RecordContext?)
  /// The line carries a line of another program, or a piece of one, which is read again.
  case wrapsLine(shownBy: WrapperSign)
  /// A line is a list of records, each of which is read as if it were a line. The strings are what such a list begins with, the
  /// opening brace of its first record included; white space may stand before each.
  case list([StaticString])
  /// The line belongs to an unfinished record before it, else it is a record of its own.
  case loose

  /// Whether a line of the envelope must be held whole, or only as far as a message line reaches.
  var needsWholeLine: Bool {
    switch self {
    case .untilContext, .list: true
    case .line, .untilNextPrefix, .wrapsLine, .loose: false
    }
  }
}

/// What shows that a line wraps another.
enum WrapperSign: Sendable {
  /// Its own form.
  case prefix
  /// The line inside, which is one of another envelope, a header, an end marker, or begins with a known key. Any text can have the form
  /// by chance. Once a program had such a line, all its lines are wrapped.
  case lineInside
  /// The same, but a known key shows nothing.
  case envelopeInside
}

/// Where a line of a held record stands in it.
struct LineInRecord {
  /// Where the message begins in the line.
  var start: Int
  /// The line is the record's first.
  var isFirst: Bool
  /// The input may end within the line.
  var isCut: Bool
}

/// What the end of a held record's last line tells.
struct RecordContext {
  /// Where the message ends.
  var messageEnd: Int
  var origin: LineOrigin
}

extension LogEnvelope {
  /// The names of all envelopes, in the order of the specification's page.
  public static var allCases: [LogEnvelope] { EnvelopeDefinition.all.map(\.name) }
}

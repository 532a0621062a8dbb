import LogModel

/// What ``BlockMachine`` has decided. The actions of one event are carried out in their order.
enum BlockAction: Equatable {
  /// A block begins with the line, which is its header.
  case begin
  /// The line is a body-line.
  case take
  /// Of the line only the keys count that the block has already: with another text they show what they show on any line.
  case takeRepeated
  /// The object, which ends with the line, is one body-line with these pairs.
  case takeObject(CollectedObject, JSONBody)
  /// Of the object only the keys count that the block has already.
  case takeRepeatedObject(CollectedObject, JSONBody)
  /// A structured header's own keys are the block.
  case takeOwnKeys
  /// The line is the value that a flush had cut off the last pair.
  case join
  /// The line is the block's and is not read. The key with which the line begins gets the issue.
  case skip(IssueKind)
  /// The last value of the last body-line may have been cut, and is not read.
  case cutValue
  /// The block gets an issue.
  case note(IssueKind, LinePlace)
  /// The line is a banner, which means nothing.
  case passBanner
  /// The source gets an issue at the line.
  case report(IssueKind)
  /// The block ends.
  case end(BlockEnding)
  /// The block ends by a header in another record and is held back: whether two writers interleave shows when the
  /// next block ends.
  case holdBack(BlockEnding)
  /// The lines were kept; each is read again as what it is.
  case readAgain([HeldLine])
}

/// How a block ends.
struct BlockEnding: Equatable {
  var end: BlockEnd
  /// The block may have had more lines than the log shows.
  var isIncomplete = false
  /// Known keys of the block may stand behind its end, where they are not read.
  var isCutShort = false
  /// The block has lines of more than one log record. One record has one writer.
  var spansRecords = false
}

/// Where something shows in the log, with the beginning of its text.
struct LinePlace: Equatable {
  var position: LogPosition
  var raw: String

  init(_ text: Span<UInt8>, at position: LogPosition) {
    self.position = position
    self.raw = text.rawText(in: 0..<text.count)
  }
}

extension GrammarIssue {
  /// An issue of a whole line.
  init(_ kind: IssueKind, key: String? = nil, at place: LinePlace) {
    self.init(
      kind: kind, key: key, line: place.position.line, offset: place.position.offset, raw: place.raw)
  }
}

/// What most lines come to, made once.
extension [BlockAction] {
  static let nothing: [BlockAction] = []
  static let take: [BlockAction] = [.take]
  static let begin: [BlockAction] = [.begin]

  /// A block ends.
  static func end(_ ending: BlockEnding) -> [BlockAction] {
    if ending == explicitOfRecords { return endOfRecords }
    return ending == explicitOfRecord ? endOfRecord : [.end(ending)]
  }

  private static let explicitOfRecords = BlockEnding(end: .explicit, spansRecords: true)
  private static let explicitOfRecord = BlockEnding(end: .explicit)
  private static let endOfRecords: [BlockAction] = [.end(explicitOfRecords)]
  private static let endOfRecord: [BlockAction] = [.end(explicitOfRecord)]
}

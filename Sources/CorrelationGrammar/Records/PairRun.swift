import LogModel

/// A line of the log whose message is one plain pair of a key of ours.
struct PairLine {
  /// The pair, whose places are those of the message.
  var pair: LoggedPair
  /// The message, and the time of the line, as places in the bytes at hand.
  var message: Range<Int>
  var time: Range<Int>
  /// The place behind the line's LF.
  var end: Int
}

/// Lines that an open block takes one behind the other, each of them a record of its own.
struct PairRun {
  /// How many lines were taken.
  var count = 0
  /// The last of them.
  private(set) var last: PairLine?
  /// Where the next line begins in the bytes at hand, and in the log.
  private(set) var end: Int
  private(set) var position: LogPosition
  /// The number of the last line's record.
  private(set) var record: Int

  init(from start: Int, at position: LogPosition, behind record: Int) {
    end = start
    self.position = position
    self.record = record
  }

  /// The number of the next line's record.
  var nextRecord: Int { record + 1 }

  /// The next line was taken.
  mutating func take(_ line: PairLine) {
    count += 1
    position.line += 1
    position.offset += line.end - end
    end = line.end
    record = nextRecord
    last = line
  }
}

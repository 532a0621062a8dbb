import LogModel

/// A message line that is kept until it is decided what it is, and then read again.
struct HeldLine: Equatable {
  var text: [UInt8]
  var position: LogPosition
  var record: BlockRecord
  /// The line is longer than a message line may be; only its beginning is kept.
  var isOverlong = false
  /// Whatever the line holds, it feeds no block.
  var isForeign = false
  /// A group marker was taken off.
  var isGrouped = false

  init(_ line: Span<UInt8>, at position: LogPosition, in record: BlockRecord, isForeign: Bool = false) {
    text = []
    text.append(line)
    self.position = position
    self.record = record
    self.isForeign = isForeign
  }
}

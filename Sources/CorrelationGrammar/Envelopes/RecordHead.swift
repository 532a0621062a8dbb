/// What a line tells that begins a record, as ranges of the line. What it does not tell is empty.
struct RecordHead {
  /// The time as written.
  @LineRange var time = 0..<0
  /// The message, or of a multi-line record its first line. In an object of JSON it is a text without its quotes.
  @LineRange var message = 0..<0
  /// Where the record comes from, as far as this line tells it.
  var origin = LineOrigin()
  /// The name by which the lines of one envelope tell their sources apart, where it stands in the prefix behind the time. Such
  /// lines can be passed over as long as no block waits for that source. Nil: each line is looked at.
  var source: Range<Int>? {
    get { hasSource ? sourceRange : nil }
    set {
      hasSource = newValue != nil
      sourceRange = newValue ?? 0..<0
    }
  }
  /// Of a line that wraps another: the name of the program that wrote it. Empty where lines of this envelope tell no program, or where
  /// ``EnvelopeDefinition/program`` makes the name.
  @LineRange var program = 0..<0
  /// Of a line that wraps another: how much of that line it is.
  var piece = Piece.line

  @LineRange private var sourceRange = 0..<0
  private var hasSource = false

  /// How much of a program's line a wrapper's line carries.
  enum Piece {
    /// A line, or the last piece of one.
    case line
    /// A piece; the line goes on in the next one of its program.
    case part
    /// Lines that end in LF. What stands behind the last LF goes on in the next one.
    case linesWithFeed
    /// Whole lines with LF between them. A LF at the end begins no further one.
    case lines
  }
}

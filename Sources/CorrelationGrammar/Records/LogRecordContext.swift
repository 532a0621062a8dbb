import LogModel

/// What a log record's envelope tells of it: where it comes from, when it was written, how grave it is.
///
/// One context is filled anew for each record. Its buffers are kept, so an ordinary record allocates nothing.
struct LogRecordContext {
  /// Which record this is; each logging call of a log has a number of its own.
  var number = 0
  /// The template (``LineTemplates``) or the prefix (``TextSearch``) that the record fits. 0 if it fits none.
  var template = 0
  /// The source stream (2-log-envelopes, Sources and streams): blocks live in streams.
  var streamKey = StreamKey(.bare)
  /// The number of that stream in its table, once it was looked up there; a stream keeps its number. Nil as long as it is unknown.
  var streamNumber: StreamNumber?
  /// The same task instance as an identity, where the line names all of its parts; filled in for records that may hold a header.
  var identity: TaskIdentity?
  /// What a header's line says beside the message, as a hash; 0 for all other lines. Two headers with equal keys can be one that was
  /// written twice.
  var headerKeys = 0
  /// The envelope of which the record's message may be, by its number (``Recogniser/message(_:_:)``).
  var messageEnvelope: Int?
  /// The time as written.
  var timeText: [UInt8] = []
  /// The last time before it in its stream, where it has none of its own.
  var earlierTimeText: [UInt8] = []
  /// `print()` of Airflow 2, whose records may be pieces of one write.
  var isPrint = false
  /// A stdout or stderr stream; its level is the channel's.
  var isStandardStream = false
  /// A stdout or stderr stream of Airflow 3, whose lines come late and apart.
  var isLate = false
  /// Level WARNING or above.
  var isWarning = false
  /// Written by Airflow itself, so that its messages can tell an outcome and name the task attempt.
  var isAirflow = false
  /// Its messages can name the task attempt, though they tell no outcome.
  var mayNameTask = false

  /// The task instance that the line names.
  var instanceKey: InstanceKey { streamKey.instance }
  /// The time, if it is one, else the last one before it in its stream.
  var time: LogTime? { LogTime(timeText.span) ?? LogTime(earlierTimeText.span) }
  /// Whether its messages can tell an outcome: what a task prints tells none.
  var mayTellOutcome: Bool { isAirflow && !isStandardStream }

  /// Whether more is asked of the record than what its block needs: what became of the task, whose log it is, whether its message wraps
  /// another record.
  var isAskedForMore: Bool {
    mayTellOutcome || mayNameTask || messageEnvelope != nil || !instanceKey.isEmpty
  }

  /// Prepares the context for the next record.
  mutating func begin(number: Int, _ streams: LogEnvelope) {
    self.number = number
    template = 0
    streamKey.begin(streams)
    streamNumber = nil
    timeText.empty()
    if !earlierTimeText.isEmpty { earlierTimeText.empty() }
    identity = nil
    headerKeys = 0
    messageEnvelope = nil
    isPrint = false
    isStandardStream = false
    isLate = false
    isWarning = false
    isAirflow = false
    mayNameTask = false
  }

  /// Prepares the context for a record that says the same of itself as the record before, but for its time.
  mutating func `repeat`(number: Int, _ line: Span<UInt8>, time: Range<Int>) {
    self.number = number
    if case .some = identity { identity = nil }
    headerKeys = 0
    timeText.become(line.extracting(time))
    if !earlierTimeText.isEmpty { earlierTimeText.empty() }
  }

  /// The record is what a program wrote to its standard output, whatever source its line names. The stream is the program's alone.
  mutating func becomeStandardOutput(of envelope: LogEnvelope, isLate: Bool) {
    streamKey.begin(envelope)
    identity = nil
    isPrint = false
    isStandardStream = true
    self.isLate = isLate
    isAirflow = false
    mayNameTask = false
  }

  /// The source is a file of Airflow 2, or of the task. `print()` has one stream for each level.
  mutating func describeFile(_ line: Span<UInt8>, _ origin: LineOrigin) {
    streamKey.append(line.extracting(origin.file), as: .source)
    if line.is("logging_mixin.py", in: origin.file) {
      streamKey.append(line.extracting(origin.level), as: .channel)
      isPrint = true
      isStandardStream = true
    }
    isAirflow = OutcomeLine.isAirflowFile(line, in: origin.file)
  }

  /// What a logger of Airflow 3 says about the record, besides its stream.
  mutating func describeLogger(_ line: Span<UInt8>, _ origin: LineOrigin) {
    isStandardStream =
      line.is("task.stdout", in: origin.logger) || line.is("task.stderr", in: origin.logger)
      || line.is("stdout", in: origin.channel) || line.is("stderr", in: origin.channel)
    isLate = isStandardStream
    isAirflow =
      !isStandardStream && OutcomeLine.isAirflowLogger(line, in: origin.logger)
      && (origin.file.isEmpty || OutcomeLine.isAirflowFile(line, in: origin.file))
  }

  /// Whether a level's name means WARNING or above: names in any case, and `Level 35`.
  static func isWarning(_ level: Span<UInt8>, in range: Range<Int>) -> Bool {
    if level.isCaseless("info", in: range) || level.isCaseless("debug", in: range) { return false }
    if range.count > 6, level.isCaseless("level ", in: range.lowerBound..<range.lowerBound + 6) {
      guard case .number(let number) = NumberReader.read(level, in: range.lowerBound + 6..<range.upperBound)
      else { return false }
      return number >= 30
    }
    return level.isCaseless("warning", in: range) || level.isCaseless("error", in: range)
      || level.isCaseless("critical", in: range) || level.isCaseless("warn", in: range)
      || level.isCaseless("fatal", in: range) || level.isCaseless("exception", in: range)
  }
}

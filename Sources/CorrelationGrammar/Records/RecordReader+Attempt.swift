import LogModel

/// What a record tells of the task attempt and of its stream's times.
extension RecordReader {
  /// The first line of a message of one of Airflow's own sources: it may tell what became of the task, or whose log this is.
  mutating func takeAirflowMessage(
    _ message: Span<UInt8>, finalState: String = "", _ attributes: LineSplitter.Attributes
  ) {
    if let issue = attempt.noteMessage(message, attributes) { streams.report(issue) }
    noteOutcome(OutcomeLine(message, finalState: finalState), attributes)
  }

  /// A message tells an outcome. A failure ends the open blocks of its task instance.
  mutating func noteOutcome(_ outcome: OutcomeLine?, _ attributes: LineSplitter.Attributes) {
    guard let outcome, !attributes.isCut else { return }
    attempt.note(outcome, of: lane.isDescribed ? lane.context.instanceKey : nil)
    if outcome.isFailure { streams.failureTold(by: lane.context.instanceKey) }
  }

  /// Takes note of the task instance that a line names.
  mutating func noteInstance(
    _ origin: LineOrigin, _ line: Span<UInt8>, _ attributes: LineSplitter.Attributes
  ) {
    guard !lane.context.instanceKey.isEmpty else { return }
    // Of a pod only the record that repeats its lines says whose they are.
    let origin = lane.isOfMessages ? LineOrigin() : origin
    if let issue = attempt.noteInstance(lane.context, origin, line, attributes) { streams.report(issue) }
  }

  /// A record without a time of its own has the last one of its stream (2-log-envelopes, Times).
  mutating func noteStreamTime() {
    let time = lane.context.timeText
    if LogTime(time.span) == nil {
      lane.context.earlierTimeText = streamTimes.time(of: lane.context.streamKey)
    } else {
      streamTimes.note(time.span, stream: timeStream(of: lane.context.streamKey))
    }
  }

  /// The number of a stream among those whose times are noted.
  mutating func timeStream(of key: StreamKey) -> Int {
    let (index, didOverflow) = streamTimes.index(of: key)
    // The templates hold numbers that mean other streams now.
    if didOverflow { templates.removeAll() }
    return index
  }
}

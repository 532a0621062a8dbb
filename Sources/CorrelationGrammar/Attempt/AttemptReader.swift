import LogModel

/// What the lines of a log tell of the task attempt that wrote it: its times, its outcome, and whose log it is (2-log-envelopes,
/// Task attempt).
struct AttemptReader {
  private var tracker = OutcomeTracker()
  private var firstTime: LogTime?
  /// The last time as written.
  private(set) var lastTimeText: [UInt8] = []
  /// The task attempt that the log belongs to, until a line was found to contradict it.
  private var expected: ExpectedTask?
  /// Whether somebody knows whose log it is; if not, all lines are asked.
  private var isIdentityKnown: Bool
  private var told = ToldIdentity()
  private var instances = InstanceTable()
  /// What the line named that was last compared with the expected task; and a buffer for the next one's names.
  private var comparedNames: [UInt8] = []
  private var names: [UInt8] = []

  /// - Parameter expected: The task attempt that the log's path, or whoever pipes it, names.
  init(expecting expected: ExpectedTask?) {
    self.expected = expected
    isIdentityKnown = expected != nil
  }

  /// Makes ready for another log.
  mutating func reset(expecting expected: ExpectedTask?) {
    tracker = OutcomeTracker()
    firstTime = nil
    lastTimeText.reset()
    self.expected = expected
    isIdentityKnown = expected != nil
    told = ToldIdentity()
    instances = InstanceTable()
    comparedNames.reset()
    names.reset()
  }

  // MARK: What was told

  /// Whether any line had a time so far.
  var hasTime: Bool { firstTime != nil }
  /// Whether the log had a failure line.
  var sawFailure: Bool { tracker.sawFailure }
  /// The outcome as far as the log has been read.
  var outcome: TaskOutcome { tracker.outcome(first: firstTime, last: LogTime(lastTimeText.span)) }
  /// The only attempt that the log tells of; nil where it tells of none or of several.
  var onlyIdentity: TaskIdentity? {
    instances.hasSeveral ? nil : instances.onlyIdentity ?? told.identity
  }
  /// Whether the lines tell of more than one attempt.
  var tellsSeveral: Bool { instances.hasSeveral || told.hasSeveral }
  /// The first task instance that has an identifier of Airflow 3, with the time of its first line.
  var firstInstance: (id: String, time: LogTime?)? {
    for instance in instances.instances {
      if let id = instance.id { return (id, instance.first) }
    }
    return nil
  }

  /// What the lines tell of the attempts they name; empty where they name none.
  var toldOutcomes: [ToldOutcome] {
    var outcomes: [ToldOutcome] = []
    var told: Set<TaskIdentity> = []
    for instance in instances.instances {
      guard let identity = instance.identity, told.insert(identity).inserted else { continue }
      outcomes.append(
        ToldOutcome(
          identity: identity,
          outcome: instances.hasSeveral
            ? instance.tracker.outcome(first: instance.first, last: LogTime(instance.lastTimeText.span))
            : outcome))
    }
    if outcomes.isEmpty, let identity = self.told.identity {
      outcomes.append(ToldOutcome(identity: identity, outcome: outcome))
    }
    return outcomes
  }

  // MARK: What lines tell

  /// A line has a time.
  mutating func noteTime(_ line: Span<UInt8>, _ range: Range<Int>) {
    if range.count <= [UInt8].longestName {
      lastTimeText.become(line.extracting(range))
    } else {
      lastTimeText.empty()
      lastTimeText.append(name: line.extracting(range))
    }
    if firstTime == nil { firstTime = LogTime(line.extracting(range)) }
  }

  /// A message may name the task attempt.
  /// - Returns: The issue, if it contradicts the path.
  mutating func noteMessage(_ message: Span<UInt8>, _ attributes: LineSplitter.Attributes) -> GrammarIssue? {
    guard !attributes.isCut, !attributes.isOverlong,
      let (key, text) = told.take(message, expecting: expected)
    else { return nil }
    return conflict(key, text, attributes)
  }

  /// A message tells an outcome. `instance` names the task instance of its line.
  mutating func note(_ outcome: OutcomeLine, of instance: InstanceKey?) {
    tracker.note(outcome, timeText: lastTimeText)
    guard let instance, !instance.isEmpty else { return }
    instances.note(outcome, key: instance, timeText: lastTimeText)
  }

  /// A line names its task instance, which ought to be the expected one. Where none is expected, the instance is noted.
  /// - Returns: The issue, if the line contradicts what is expected.
  mutating func noteInstance(
    _ context: LogRecordContext, _ origin: LineOrigin, _ line: Span<UInt8>,
    _ attributes: LineSplitter.Attributes
  ) -> GrammarIssue? {
    let key = context.instanceKey
    guard !key.isEmpty else { return nil }
    var issue: GrammarIssue?
    if let expected, origin.namesTask {
      names.empty()
      origin.appendNames(line, to: &names)
      if names != comparedNames {
        swap(&names, &comparedNames)
        if let (key, text) = origin.contradiction(of: expected, line) {
          issue = conflict(key, text, attributes)
        }
      }
    }
    guard !isIdentityKnown else { return issue }
    instances.note(
      key: key, timeText: context.timeText, identity: origin.identity(line),
      id: origin.instanceID.isEmpty ? nil : line.text(in: origin.instanceID).text)
    return issue
  }

  /// Whether it matters which task instance a line names that was named before.
  var notesInstancesAgain: Bool { !isIdentityKnown }

  /// A line names a task instance that a line before it named in the same words. Its time was noted before.
  mutating func noteAgain(_ instance: InstanceKey) {
    guard !isIdentityKnown, !instance.isEmpty else { return }
    instances.noteAgain(instance, timeText: lastTimeText)
  }

  /// The issue of a line that contradicts the path. It is said once a log: the path wins in any case (2-log-envelopes, Identity).
  private mutating func conflict(
    _ key: String, _ text: String, _ attributes: LineSplitter.Attributes
  ) -> GrammarIssue {
    expected = nil
    return GrammarIssue(
      kind: .identityConflict, key: key, line: attributes.position.line, offset: attributes.position.offset,
      raw: text)
  }
}

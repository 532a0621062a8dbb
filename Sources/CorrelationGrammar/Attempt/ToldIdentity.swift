import LogModel

/// What Airflow 2's own lines tell of the task attempt that writes the log (log-formats, Start lines and
/// Outcome lines of Airflow 2).
struct ToldIdentity {
  private var dagID: String?
  private var runID: String?
  private var taskID: String?
  private var mapIndex: Int?
  private var tryNumber: Int?
  /// Whether the lines tell of more than one attempt, as those of several logs in one pipe do.
  private(set) var hasSeveral = false

  private static let exporting: StaticString = "Exporting env vars: "
  private static let running: StaticString = "Running: ['airflow', 'tasks', 'run', '"
  private static let marking: StaticString = "Marking task as "
  private static let failing: StaticString = "Immediate failure requested. Marking task as "
  private static let starting: StaticString = "Starting attempt "

  /// The first bytes of all messages that tell something.
  static let firstBytes = ByteSet(
    [exporting, running, marking, failing, starting].map { unsafe $0.utf8Start.pointee })

  /// The attempt, once enough was told; nil where several are told of.
  var identity: TaskIdentity? {
    guard !hasSeveral, let dagID, let runID, let taskID, let tryNumber else { return nil }
    return TaskIdentity(dagID: dagID, runID: runID, taskID: taskID, mapIndex: mapIndex, tryNumber: tryNumber)
  }

  /// Takes a message of one of Airflow's own sources; gives the first part that contradicts what is expected.
  mutating func take(
    _ message: Span<UInt8>, expecting expected: ExpectedTask?
  ) -> (key: String, text: String)? {
    guard let first = message.isEmpty ? nil : message[0] else { return nil }
    var told = ToldIdentity()
    guard Self.firstBytes.contains(first) else { return nil }
    if message.has(Self.exporting) {
      told.dagID = Self.text(message, "AIRFLOW_CTX_DAG_ID='", until: "'")
      told.taskID = Self.text(message, "AIRFLOW_CTX_TASK_ID='", until: "'")
      told.runID = Self.text(message, "AIRFLOW_CTX_DAG_RUN_ID='", until: "'")
      told.tryNumber = Self.text(message, "AIRFLOW_CTX_TRY_NUMBER='", until: "'").flatMap { Int($0) }
    } else if message.has(Self.running) {
      let names = message.text(in: Self.running.utf8CodeUnitCount..<message.count).text.components(upTo: 3)
      guard names.count == 3 else { return nil }
      (told.dagID, told.taskID, told.runID) = (names[0], names[1], names[2])
      told.mapIndex = Self.text(message, "'--map-index', '", until: "'").flatMap { Int($0) }
    } else if message.has(Self.marking) || message.has(Self.failing) {
      told.dagID = Self.text(message, " dag_id=", until: ",")
      told.taskID = Self.text(message, " task_id=", until: ",")
      told.runID = Self.text(message, " run_id=", until: ",")
      told.mapIndex = Self.text(message, " map_index=", until: ",").flatMap { Int($0) }
    } else if message.has(Self.starting) {
      told.tryNumber = Self.text(message, Self.starting, until: " ").flatMap { Int($0) }
    } else {
      return nil
    }
    merge(told)
    return expected.flatMap { told.contradiction(of: $0) }
  }

  /// A log that tells of several attempts one after the other belongs to none.
  private mutating func merge(_ other: ToldIdentity) {
    hasSeveral =
      hasSeveral || Self.differ(dagID, other.dagID) || Self.differ(runID, other.runID)
      || Self.differ(taskID, other.taskID) || Self.differ(mapIndex, other.mapIndex)
      || Self.differ(tryNumber, other.tryNumber)
    dagID = dagID ?? other.dagID
    runID = runID ?? other.runID
    taskID = taskID ?? other.taskID
    mapIndex = mapIndex ?? other.mapIndex
    tryNumber = tryNumber ?? other.tryNumber
  }

  private static func differ<Part: Equatable>(_ one: Part?, _ other: Part?) -> Bool {
    guard let one, let other else { return false }
    return one != other
  }

  private func contradiction(of expected: ExpectedTask) -> (key: String, text: String)? {
    let identity = expected.identity
    if let dagID, dagID != identity.dagID { return ("dag_id", dagID) }
    if let runID, expected.isAnotherRun(runID) { return ("run_id", runID) }
    if let taskID, taskID != identity.taskID { return ("task_id", taskID) }
    if let mapIndex, mapIndex != identity.mapIndex ?? -1 { return ("map_index", String(mapIndex)) }
    if let tryNumber, tryNumber != identity.tryNumber { return ("try_number", String(tryNumber)) }
    return nil
  }

  /// The text between a label and the character after it; nil where either is missing or the text is empty.
  private static func text(_ message: Span<UInt8>, _ label: StaticString, until end: Unicode.Scalar)
    -> String?
  {
    guard let found = message.index(of: label) else { return nil }
    let start = found + label.utf8CodeUnitCount
    let stop = message.index(of: UInt8(ascii: end), from: start) ?? message.count
    return stop > start ? message.text(in: start..<stop).text : nil
  }
}

extension String {
  /// The first names of a Python list whose first name's quote has been read: `dag', 'task', 'run', …`.
  fileprivate func components(upTo count: Int) -> [String] {
    var names: [String] = []
    var rest = self[...]
    while names.count < count, let end = rest.firstIndex(of: "'") {
      names.append(String(rest[..<end]))
      rest = rest[rest.index(after: end)...]
      guard rest.hasPrefix(", '") else { break }
      rest = rest.dropFirst(3)
    }
    return names
  }
}

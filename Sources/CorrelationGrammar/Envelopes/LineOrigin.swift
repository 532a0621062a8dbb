import LogModel

/// Where a line says it comes from: its logger and file, its level, and the task instance that it names (2-log-envelopes,
/// Sources and streams).
///
/// All ranges are of the line. Those of a JSON line still have their escapes.
struct LineOrigin {
  /// The logger; of a format of the user's own the logger's name, of a download what it calls the source.
  @LineRange var logger = 0..<0
  @LineRange var channel = 0..<0
  @LineRange var file = 0..<0
  @LineRange var level = 0..<0
  @LineRange private(set) var finalState = 0..<0
  @LineRange private var instance = 0..<0
  private var instanceKind = InstanceKey.Kind.none
  @LineRange private var dagID = 0..<0
  @LineRange private var runID = 0..<0
  @LineRange private var taskID = 0..<0
  @LineRange private var mapIndex = 0..<0
  @LineRange private var tryNumber = 0..<0
  @LineRange private var logID = 0..<0
  private let isJSON: Bool

  init(isJSON: Bool = false) {
    self.isJSON = isJSON
  }

  /// Takes a member that Airflow's JSON formats have, or that ``takeName(_:_:of:)`` takes.
  /// - Returns: Whether it is one of these.
  mutating func take(_ key: Range<Int>, _ value: Range<Int>, of line: Span<UInt8>) -> Bool {
    switch key.count {
    case 4 where line.is("chan", in: key): channel = value
    case 5 where line.is("level", in: key): level = value
    case 6 where line.is("logger", in: key): logger = value
    case 8 where line.is("filename", in: key): file = value
    case 9 where line.is("levelname", in: key): level = value
    default: return takeName(key, value, of: line)
    }
    return true
  }

  /// Takes a key that names the task instance, or the state in which it ended.
  /// - Returns: Whether it is one of these.
  @discardableResult
  mutating func takeName(_ key: Range<Int>, _ value: Range<Int>, of line: Span<UInt8>) -> Bool {
    switch key.count {
    case 5 where line.is("ti_id", in: key), 11 where line.is("workload_id", in: key):
      // Airflow's workload id of a task is the task instance's.
      name(value, .instanceID)
    case 6 where line.is("log_id", in: key):
      logID = value
      name(value, .logID)
    case 6 where line.is("dag_id", in: key): dagID = value
    case 6 where line.is("run_id", in: key): runID = value
    case 7 where line.is("task_id", in: key): taskID = value
    case 9 where line.is("map_index", in: key): mapIndex = value
    case 10 where line.is("try_number", in: key): tryNumber = value
    case 11 where line.is("final_state", in: key): finalState = value
    default: return false
    }
    return true
  }

  /// Airflow 3's identifier names the instance before Elasticsearch's does. Of several of one kind the first counts.
  private mutating func name(_ range: Range<Int>, _ kind: InstanceKey.Kind) {
    guard !range.isEmpty, instanceKind != .instanceID, instanceKind != kind else { return }
    instance = range
    instanceKind = kind
  }

  /// Completes a stream's key by the task instance that the line names.
  func nameInstance(_ line: Span<UInt8>, in key: inout StreamKey) {
    if !instance.isEmpty {
      key.instance.set(instanceKind, line.extracting(instance))
    } else if !(dagID.isEmpty && runID.isEmpty && taskID.isEmpty) {
      for part in [dagID, runID, taskID, mapIndex, tryNumber] {
        key.instance.append(name: line.extracting(part))
      }
    }
  }

  /// The identifier of the task instance as Airflow 3 has it; empty where the line has none.
  var instanceID: Range<Int> { instanceKind == .instanceID ? instance : 0..<0 }

  /// Whether the line names any part of a task attempt by its name.
  var namesTask: Bool {
    !(dagID.isEmpty && runID.isEmpty && taskID.isEmpty && mapIndex.isEmpty && tryNumber.isEmpty)
  }

  /// Appends the parts of the task attempt that the line names, each with a NUL behind it.
  func appendNames(_ line: Span<UInt8>, to names: inout [UInt8]) {
    for part in [dagID, runID, taskID, mapIndex, tryNumber, logID] {
      names.append(line, in: part)
      names.append(0)
    }
  }

  /// The first part of the expected task that the line names otherwise; nil where it names none or the same.
  func contradiction(of expected: ExpectedTask, _ line: Span<UInt8>) -> (key: String, text: String)? {
    let identity = expected.identity
    func differs(_ range: Range<Int>, _ isAnother: (String) -> Bool) -> Bool {
      !range.isEmpty && isAnother(text(line, range))
    }
    if differs(dagID, { $0 != identity.dagID }) { return ("dag_id", line.rawText(in: dagID)) }
    if differs(runID, expected.isAnotherRun) { return ("run_id", line.rawText(in: runID)) }
    if differs(taskID, { $0 != identity.taskID }) { return ("task_id", line.rawText(in: taskID)) }
    if differs(mapIndex, { $0 != String(identity.mapIndex ?? -1) }) {
      return ("map_index", line.rawText(in: mapIndex))
    }
    if differs(tryNumber, { $0 != String(identity.tryNumber) }) {
      return ("try_number", line.rawText(in: tryNumber))
    }
    guard runID.isEmpty, let named = self.identity(line) else { return nil }
    if expected.isAnotherRun(named.runID) { return ("run_id", named.runID) }
    if named.mapIndex != identity.mapIndex { return ("map_index", String(named.mapIndex ?? -1)) }
    return nil
  }

  /// The task attempt that the line names, where it names all of it.
  func identity(_ line: Span<UInt8>) -> TaskIdentity? {
    guard !dagID.isEmpty, !taskID.isEmpty, let number = Int(line.text(in: tryNumber).text) else { return nil }
    let (dag, task) = (text(line, dagID), text(line, taskID))
    if !runID.isEmpty {
      // Airflow's own number for "not mapped" is -1.
      let index = Int(line.text(in: mapIndex).text).flatMap { $0 < 0 ? nil : $0 }
      return TaskIdentity(
        dagID: dag, runID: text(line, runID), taskID: task, mapIndex: index, tryNumber: number)
    }
    guard let (run, index) = runInLogID(text(line, logID), dag: dag, task: task, try: number) else {
      return nil
    }
    return TaskIdentity(dagID: dag, runID: run, taskID: task, mapIndex: index, tryNumber: number)
  }

  /// Elasticsearch's `log_id` is `DAG-TASK-RUN-MAPINDEX-TRY`; all but the run are known.
  private func runInLogID(
    _ logID: String, dag: String, task: String, try number: Int
  ) -> (run: String, mapIndex: Int?)? {
    let (head, tail) = ("\(dag)-\(task)-", "-\(number)")
    guard logID.hasPrefix(head), logID.hasSuffix(tail),
      logID.utf8.count > head.utf8.count + tail.utf8.count
    else { return nil }
    let middle = logID.dropFirst(head.count).dropLast(tail.count)
    if middle.hasSuffix("--1") { return (String(middle.dropLast(3)), nil) }
    guard let dash = middle.lastIndex(of: "-"), let index = Int(middle[middle.index(after: dash)...]) else {
      return nil
    }
    return (String(middle[..<dash]), index)
  }

  private func text(_ line: Span<UInt8>, _ range: Range<Int>) -> String {
    guard isJSON else { return line.text(in: range).text }
    var decoded: [UInt8] = []
    JSONString.decode(line, in: range, into: &decoded)
    return decoded.span.text(in: 0..<decoded.count).text
  }

  /// Keys of the logger's context, which are no data of a structured header (2-log-envelopes, Structured
  /// headers).
  static func isContext(_ line: Span<UInt8>, _ key: Range<Int>) -> Bool {
    switch key.count {
    case 3: line.is("loc", in: key)
    case 4: line.is("chan", in: key)
    case 5: line.is("event", in: key) || line.is("level", in: key) || line.is("ti_id", in: key)
    case 6:
      line.is("dag_id", in: key) || line.is("run_id", in: key) || line.is("logger", in: key)
        || line.is("lineno", in: key)
    case 7: line.is("task_id", in: key)
    case 8: line.is("filename", in: key)
    case 9: line.is("timestamp", in: key) || line.is("map_index", in: key)
    case 10: line.is("try_number", in: key)
    default: false
    }
  }

  /// Visits the members of a line that are not of the logger's context.
  static func ownMembers(_ line: Span<UInt8>, _ visit: (JSONScanner.Member) -> Void) {
    _ = JSONScanner.object(line) { member in
      if !isContext(line, member.key) { visit(member) }
    }
  }
}

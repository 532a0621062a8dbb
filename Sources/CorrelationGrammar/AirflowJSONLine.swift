/// One line of an Airflow 3 task log: a JSON object with `event` and `timestamp` (page 2, *airflow3-json*).
struct AirflowJSONLine {
  private(set) var event = 0..<0
  private(set) var timestamp = 0..<0
  private var level = 0..<0
  private var logger = 0..<0
  private var channel = 0..<0
  private var file = 0..<0
  private var instance = 0..<0
  private var instanceRank = Int.max
  private(set) var dagID = 0..<0
  private(set) var runID = 0..<0
  private(set) var taskID = 0..<0
  private(set) var mapIndex = 0..<0
  private(set) var tryNumber = 0..<0
  private(set) var finalState = 0..<0
  /// Whether the object has keys of its own that carry a block's data: a structured header's.
  private(set) var hasOwnKeys = false
  private var hasEvent = false
  private var hasTimestamp = false

  /// Recognises a whole line; nil when it is no valid JSON object or has not both keys.
  init?(_ line: Span<UInt8>) {
    var isValid = true
    let isObject = JSONScanner.object(line) { member in
      if !take(member, of: line) { isValid = false }
    }
    guard isObject, isValid, hasEvent, hasTimestamp else { return nil }
  }

  /// Fills the context of the record.
  func describe(_ line: Span<UInt8>, in context: inout LogRecordContext) {
    context.timeText.append(line, in: timestamp)
    context.streamKey.append(UInt8(ascii: "j"))
    for part in [logger, channel, file, instance] {
      context.streamKey.append(line, in: part)
      context.streamKey.append(0)
    }
    if instance.isEmpty {
      describeInstance(line, in: &context)
    } else {
      // Identifiers of different kinds cannot contradict each other.
      context.instanceKey.append(UInt8(truncatingIfNeeded: instanceRank))
      context.instanceKey.append(line, in: instance)
    }
    context.isStandardStream =
      line.is("task.stdout", in: logger) || line.is("task.stderr", in: logger)
      || line.is("stdout", in: channel) || line.is("stderr", in: channel)
    context.isLate = context.isStandardStream
    context.isWarning = LogRecordContext.isWarning(line, in: level)
    context.isAirflow =
      !context.isStandardStream && OutcomeLine.isAirflowLogger(line, in: logger)
      && (file.isEmpty || OutcomeLine.isAirflowFile(line, in: file))
  }

  /// Without an identifier the instance is named by dag, run, task, map index and try together.
  private func describeInstance(_ line: Span<UInt8>, in context: inout LogRecordContext) {
    guard !(dagID.isEmpty && runID.isEmpty && taskID.isEmpty) else { return }
    context.instanceKey.append(0xFF)
    for part in [dagID, runID, taskID, mapIndex, tryNumber] {
      context.instanceKey.append(line, in: part)
      context.instanceKey.append(0)
    }
    context.streamKey.append(contentsOf: context.instanceKey)
  }

  /// The first part of an identity that the line names otherwise; nil where it names none or the same.
  func contradiction(of identity: TaskIdentity, _ line: Span<UInt8>) -> (key: String, value: Range<Int>)? {
    let parts: [(String, Range<Int>, String)] = [
      ("dag_id", dagID, identity.dagID), ("run_id", runID, identity.runID),
      ("task_id", taskID, identity.taskID),
      ("map_index", mapIndex, String(identity.mapIndex ?? -1)),
      ("try_number", tryNumber, String(identity.tryNumber)),
    ]
    for (key, range, expected) in parts where !range.isEmpty && text(line, range) != expected {
      return (key, range)
    }
    return nil
  }

  private func text(_ line: Span<UInt8>, _ range: Range<Int>) -> String {
    var decoded: [UInt8] = []
    JSONString.decode(line, in: range, into: &decoded)
    return decoded.span.text(in: 0..<decoded.count).text
  }

  /// The task attempt that the line names, where it names all of it (3.3 and later).
  func identity(_ line: Span<UInt8>) -> TaskIdentity? {
    guard !dagID.isEmpty, !runID.isEmpty, !taskID.isEmpty,
      let tryNumber = Int(line.text(in: tryNumber).text)
    else { return nil }
    // Airflow's own number for "not mapped" is -1.
    let mapIndex = Int(line.text(in: mapIndex).text).flatMap { $0 < 0 ? nil : $0 }
    return TaskIdentity(
      dagID: text(line, dagID), runID: text(line, runID), taskID: text(line, taskID), mapIndex: mapIndex,
      tryNumber: tryNumber)
  }

  /// Visits the members that carry the data of a structured header.
  static func ownMembers(_ line: Span<UInt8>, _ visit: (JSONScanner.Member) -> Void) {
    _ = JSONScanner.object(line) { member in
      if !isContext(line, member.key) { visit(member) }
    }
  }

  private mutating func take(_ member: JSONScanner.Member, of line: Span<UInt8>) -> Bool {
    let key = member.key
    switch key.count {
    case 5 where line.is("event", in: key):
      guard member.kind == .string else { return false }
      event = member.value
      hasEvent = true
    case 5 where line.is("level", in: key): level = member.value
    case 9 where line.is("timestamp", in: key):
      guard member.kind == .string || member.kind == .null else { return false }
      timestamp = member.kind == .string ? member.value : 0..<0
      hasTimestamp = true
    case 6 where line.is("logger", in: key): logger = member.value
    case 4 where line.is("chan", in: key): channel = member.value
    case 8 where line.is("filename", in: key): file = member.value
    case 5 where line.is("ti_id", in: key): name(member.value, rank: 0)
    case 11 where line.is("workload_id", in: key): name(member.value, rank: 1)
    case 6 where line.is("log_id", in: key): name(member.value, rank: 2)
    case 6 where line.is("dag_id", in: key): dagID = member.value
    case 6 where line.is("run_id", in: key): runID = member.value
    case 7 where line.is("task_id", in: key): taskID = member.value
    case 9 where line.is("map_index", in: key): mapIndex = member.value
    case 10 where line.is("try_number", in: key): tryNumber = member.value
    case 11 where line.is("final_state", in: key): finalState = member.value
    default: break
    }
    if carriesData(member, line) { hasOwnKeys = true }
    return true
  }

  /// A key that a block knows, or an object, which groups such keys. A logger that binds keys of its own
  /// (`request_id`) to every event makes no structured header of a plain one.
  private func carriesData(_ member: JSONScanner.Member, _ line: Span<UInt8>) -> Bool {
    guard member.kind != .array, !Self.isContext(line, member.key) else { return false }
    return member.kind == .object || KeyName(line, in: member.key).isKnown
  }

  private mutating func name(_ range: Range<Int>, rank: Int) {
    guard rank < instanceRank, !range.isEmpty else { return }
    instance = range
    instanceRank = rank
  }

  private static func isContext(_ line: Span<UInt8>, _ key: Range<Int>) -> Bool {
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
}

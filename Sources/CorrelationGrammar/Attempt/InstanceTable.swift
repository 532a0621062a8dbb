import LogModel

/// The task instances that a log's lines name, with what the lines tell of each (2-log-envelopes, Identity:
/// outcomes are kept per identity).
struct InstanceTable {
  struct Instance {
    var key: [UInt8]
    var identity: TaskIdentity?
    /// Airflow 3's identifier; nil where lines name the instance otherwise.
    var id: String?
    var tracker = OutcomeTracker()
    var first: LogTime?
    var lastTimeText: [UInt8] = []

    /// Takes note of a line's time, and of what else it tells where nothing did so before.
    mutating func note(timeText: [UInt8], identity: () -> TaskIdentity?, id: () -> String?) {
      if self.identity == nil { self.identity = identity() }
      if self.id == nil { self.id = id() }
      if first == nil { first = LogTime(timeText.span) }
      lastTimeText.removeAll(keepingCapacity: true)
      lastTimeText.append(timeText.span)
    }
  }

  /// Beyond so many a log tells of no one task.
  private static let mostInstances = 4096

  private(set) var instances: [Instance] = []
  private var indices: [[UInt8]: Int] = [:]
  private var last = 0

  /// Takes note of a line that names an instance.
  mutating func note(
    key: [UInt8], timeText: [UInt8], identity: @autoclosure () -> TaskIdentity?,
    id: @autoclosure () -> String?
  ) {
    guard let index = index(of: key) else { return }
    instances[index].note(timeText: timeText, identity: identity, id: id)
  }

  /// Takes note of an outcome line of an instance.
  mutating func note(_ outcome: OutcomeLine, key: [UInt8], timeText: [UInt8]) {
    guard let index = index(of: key) else { return }
    instances[index].tracker.note(outcome, timeText: timeText)
  }

  /// The only attempt that is named; nil where none or several are.
  var onlyIdentity: TaskIdentity? {
    guard let first = instances.first(where: { $0.identity != nil })?.identity,
      instances.allSatisfy({ $0.identity == nil || $0.identity == first })
    else { return nil }
    return first
  }

  /// Whether more than one attempt is named.
  var hasSeveral: Bool { onlyIdentity == nil && instances.contains { $0.identity != nil } }

  private mutating func index(of key: [UInt8]) -> Int? {
    if last < instances.count, instances[last].key.hasSameBytes(as: key) { return last }
    if let found = indices[key] {
      last = found
      return found
    }
    guard instances.count < Self.mostInstances else { return nil }
    indices[key] = instances.count
    instances.append(Instance(key: key))
    last = instances.count - 1
    return last
  }
}

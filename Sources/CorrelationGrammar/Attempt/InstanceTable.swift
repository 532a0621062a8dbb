import LogModel

/// The task instances that a log's lines name, with what the lines tell of each (2-log-envelopes, Identity:
/// outcomes are kept per identity).
struct InstanceTable {
  struct Instance {
    var key: InstanceKey
    var identity: TaskIdentity?
    /// Airflow 3's identifier; nil where lines name the instance otherwise.
    var id: String?
    var tracker = OutcomeTracker()
    var first: LogTime?
    var lastTimeText: [UInt8] = []

    /// How many bytes the names have.
    var nameBytes: Int { (identity?.nameBytes ?? 0) + (id?.utf8.count ?? 0) }

    /// Takes note of a line's time, and of what else it tells where nothing did so before.
    mutating func note(timeText: [UInt8], identity: () -> TaskIdentity?, id: () -> String?) {
      if self.identity == nil { self.identity = identity() }
      if self.id == nil { self.id = id() }
      note(timeText: timeText)
    }

    /// Takes note of a line's time.
    mutating func note(timeText: [UInt8]) {
      if first == nil { first = LogTime(timeText.span) }
      lastTimeText.become(timeText.span)
    }
  }

  /// Beyond so many instances, or so many bytes of their names, no further one is noted.
  private static let (mostInstances, mostBytes) = (4096, 4 << 20)

  /// The attempts that lines name.
  private enum Named {
    case none
    case one(TaskIdentity)
    case several
  }

  private(set) var instances: [Instance] = []
  private var named = Named.none
  private var indices: [InstanceKey: Int] = [:]
  private var last = 0
  private var bytes = 0

  /// Takes note of a line that names an instance.
  mutating func note(
    key: InstanceKey, timeText: [UInt8], identity: @autoclosure () -> TaskIdentity?,
    id: @autoclosure () -> String?
  ) {
    guard let index = index(of: key) else { return }
    let (wasNamed, bytesBefore) = (instances[index].identity != nil, instances[index].nameBytes)
    instances[index].note(timeText: timeText, identity: identity, id: id)
    bytes += instances[index].nameBytes - bytesBefore
    if !wasNamed, let identity = instances[index].identity { take(identity) }
  }

  /// Takes note of a line that names an instance and tells nothing else about it.
  mutating func noteAgain(_ key: InstanceKey, timeText: [UInt8]) {
    guard let index = index(of: key) else { return }
    instances[index].note(timeText: timeText)
  }

  private mutating func take(_ identity: TaskIdentity) {
    switch named {
    case .none: named = .one(identity)
    case .one(let first): if first != identity { named = .several }
    case .several: break
    }
  }

  /// Takes note of an outcome line of an instance.
  mutating func note(_ outcome: OutcomeLine, key: InstanceKey, timeText: [UInt8]) {
    guard let index = index(of: key) else { return }
    instances[index].tracker.note(outcome, timeText: timeText)
  }

  /// The only attempt that is named; nil where none or several are.
  var onlyIdentity: TaskIdentity? {
    switch named {
    case .one(let identity): identity
    case .none, .several: nil
    }
  }

  /// Whether more than one attempt is named.
  var hasSeveral: Bool {
    switch named {
    case .several: true
    case .none, .one: false
    }
  }

  private mutating func index(of key: InstanceKey) -> Int? {
    if last < instances.count, instances[last].key == key { return last }
    if let found = indices[key] {
      last = found
      return found
    }
    guard instances.count < Self.mostInstances, bytes < Self.mostBytes else { return nil }
    indices[key] = instances.count
    instances.append(Instance(key: key))
    last = instances.count - 1
    return last
  }
}

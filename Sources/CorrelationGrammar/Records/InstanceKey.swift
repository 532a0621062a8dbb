/// Names the task instance of a line, as far as the line names one (2-log-envelopes, Task attempt).
struct InstanceKey: Hashable, Sendable {
  /// By what a line names its task instance.
  enum Kind: UInt8 {
    /// The line names none.
    case none
    /// `ti_id` or `workload_id` of Airflow 3.
    case instanceID
    /// `log_id` of Elasticsearch.
    case logID
    /// DAG, run, task, map index and try, one behind the other.
    case names
  }

  private(set) var kind = Kind.none
  private var bytes: [UInt8] = []

  var isEmpty: Bool { kind == .none }

  /// Names no instance from now on; the buffer is kept.
  mutating func clear() {
    kind = .none
    bytes.empty()
  }

  /// Names an instance by an identifier.
  mutating func set(_ kind: Kind, _ identifier: Span<UInt8>) {
    clear()
    self.kind = kind
    bytes.append(name: identifier)
  }

  /// Adds one of the names of ``Kind/names``. A NUL ends it, which no line of a log has in a name.
  mutating func append(name: Span<UInt8>) {
    kind = .names
    bytes.append(name: name)
    bytes.append(0)
  }

  /// Whether two lines name different task instances. Names of different kinds cannot contradict each other.
  func contradicts(_ other: InstanceKey) -> Bool { kind == other.kind && self != other }

  static func == (left: InstanceKey, right: InstanceKey) -> Bool {
    left.kind == right.kind && left.bytes.hasSameBytes(as: right.bytes)
  }

  /// Adds the key to a hash that is the same on every machine.
  func add(to hash: inout BodyHash) {
    hash.add([kind.rawValue].span)
    hash.add(bytes.span)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

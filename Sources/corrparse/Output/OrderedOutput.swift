import Ingest
import LogInput
import Threading

/// What one log has to say: on standard output and on standard error.
struct LogOutput: Sendable {
  var bytes: [UInt8] = []
  /// What is to be said of it, with how much it is to worry the reader.
  private(set) var messages: [(text: String, severity: Diagnostics.Severity)] = []
  /// Whether the log, or what was to be one, could not be read whole.
  var sawDamage = false
  /// What the error was about that stood in the way of reading it.
  var concern: InputError.Concern?
  /// Whether it was passed over because it is archived.
  var isArchived = false

  /// Keeps a message for its turn.
  mutating func say(_ message: String, _ severity: Diagnostics.Severity = .error) {
    messages.append((message, severity))
  }

  /// About how many bytes of memory it takes.
  var memory: Int { messages.reduce(bytes.count + 256) { $0 + $1.text.utf8.count } }

  /// Forgets what was written.
  mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    messages.removeAll()
  }

  /// Has nothing to say any more, as a new one. The buffer is kept for the next log.
  mutating func begin() {
    var bytes: [UInt8] = []
    swap(&bytes, &self.bytes)
    self = LogOutput()
    bytes.removeAll(keepingCapacity: true)
    swap(&bytes, &self.bytes)
  }
}

/// The output of logs that several threads read, in the order of the logs.
///
/// The log whose turn it is writes as it goes. What the others have to say waits in memory, up to a bound; beyond it they wait
/// themselves, for the log whose turn it is never waits.
final class OrderedOutput: Sendable {
  private static let handOverBytes = 1 << 16
  /// The bytes that one log may keep before its turn, and that all logs which were read to their end may keep together.
  private static let mostBytes = 4 << 20

  private struct State: Sendable {
    var output = StandardOutput()
    var turn = 0
    /// Logs that were read to their end before their turn.
    var ended: [Int: LogOutput] = [:]
    var endedBytes = 0
    var sawDamage = false
    var concerns: Set<InputError.Concern> = []
    var archived = 0
    var failure: OutputError?
  }

  private let state = Monitor(State())

  /// Whether any input could not be read whole.
  var sawDamage: Bool { state.change { $0.sawDamage } }

  /// What the errors were about that stood in the way of reading.
  var concerns: Set<InputError.Concern> { state.change { $0.concerns } }

  /// How many objects were passed over because they are archived.
  var archived: Int { state.change { $0.archived } }

  /// Writes what stands before the first log.
  func begin(_ head: [UInt8]) {
    state.change { $0.output.document(head) }
  }

  /// Hands over what a log has so far, if there is enough of it or somebody waits for it.
  func add(_ log: inout LogOutput, number: Int, isWatched: Bool) throws(OutputError) {
    guard isWatched || log.bytes.count >= Self.handOverBytes else { return }
    let mayKeep = log.bytes.count < Self.mostBytes
    try state.change(when: { mayKeep || $0.turn == number || $0.failure != nil }) {
      (state) throws(OutputError) in
      if let failure = state.failure { throw failure }
      guard state.turn == number else { return }
      try Self.write(&log, to: &state, isWatched: isWatched)
    }
  }

  /// Hands over the rest of a log, which has nothing to say any more; it is the next one's turn, or was already read.
  func end(_ log: inout LogOutput, number: Int) throws(OutputError) {
    try state.change(when: { $0.turn == number || $0.failure != nil || $0.endedBytes < Self.mostBytes }) {
      (state) throws(OutputError) in
      if let failure = state.failure { throw failure }
      guard state.turn == number else {
        state.endedBytes += log.memory
        var ended = LogOutput()
        swap(&ended, &log)
        state.ended[number] = ended
        return
      }
      try Self.write(&log, to: &state, isWatched: false)
      log.begin()
      state.turn += 1
      while !state.ended.isEmpty, var next = state.ended.removeValue(forKey: state.turn) {
        state.endedBytes -= next.memory
        try Self.write(&next, to: &state, isWatched: false)
        state.turn += 1
      }
    }
  }

  /// Writes everything out, and what comes after the last log, and closes.
  func close(_ end: [UInt8]) throws(OutputError) {
    try state.change { (state) throws(OutputError) in
      state.output.document(end)
      try state.output.close()
    }
  }

  private static func write(_ log: inout LogOutput, to state: inout State, isWatched: Bool)
    throws(OutputError)
  {
    state.sawDamage = state.sawDamage || log.sawDamage
    if let concern = log.concern { state.concerns.insert(concern) }
    if log.isArchived { state.archived += 1 }
    state.output.document(taking: &log.bytes)
    do throws(OutputError) {
      if isWatched { try state.output.flush() } else { try state.output.written() }
    } catch {
      state.failure = error
      throw error
    }
    for message in log.messages { Diagnostics.say(message.text, message.severity) }
    log.clear()
  }
}

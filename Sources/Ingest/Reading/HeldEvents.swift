import CorrelationGrammar
import LogModel

/// Empty buffers for the events of a log.
struct EventBuffers {
  fileprivate var found: [LogEvent] = []
  fileprivate var held: [LogEvent] = []
}

/// What a scanner found and a pipeline has not handed on, and the issues of the log so far.
///
/// No more is held than a limit says (6-bars, Limits): where one chunk gives more, the first of it is handed on.
struct HeldEvents<Failure: Error> {
  /// What the chunk at hand gave.
  private var found: [LogEvent]
  /// What the chunk before it gave.
  private var held: [LogEvent]
  /// Issues of the source that were handed on.
  private(set) var issues = SourceIssues()
  /// About how many bytes of memory the events of both take, and those of the chunk at hand.
  private var memory = 0
  private var foundMemory = 0
  /// What went wrong where nothing can be thrown.
  private var failure: Failure?
  private let handle: (consuming LogPart) throws(Failure) -> Void

  // A generic type has no stored constants of its own.
  private static var mostMemory: Int { 2 << 20 }
  /// A buffer for more events is not kept.
  private static var mostKept: Int { 1024 }

  /// No event yet. The buffers are taken until they are given back.
  init(handle: @escaping (consuming LogPart) throws(Failure) -> Void, buffers: inout EventBuffers) {
    self.handle = handle
    (found, held) = ([], [])
    swap(&found, &buffers.found)
    swap(&held, &buffers.held)
  }

  /// Gives the buffers back when the log has ended and all events were handed on.
  mutating func giveBack(to buffers: inout EventBuffers) {
    found.removeAll(keepingCapacity: found.capacity <= Self.mostKept)
    held.removeAll(keepingCapacity: held.capacity <= Self.mostKept)
    swap(&found, &buffers.found)
    swap(&held, &buffers.held)
  }

  /// The scanner found something. What handing on throws comes with the next flush.
  mutating func find(_ event: consuming LogEvent) {
    guard failure == nil else { return }
    let size = event.memory
    memory += size
    foundMemory += size
    found.append(event)
    guard memory > Self.mostMemory else { return }
    do throws(Failure) {
      try flush()
      swap(&found, &held)
      foundMemory = 0
      try flush()
    } catch {
      failure = error
    }
  }

  /// The chunk has been read: hands on what the chunk before it gave.
  mutating func endChunk() throws(Failure) {
    try flush()
    swap(&found, &held)
    (memory, foundMemory) = (foundMemory, 0)
  }

  /// Hands on what is held.
  mutating func flush() throws(Failure) {
    if let failure { throw failure }
    for index in held.indices {
      // Taken out, a record is moved on without a copy.
      var event = LogEvent.replay(block: 0)
      swap(&event, &held[index])
      switch consume event {
      case .record(let record): try handle(.record(record))
      case .replay: break
      case .sourceIssue(let issue): try take(issue)
      }
    }
    held.removeAll(keepingCapacity: held.capacity <= Self.mostKept)
    memory = 0
  }

  /// Takes an issue and hands it on.
  mutating func take(_ issue: GrammarIssue) throws(Failure) {
    issues.append(issue)
    try handle(.issue(issue))
  }

  /// Marks the records that are held and are of some blocks as damaged.
  mutating func markDamaged(_ blocks: [ClosedRange<Int>]) {
    for index in held.indices {
      guard case .record(var record) = held[index], blocks.contains(where: { $0.contains(record.block) })
      else { continue }
      record.markDamaged()
      held[index] = .record(record)
    }
  }
}

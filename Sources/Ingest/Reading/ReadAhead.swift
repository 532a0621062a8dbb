import LogInput
import Threading

/// Reads and inflates a log on a thread of its own while the caller's thread scans what was read. A few chunks lie between the two
/// threads at most. Their buffers go from the one thread to the other and back; only what is not compressed is copied.
final class ReadAhead: Sendable {
  /// What a reader calls its sink with, in the order of the log.
  private enum Step: Sendable {
    case opened(LogState?)
    case bytes([UInt8], Range<Int>)
    case memberBegan(GzipMember)
    case memberEnded(GzipMember, end: Int, MemberDamage?)
    case ended(LogReading)
  }

  private struct State {
    var steps: [Step] = []
    /// Buffers that nobody uses. Each is made by the chunk that needs it first.
    var spare: [[UInt8]] = Array(repeating: [], count: ReadAhead.mostChunks)
    /// The caller's sink has thrown: nobody takes further steps.
    var isGivenUp = false
  }

  /// What ends the reading where the caller's sink has thrown.
  private struct GivenUp: Error {}

  private static let mostChunks = 4
  /// Members without content come without bytes, and a log can have any number of these.
  private static let mostSteps = 64

  private let state = Monitor(State())

  /// Reads a log to its end.
  /// - Parameters:
  ///   - place: The log.
  ///   - reader: Makes the reader; called on the reading thread.
  ///   - sink: Takes the log on the caller's thread.
  /// - Returns: What came of it. Nil where the system gives no thread; then nothing was read.
  /// - Throws: What the sink throws.
  func read<Failure: Error>(
    _ place: LogPlace, with reader: @Sendable () -> PlaceReader, into sink: inout PipelineSink<Failure>
  ) throws(Failure) -> LogReading? {
    try Threads.run(
      { () throws(Failure) in try take(into: &sink) },
      beside: {
        var reader = reader()
        var ahead = Sink(ahead: self)
        // A reader throws only what its sink throws, and then nobody waits for its result.
        if let reading = try? reader.read(place, into: &ahead) { try? put(.ended(reading)) }
      })
  }

  // MARK: The reading thread

  private struct Sink: LogSink {
    let ahead: ReadAhead

    mutating func opened(_ state: LogState?) throws(GivenUp) { try ahead.put(.opened(state)) }

    mutating func receive(_ bytes: Span<UInt8>) throws(GivenUp) {
      var buffer = try ahead.takeSpare()
      buffer.removeAll(keepingCapacity: true)
      unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
      try ahead.put(.bytes(buffer, 0..<bytes.count))
    }

    mutating func receive(_ range: Range<Int>, of buffer: inout [UInt8]) throws(GivenUp) {
      var other = try ahead.takeSpare()
      if other.count != buffer.count { other = Array(repeating: 0, count: buffer.count) }
      swap(&other, &buffer)
      try ahead.put(.bytes(other, range))
    }

    mutating func memberBegan(_ member: GzipMember) throws(GivenUp) { try ahead.put(.memberBegan(member)) }

    mutating func memberEnded(_ member: GzipMember, at end: Int, damage: MemberDamage?) throws(GivenUp) {
      try ahead.put(.memberEnded(member, end: end, damage))
    }
  }

  private func put(_ step: Step) throws(GivenUp) {
    try state.change(when: { $0.isGivenUp || $0.steps.count < Self.mostSteps }) { (state) throws(GivenUp) in
      if state.isGivenUp { throw GivenUp() }
      state.steps.append(step)
    }
  }

  private func takeSpare() throws(GivenUp) -> [UInt8] {
    try state.change(when: { $0.isGivenUp || !$0.spare.isEmpty }) { (state) throws(GivenUp) in
      guard !state.isGivenUp, let buffer = state.spare.popLast() else { throw GivenUp() }
      return buffer
    }
  }

  // MARK: The caller's thread

  /// Takes the steps until the log has ended.
  private func take<Failure: Error>(into sink: inout PipelineSink<Failure>) throws(Failure) -> LogReading {
    do throws(Failure) {
      while true {
        switch state.change(when: { !$0.steps.isEmpty }, { $0.steps.removeFirst() }) {
        case .opened(let log): try sink.opened(log)
        case .bytes(var buffer, let range):
          try sink.receive(buffer.span.extracting(range))
          state.change { state in
            // Moved, not copied: who takes it next is to be the only one who has it.
            state.spare.append([])
            swap(&state.spare[state.spare.count - 1], &buffer)
          }
        case .memberBegan(let member): try sink.memberBegan(member)
        case .memberEnded(let member, let end, let damage):
          try sink.memberEnded(member, at: end, damage: damage)
        case .ended(let reading): return reading
        }
      }
    } catch {
      state.change { $0.isGivenUp = true }
      throw error
    }
  }
}

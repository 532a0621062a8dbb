import LogModel

/// Follows what a log tells of its task attempt (2-log-envelopes, Outcome).
///
/// A deferral that is resumed begins a new segment, and the last segment decides; within one, what is stated
/// beats what is inferred, and a failure beats a regular end.
struct OutcomeTracker {
  /// How much a line says; a stronger word is not overruled by a weaker one.
  private enum Strength: Int, Comparable {
    case nothing, regularEnd, implied, exitCode, stated

    static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
  }

  private var strength = Strength.nothing
  private var state = TaskOutcome.State.unknown
  private var endText: [UInt8] = []
  /// Whether the log had any failure line, whatever came after it.
  private(set) var sawFailure = false

  /// Takes note of an outcome line and the time it was written.
  mutating func note(_ line: OutcomeLine, timeText: [UInt8]) {
    if line.isFailure { sawFailure = true }
    switch line {
    case .states(let state): settle(state, .stated, timeText)
    case .exited(let state): settle(state, .exitCode, timeText)
    case .implies(let state): settle(state, .implied, timeText)
    case .regularEnd: settle(.success, .regularEnd, timeText)
    case .resumes:
      guard state == .deferred else { return }
      strength = .nothing
      state = .unknown
      endText = []
    }
  }

  private mutating func settle(_ state: TaskOutcome.State, _ strength: Strength, _ timeText: [UInt8]) {
    guard strength >= self.strength else { return }
    // Of several regular ends the last one is the end; of several words of one weight the last one counts.
    self.strength = strength
    self.state = state
    endText = timeText
  }

  /// The outcome, given the first and last time of the log.
  func outcome(first: LogTime?, last: LogTime?) -> TaskOutcome {
    TaskOutcome(
      state: state, isStated: strength >= .exitCode, start: first,
      end: LogTime(endText.span) ?? last)
  }
}

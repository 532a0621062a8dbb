import LogModel

/// Messages by which Airflow itself tells what became of a task attempt (2-log-envelopes, Outcome).
enum OutcomeLine: Equatable {
  /// A state in so many words.
  case states(TaskOutcome.State)
  /// 2.x: the exit code of the task's process, weaker than a state.
  case exited(TaskOutcome.State)
  /// 3.x task files state nothing: a message from which the state follows.
  case implies(TaskOutcome.State)
  /// 3.x: the regular end of the task's function.
  case regularEnd
  /// The attempt is taken up again after a deferral, in the same log.
  case resumes

  /// Whether the line ends the open blocks of its task instance: all but success, skip and regular ends.
  var isFailure: Bool {
    switch self {
    case .states(let state), .exited(let state), .implies(let state): state != .success && state != .skipped
    case .regularEnd, .resumes: false
    }
  }

  /// Files of Airflow that write such messages.
  static let airflowFiles: [StaticString] = [
    "taskinstance.py", "local_task_job_runner.py", "local_task_job.py", "standard_task_runner.py",
    "timeout.py", "python.py", "task_runner.py", "supervisor.py",
  ]

  /// Whether a file is one of those.
  static func isAirflowFile(_ line: Span<UInt8>, in file: Range<Int>) -> Bool {
    airflowFiles.contains { line.is($0, in: file) }
  }

  /// Loggers of Airflow 3 that write such messages.
  static func isAirflowLogger(_ line: Span<UInt8>, in logger: Range<Int>) -> Bool {
    line.is("task", in: logger) || line.is("supervisor", in: logger)
      || line.has("airflow.", at: logger.lowerBound)
  }

  // MARK: Messages

  /// A message, by what it begins with.
  private struct Phrase {
    /// What stands behind the beginning.
    enum Rest {
      case nothing
      case anything
      /// The end, or a full stop.
      case endOrStop
      /// A state in capital letters: `SUCCESS`.
      case state
      /// The exit code of a process.
      case exitCode
      /// Nothing; a key of the record has the state. The supervisor's last word of 3.x, on the executor's output.
      case stateInKey
    }

    let beginning: StaticString
    let rest: Rest
    /// The outcome, where the rest tells none.
    let outcome: OutcomeLine

    init(_ beginning: StaticString, _ rest: Rest, _ outcome: OutcomeLine = .states(.unknown)) {
      self.beginning = beginning
      self.rest = rest
      self.outcome = outcome
    }
  }

  private static let phrases = [
    Phrase("Marking task as ", .state),
    Phrase("Immediate failure requested. Marking task as ", .state),
    Phrase("Task exited with return code ", .exitCode),
    Phrase("Task exited", .nothing, .implies(.failed)),
    Phrase("Task failed with exception", .nothing, .implies(.failed)),
    Phrase("Process timed out", .nothing, .implies(.failed)),
    Phrase("Process timed out, PID: ", .anything, .implies(.failed)),
    Phrase("Process terminated by signal", .endOrStop, .implies(.failed)),
    Phrase("Pausing task as DEFERRED.", .anything, .implies(.deferred)),
    Phrase("Skipping task.", .nothing, .implies(.skipped)),
    Phrase("Pushing xcom", .nothing, .regularEnd),
    Phrase("Returned value was: ", .anything, .regularEnd),
    Phrase("Done. Returned value was: ", .anything, .regularEnd),
    Phrase("::group::Post Execute", .anything, .regularEnd),
    Phrase("::group::Pre Execute", .anything, .resumes),
    Phrase("Resuming after deferral", .anything, .resumes),
    Phrase("Workload finished", .stateInKey),
    Phrase("Task finished", .stateInKey),
  ]

  private static let states: [(name: StaticString, state: TaskOutcome.State)] = [
    ("SUCCESS", .success), ("FAILED", .failed), ("UP_FOR_RETRY", .upForRetry), ("SKIPPED", .skipped),
    ("DEFERRED", .deferred),
  ]

  /// The first bytes of all such messages.
  static let firstBytes = ByteSet(phrases.map { unsafe $0.beginning.utf8Start.pointee })

  /// Recognises the first line of a message of one of Airflow's own sources; nil for any other text. `finalState` is the text of
  /// the record's key `final_state`.
  init?(_ message: Span<UInt8>, finalState: String = "") {
    guard let first = message.isEmpty ? nil : message[0], Self.firstBytes.contains(first) else { return nil }
    for phrase in Self.phrases where message.has(phrase.beginning) {
      if let outcome = Self.outcome(of: phrase, message, finalState) {
        self = outcome
        return
      }
    }
    return nil
  }

  private static func outcome(
    of phrase: Phrase, _ message: Span<UInt8>, _ finalState: String
  ) -> OutcomeLine? {
    let rest = phrase.beginning.utf8CodeUnitCount
    let isWhole = message.count == rest
    switch phrase.rest {
    case .nothing: return isWhole ? phrase.outcome : nil
    case .anything: return phrase.outcome
    case .endOrStop: return isWhole || message[rest] == UInt8(ascii: ".") ? phrase.outcome : nil
    case .state: return states.first { message.has($0.name, at: rest) }.map { .states($0.state) }
    case .exitCode: return exitCode(message, at: rest).map { .exited($0) }
    case .stateInKey: return isWhole ? TaskOutcome.State(rawValue: finalState).map { .states($0) } : nil
    }
  }

  private static func exitCode(_ message: Span<UInt8>, at start: Int) -> TaskOutcome.State? {
    guard start < message.count else { return nil }
    if message[start] == UInt8(ascii: "0"), start + 1 == message.count || !message[start + 1].isASCIIDigit {
      return .success
    }
    if message.has("100 (task deferral)", at: start) { return .deferred }
    return message[start].isASCIIDigit || message[start] == UInt8(ascii: "-") ? .failed : nil
  }
}

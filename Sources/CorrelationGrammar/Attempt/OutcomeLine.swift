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

  /// Recognises the first line of a message of one of Airflow's own sources; nil for any other text.
  init?(_ message: Span<UInt8>) {
    guard message.count >= 10 else { return nil }
    switch message[0] {
    case UInt8(ascii: "M"), UInt8(ascii: "I"):
      let start = message.has("Immediate failure requested. ") ? 29 : 0
      guard message.has("Marking task as ", at: start), let state = Self.state(message, at: start + 16) else {
        return nil
      }
      self = .states(state)
    case UInt8(ascii: "T"):
      guard let outcome = Self.taskMessage(message) else { return nil }
      self = outcome
    case UInt8(ascii: "P"):
      guard let outcome = Self.processMessage(message) else { return nil }
      self = outcome
    case UInt8(ascii: "S") where message.is("Skipping task.", in: 0..<message.count):
      self = .implies(.skipped)
    case UInt8(ascii: "D"):
      guard message.has("Done. Returned value was: ") else { return nil }
      self = .regularEnd
    case UInt8(ascii: "R"):
      if message.has("Returned value was: ") {
        self = .regularEnd
      } else if message.has("Resuming after deferral") {
        self = .resumes
      } else {
        return nil
      }
    case UInt8(ascii: ":"):
      if message.has("::group::Post Execute") {
        self = .regularEnd
      } else if message.has("::group::Pre Execute") {
        self = .resumes
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static func taskMessage(_ message: Span<UInt8>) -> OutcomeLine? {
    let whole = 0..<message.count
    if message.is("Task failed with exception", in: whole) { return .implies(.failed) }
    if message.is("Task exited", in: whole) { return .implies(.failed) }
    guard message.has("Task exited with return code ") else { return nil }
    if message.has("0", at: 29), message.count == 30 || !message[30].isASCIIDigit { return .exited(.success) }
    if message.has("100 (task deferral)", at: 29) { return .exited(.deferred) }
    guard message.count > 29, message[29].isASCIIDigit || message[29] == UInt8(ascii: "-") else { return nil }
    return .exited(.failed)
  }

  private static func processMessage(_ message: Span<UInt8>) -> OutcomeLine? {
    if message.is("Process timed out", in: 0..<message.count) || message.has("Process timed out, PID: ") {
      return .implies(.failed)
    }
    if message.has("Process terminated by signal"),
      message.count == 28 || message[28] == UInt8(ascii: ".")
    {
      return .implies(.failed)
    }
    if message.is("Pushing xcom", in: 0..<message.count) { return .regularEnd }
    if message.has("Pausing task as DEFERRED.") { return .implies(.deferred) }
    return nil
  }

  /// The supervisor's last word of 3.x, on the executor's output: `Workload finished` or `Task finished` with
  /// the state in a key of the record.
  init?(_ message: Span<UInt8>, finalState: String) {
    let whole = 0..<message.count
    guard message.is("Workload finished", in: whole) || message.is("Task finished", in: whole) else {
      return nil
    }
    guard let state = TaskOutcome.State(rawValue: finalState) else { return nil }
    self = .states(state)
  }

  private static func state(_ message: Span<UInt8>, at start: Int) -> TaskOutcome.State? {
    if message.has("SUCCESS", at: start) { return .success }
    if message.has("FAILED", at: start) { return .failed }
    if message.has("UP_FOR_RETRY", at: start) { return .upForRetry }
    if message.has("SKIPPED", at: start) { return .skipped }
    if message.has("DEFERRED", at: start) { return .deferred }
    return nil
  }
}

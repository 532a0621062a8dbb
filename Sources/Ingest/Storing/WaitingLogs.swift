import DiagnosticWriter

/// The logs whose rows wait in the writer for the commit of their batch.
struct WaitingLogs {
  // A batch ends when it reaches one of these sizes. Round trips are cheap then, and little is lost if the batch fails.
  private static let mostLogs = 100
  private static let mostBytes = 1 << 20
  private static let mostTime = Duration.seconds(2)

  private var logs: [ReadLog] = []
  private var since = ContinuousClock.now

  /// Adds a log whose rows the writer holds.
  mutating func append(_ log: ReadLog) {
    if logs.isEmpty { since = ContinuousClock.now }
    logs.append(log)
  }

  /// Takes all logs out, in the order in which they were read.
  mutating func takeAll() -> [ReadLog] {
    defer { logs.removeAll(keepingCapacity: true) }
    return logs
  }

  /// Whether the batch is large enough to be committed.
  func isComplete(in writer: DiagnosticWriter) -> Bool {
    writer.waitingLogs >= Self.mostLogs || writer.waitingBytes >= Self.mostBytes
      || ContinuousClock.now - since > Self.mostTime
  }
}

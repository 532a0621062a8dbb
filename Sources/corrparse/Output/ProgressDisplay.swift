import Ingest
import Synchronization

/// Shows how far a run is: by one line that is drawn over on a terminal, or by plain lines.
final class ProgressDisplay: Sendable {
  private struct State {
    var logs = 0
    var bytes: Int64 = 0
    var lastShown = ContinuousClock.now
  }

  /// The number and size of all logs, if they were counted.
  struct Total: Sendable {
    var logs = 0
    var bytes: Int64 = 0
  }

  private let total: Total?
  private let form: ProgressForm
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// A display. Without a total it does not tell the time that is left.
  init(total: Total?, form: ProgressForm) {
    self.total = total
    self.form = form
  }

  /// Adds a step. Shows the progress, unless it was shown a moment ago.
  func take(_ step: IngestProgress) {
    let now = ContinuousClock.now
    let pause: Duration = form == .plain ? .seconds(10) : .milliseconds(100)
    let line: String? = state.withLock { state in
      state.logs += step.logs
      state.bytes += step.bytes
      guard now - state.lastShown >= pause else { return nil }
      state.lastShown = now
      return Self.text(logs: state.logs, bytes: state.bytes, of: total, after: (now - start) / .seconds(1))
    }
    guard let line else { return }
    switch form {
    case .auto: Diagnostics.showStatus(line)
    case .plain: Diagnostics.say(line, .info)
    case .off: break
    }
  }

  /// Removes the line from the terminal.
  func end() {
    if form == .auto { Diagnostics.showStatus("") }
  }

  /// `[####----------------] 52 of 240 logs, 13 logs/s, 1.5 MiB/s, 0:14 left`. Rates and the time left come after a second: before,
  /// they would say nothing but how the run began.
  static func text(logs: Int, bytes: Int64, of total: Total?, after seconds: Double) -> String {
    let rates =
      seconds < 1
      ? "" : ", \(Int(Double(logs) / seconds)) logs/s, \(Amount.size(Double(bytes) / seconds))/s"
    guard let total else { return "\(logs) logs, \(Amount.size(Double(bytes)))" + rates }
    // Measure by size if sizes are known, because a long log takes longer than a short one.
    let share = min(
      1,
      total.bytes > 0 ? Double(bytes) / Double(total.bytes) : Double(logs) / Double(max(1, total.logs)))
    let left = seconds < 1 || share == 0 ? "" : ", \(time(seconds * (1 - share) / share)) left"
    return "\(bar(share)) \(logs) of \(total.logs) logs" + rates + left
  }

  private static func bar(_ share: Double) -> String {
    let width = 20
    let full = Int((Double(width) * share).rounded(.down))
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "]"
  }

  /// A duration for people: `0:07`, `12:34`, `1:02:03`.
  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1_000_000).rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }
}

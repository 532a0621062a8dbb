import Ingest
import Synchronization

/// How far a run is: one line that is drawn over on a terminal, plain lines otherwise.
final class ProgressDisplay: Sendable {
  private struct State {
    var logs = 0
    var bytes: Int64 = 0
    var lastShown = ContinuousClock.now
  }

  /// What there is to do, where it was counted.
  struct Total: Sendable {
    var logs = 0
    var bytes: Int64 = 0
  }

  private let total: Total?
  private let isOnTerminal: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// A display. Without a total, where nobody counted, no time left can be told.
  init(total: Total?, isOnTerminal: Bool) {
    self.total = total
    self.isOnTerminal = isOnTerminal
  }

  /// Takes a step, and shows it unless the last one was shown just now.
  func take(_ step: IngestProgress) {
    let now = ContinuousClock.now
    let pause: Duration = isOnTerminal ? .milliseconds(100) : .seconds(10)
    let line: String? = state.withLock { state in
      state.logs += step.logs
      state.bytes += step.bytes
      guard now - state.lastShown >= pause else { return nil }
      state.lastShown = now
      return text(state, now - start)
    }
    guard let line else { return }
    if isOnTerminal { Diagnostics.showStatus(line) } else { Diagnostics.say(line, .info) }
  }

  /// Takes the line away.
  func end() {
    if isOnTerminal { Diagnostics.showStatus("") }
  }

  private func text(_ state: State, _ elapsed: Duration) -> String {
    let seconds = max(0.001, elapsed / .seconds(1))
    let rate = "\(Int(Double(state.logs) / seconds)) logs/s, \(Self.size(Double(state.bytes) / seconds))/s"
    guard let total else { return "\(state.logs) logs, \(Self.size(Double(state.bytes))), \(rate)" }
    // By size, as far as there is any: a long log takes longer than a short one.
    let share =
      total.bytes > 0
      ? Double(state.bytes) / Double(total.bytes) : Double(state.logs) / Double(max(1, total.logs))
    let left = share > 0 ? seconds * (1 - min(1, share)) / share : 0
    return "\(Self.bar(share)) \(state.logs) of \(total.logs) logs, \(rate), \(Self.time(left)) left"
  }

  static func bar(_ share: Double) -> String {
    let width = 20
    let full = Int((Double(width) * min(1, max(0, share))).rounded(.down))
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: width - full) + "]"
  }

  /// `512 B`, `1.5 MiB`.
  static func size(_ bytes: Double) -> String {
    var value = bytes
    var units = ["B", "KiB", "MiB", "GiB"][...]
    while value >= 1024, units.count > 1 {
      value /= 1024
      units.removeFirst()
    }
    let tenths = Int((value * 10).rounded())
    let number = units.first == "B" ? "\(Int(value))" : "\(tenths / 10).\(tenths % 10)"
    return "\(number) \(units.first ?? "")"
  }

  /// `0:07`, `12:34`, `1:02:03`.
  static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1_000_000).rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }
}

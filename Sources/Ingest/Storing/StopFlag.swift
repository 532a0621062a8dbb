import Glibc
import Synchronization

/// Tells a run to end. The log at hand is finished if that takes at most half of the 20 s that 5-command-line, Exit codes gives. Otherwise
/// it is rolled back.
public final class StopFlag: Sendable {
  private static let grace: Int64 = 10_000
  /// When the end was requested, in milliseconds of the monotonic clock; 0 before.
  private let requestTime = Atomic<Int64>(0)
  private let isPending: @Sendable () -> Bool

  /// A flag that is not set.
  /// - Parameter isPending: Whether a request is on its way that has not set the flag yet, such as a signal that is pending.
  public init(isPending: @escaping @Sendable () -> Bool = { false }) {
    self.isPending = isPending
  }

  /// Requests the end of the run.
  public func request() {
    _ = requestTime.compareExchange(expected: 0, desired: max(1, Self.now), ordering: .relaxed)
  }

  /// Whether the end was requested. No further log is begun then.
  public var isRequested: Bool { requestTime.load(ordering: .relaxed) != 0 || isPending() }

  /// Whether the time for the log at hand is over. It is given up then.
  public var isOverdue: Bool {
    let time = requestTime.load(ordering: .relaxed)
    return time != 0 && Self.now - time > Self.grace
  }

  private static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

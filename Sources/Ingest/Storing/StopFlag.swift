import Glibc
import Synchronization

/// Tells a run that it is to end: the log at hand is finished if that takes no longer than half of the 20 s
/// that 5-command-line, Exit codes gives, else rolled back.
public final class StopFlag: Sendable {
  private static let grace: Int64 = 10_000
  /// When it was asked for, in milliseconds of the monotonic clock; 0 while it was not.
  private let requestTime = Atomic<Int64>(0)
  private let isPending: @Sendable () -> Bool

  /// Not asked for yet.
  /// - Parameter isPending: Whether it is being asked for, though nobody has come to say so.
  public init(isPending: @escaping @Sendable () -> Bool = { false }) {
    self.isPending = isPending
  }

  /// Asks the run to end.
  public func request() {
    _ = requestTime.compareExchange(expected: 0, desired: max(1, Self.now), ordering: .relaxed)
  }

  /// Whether no further log is to be begun.
  public var isRequested: Bool { requestTime.load(ordering: .relaxed) != 0 || isPending() }

  /// Whether the log at hand is to be given up.
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

import Synchronization

/// The cores that a run may use, one for each of its jobs. A large log is inflated on a core that no job needs (``ReadAhead``).
public final class Cores: Sendable {
  private let count: Int
  private let busy = Atomic(0)

  /// So many cores, all of them free.
  public init(_ count: Int) {
    self.count = count
  }

  /// A job begins a log, on whatever core there is.
  func occupy() { busy.add(1, ordering: .relaxed) }

  /// A job, or what was done beside it, has ended.
  func release() { busy.subtract(1, ordering: .relaxed) }

  /// Whether a core is free.
  var hasFree: Bool { busy.load(ordering: .relaxed) < count }

  /// Occupies a core that is free; false where none is.
  func occupyFree() -> Bool {
    var seen = busy.load(ordering: .relaxed)
    while seen < count {
      let (isExchanged, now) = busy.compareExchange(expected: seen, desired: seen + 1, ordering: .relaxed)
      if isExchanged { return true }
      seen = now
    }
    return false
  }
}

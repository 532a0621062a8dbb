public import LogModel

/// Looks for records whose time lies in the future (1-correlation-data, Issues: `future_time`).
///
/// A time is of the future when it is more than a day after the clock of the machine that reads the log, at the moment of reading.
/// A day leaves room for clocks that are a little wrong and for local times without a zone, which are read as UTC.
public struct FutureTimes: Sendable {
  /// A day, in microseconds.
  private static let tolerance: Int64 = 86_400_000_000

  private let clock: @Sendable () -> LogTime
  /// The clock at the last look at it. The clock is looked at anew only before a time is said to be of the future, because a piped log
  /// can be read for days.
  private var now: LogTime?
  private var first: GrammarIssue?
  private var count = 0

  /// A search that has found nothing.
  /// - Parameter clock: The clock of the machine that reads.
  public init(clock: @escaping @Sendable () -> LogTime = { LogTime.now }) {
    self.clock = clock
  }

  /// Looks at the time of a record; nil stands for a record whose time nobody knows.
  public mutating func note(_ record: CorrelationRecord, _ time: LogTime?) {
    guard let time, isFuture(time) else { return }
    count += 1
    if let block = first?.block, block < record.block { return }
    first = GrammarIssue(
      kind: .futureTime, line: record.line, offset: record.offset, raw: time.description, block: record.block)
  }

  /// One issue for the whole log: the line and the time of the first record of the future (by its number in the log), and how many such
  /// records the log has. Nil where no record is of the future.
  public var issue: GrammarIssue? {
    guard let first else { return nil }
    return GrammarIssue(
      kind: first.kind, line: first.line, offset: first.offset, raw: first.raw, block: first.block,
      places: count)
  }

  private mutating func isFuture(_ time: LogTime) -> Bool {
    if let now, !Self.isFuture(time, at: now) { return false }
    let now = clock()
    self.now = now
    return Self.isFuture(time, at: now)
  }

  private static func isFuture(_ time: LogTime, at now: LogTime) -> Bool {
    time.microseconds > now.microseconds + tolerance
  }
}

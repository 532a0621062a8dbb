import Glibc
public import Logging

/// How long a failure that may pass is waited out (4-database, Transactions: a bounded number of times).
public struct RetryPatience: Sendable, Hashable {
  /// How often a piece of work is tried at most.
  public var attempts: Int
  /// The pause after the first failure; each further one is twice as long.
  public var firstPause: Duration
  /// No pause is longer.
  public var longestPause: Duration
  /// After this long since the first failure nothing is tried again, so that timeouts do not add up to hours.
  public var limit: Duration

  /// Patience; what is not given outlasts a restart of the server behind a PgBouncer, which for 15 seconds after a failed login does not
  /// try another one: the pauses come to 46 to 61 seconds.
  public init(
    attempts: Int = 18, firstPause: Duration = .milliseconds(100), longestPause: Duration = .seconds(5),
    limit: Duration = .seconds(300)
  ) {
    self.attempts = attempts
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.limit = limit
  }

  /// Nothing is tried again.
  public static let none = RetryPatience(attempts: 1)

  /// The pause after a failure, numbered from 1: between three quarters of it and all of it, so that those who failed together do
  /// not come back together.
  func pause(after failures: Int) -> Duration {
    let whole = min(longestPause, firstPause * (1 << min(failures - 1, 20)))
    return whole * Double.random(in: 0.75...1)
  }
}

/// A connection that is made anew when it is lost. For one thread at a time.
public final class DatabaseSession {
  /// Makes a connection.
  public typealias Connect = () throws(DatabaseError) -> Connection

  private let connect: Connect
  private let patience: RetryPatience
  private let logger: Logger
  private let isStopping: () -> Bool
  private var current: Connection?
  /// Whether a lost connection can be made anew.
  private let canReconnect: Bool

  /// A session that connects when it is first used, unless it starts with a connection.
  ///
  /// - Parameters:
  ///   - first: The connection to start with.
  ///   - patience: How failures that may pass are waited out.
  ///   - logger: Hears of each such failure.
  ///   - isStopping: Whether the program is to end: then nothing is tried again.
  ///   - connect: Makes a connection.
  public init(
    startingWith first: Connection? = nil, patience: RetryPatience = RetryPatience(), logger: Logger,
    isStopping: @escaping () -> Bool = { false },
    connect: @escaping Connect
  ) {
    self.connect = connect
    self.patience = patience
    self.logger = logger
    self.isStopping = isStopping
    current = first
    canReconnect = true
  }

  /// A session of this one connection, which tries nothing again.
  public init(_ connection: Connection) {
    connect = { () throws(DatabaseError) in connection }
    patience = .none
    logger = Logger(label: "corrparse") { _ in SwiftLogNoOpLogHandler() }
    isStopping = { false }
    current = connection
    canReconnect = false
  }

  /// The connection; it is made anew where no working connection is there.
  func connection() throws(DatabaseError) -> Connection {
    if let current, !current.isBroken || !canReconnect { return current }
    let made = try connect()
    current = made
    return made
  }

  /// Ends whatever transaction is open. Where that fails the connection is lost, and with it the transaction.
  func rollback() {
    try? current?.rollback()
  }

  /// Does a piece of work, again on a new connection if need be while the failure may pass and the patience lasts.
  ///
  /// - Parameters:
  ///   - work: What it is, for people: "storing 3 logs".
  ///   - body: Must be as good done twice as once.
  /// - Returns: What the body gives.
  /// - Throws: The last failure, with the transaction rolled back.
  public func retrying<Value>(
    _ work: @autoclosure () -> String, _ body: (Connection) throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    let start = ContinuousClock.now
    var failures = 0
    while true {
      do throws(DatabaseError) {
        return try body(connection())
      } catch {
        rollback()
        failures += 1
        guard error.isRetryable, failures < patience.attempts, !isStopping(),
          ContinuousClock.now - start < patience.limit
        else { throw error.givenUp(after: failures, ContinuousClock.now - start) }
        logger.warning(
          "\(work()) failed and is tried again: \(error)",
          metadata: ["attempt": "\(failures + 1) of \(patience.attempts)"])
        wait(patience.pause(after: failures))
      }
    }
  }

  /// Whether a transaction has committed whose COMMIT got no answer; nil if the server cannot tell any more. Takes the
  /// transaction's `pg_current_xact_id()`. The server is asked, because a second try would count the rows as unchanged.
  func hasCommitted(_ transaction: String) throws(DatabaseError) -> Bool? {
    guard canReconnect else { return nil }
    return try retrying("looking whether a transaction has committed") {
      (connection) throws(DatabaseError) -> Bool? in
      do throws(DatabaseError) {
        switch try connection.query(Self.transactionStatus, [transaction]).text(0, 0) {
        case "committed": return true
        case "aborted": return false
        case "in progress":
          // Its server process has yet to notice that nobody listens any more.
          throw DatabaseError(.transient, message: "the lost connection's transaction has not ended yet")
        default: return nil
        }
      } catch {
        // A server that took over from the lost one may never have heard of it.
        guard error.category == .data else { throw error }
        return nil
      }
    }
  }

  private static let transactionStatus: SQLText = "SELECT pg_catalog.pg_xact_status($1::xid8)"

  /// Waits in small portions, to hear soon that the program is to end.
  private func wait(_ pause: Duration) {
    let end = ContinuousClock.now + pause
    while ContinuousClock.now < end, !isStopping() { usleep(20_000) }
  }
}

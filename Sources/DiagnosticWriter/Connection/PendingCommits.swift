import Synchronization

/// The COMMITs of this process that are sent and not answered, or whose fate is being looked up. As long as there is one, whoever ends
/// the program cannot say whether its last transaction is stored.
public enum PendingCommits {
  private static let count = Atomic<Int>(0)

  /// Whether there is one.
  public static var exist: Bool { count.load(ordering: .acquiring) > 0 }

  /// Counts one while the body runs.
  static func counting<Value>(_ body: () throws(DatabaseError) -> Value) throws(DatabaseError) -> Value {
    count.add(1, ordering: .acquiringAndReleasing)
    defer { count.subtract(1, ordering: .acquiringAndReleasing) }
    return try body()
  }
}

extension Connection {
  /// Commits.
  /// - Throws: What stopped it; where the connection is lost, that nobody knows what became of the transaction.
  func commit() throws(DatabaseError) {
    try PendingCommits.counting { () throws(DatabaseError) in
      do throws(DatabaseError) {
        try run("COMMIT")
      } catch {
        throw isBroken ? error.ofUnansweredCommit : error
      }
    }
  }
}

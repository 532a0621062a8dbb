import LogInput

/// Decides whether the object store is asked for more after it has failed.
///
/// Trouble with one object is no reason to stop. The object may be archived, or belong to another owner, or the rights may end at a prefix,
/// and the others can be read.
struct StoreWatch {
  /// The run ends after so many logs in a row for which the store was in trouble.
  private static let mostOutages = 3
  /// The run ends after so many logs that the store refused, unless it gave one or the ledger knows one.
  private static let mostRefusals = 10_000

  /// Whether the store must not be asked for anything more.
  private(set) var isLost = false
  private var outagesInARow = 0
  private var refusals = 0
  /// Whether a log was read, in this run or in an earlier one by the ledger.
  private var sawReadable = false

  /// Notes that a log was read.
  mutating func gaveLog() {
    outagesInARow = 0
    sawReadable = true
  }

  /// Notes that the ledger has a log that was read before.
  mutating func sawUnchanged() {
    sawReadable = true
  }

  /// Notes that a log could not be read.
  mutating func failed(_ error: InputError) {
    guard case .store(let trouble) = error.concern else { return }
    switch trouble.reach {
    case .store: isLost = true
    case .moment:
      outagesInARow += 1
      isLost = outagesInARow >= Self.mostOutages
    case .object:
      refusals += 1
      isLost = !sawReadable && refusals >= Self.mostRefusals
    }
  }
}

import LogInput

/// Decides whether the object store is asked for more after it has failed.
///
/// Trouble of one object is no reason to stop: an archive, an object of another owner or a right that ends at a prefix leave
/// the others readable.
struct StoreWatch {
  /// After so many logs in a row that the object store could not give, the run ends.
  private static let mostOutages = 3
  /// After so many logs that the store refused, and none that it gave or that is unchanged, the run ends.
  private static let mostRefusals = 10_000

  /// Whether the store is not to be asked for anything more.
  private(set) var isLost = false
  private var outagesInARow = 0
  private var refusals = 0
  /// Whether the store, or the ledger, knows any log whose content was read.
  private var sawReadable = false

  /// A log was read.
  mutating func gaveLog() {
    outagesInARow = 0
    sawReadable = true
  }

  /// The ledger has a log that was read before.
  mutating func sawUnchanged() {
    sawReadable = true
  }

  /// A log could not be read.
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

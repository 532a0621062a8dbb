import Ingest
import LogModel
import Synchronization

/// Counts over all logs of a `parse`, for a warning if nothing was found.
final class ParseTally: Sendable {
  private struct Counts {
    var logs = 0
    var blocks = 0
    var envelopes: Set<String> = []
    var ignored = 0
    /// The first names with the numbers of their findings, because threads add them in any order.
    var ignoredNames: [(number: Int, name: String)] = []
  }

  private let counts = Mutex(Counts())

  /// Counts a log that was read.
  func count(_ scan: LogScan) {
    counts.withLock { counts in
      counts.logs += 1
      counts.blocks += scan.blocks
      for (envelope, _) in scan.envelopes { counts.envelopes.insert(envelope.rawValue) }
    }
  }

  /// Counts a file or object that does not have a log's name.
  func ignore(_ name: String, number: Int) {
    counts.withLock { counts in
      counts.ignored += 1
      counts.ignoredNames.append((number, name))
      counts.ignoredNames.sort { $0.number < $1.number }
      if counts.ignoredNames.count > 3 { counts.ignoredNames.removeLast() }
    }
  }

  /// The warning if no log or no block was found; nil otherwise.
  func warning(about requests: [LogRequest]) -> String? {
    let counts = counts.withLock { $0 }
    if counts.blocks > 0 { return nil }
    let places = NothingFound.places(requests)
    if counts.logs == 0 {
      let names = counts.ignoredNames.map(\.name)
      return "no log was found in \(places)" + NothingFound.ignored(counts.ignored, names)
    }
    return NothingFound.noBlock(in: counts.logs, recognised: counts.envelopes.sorted(), places)
  }
}

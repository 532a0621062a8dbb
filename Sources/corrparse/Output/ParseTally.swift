import Ingest
import LogModel
import Synchronization

/// Counts over all logs of a `parse`, or of a folder that `lint` reads, for a warning if nothing was found.
final class ParseTally: Sendable {
  private struct Counts {
    var logs = 0
    var blocks = 0
    var envelopes: Set<String> = []
    var ignored = 0
    var nearlyLogs = 0
    var nearlyLogNames: [(number: Int, name: String)] = []
    /// The first names with the numbers of their findings, because threads add them in any order.
    var ignoredNames: [(number: Int, name: String)] = []
    /// Records of the standard input that are two writers', and those of which no line tells whose they are.
    var pipedInterleaved = 0
    var pipedWithoutTask = 0
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

  /// Counts a log, for those who want to know no more of it.
  func countLog() { counts.withLock { $0.logs += 1 } }

  /// Whether no log was counted.
  var isEmpty: Bool { counts.withLock { $0.logs == 0 } }

  /// Counts a record of the standard input.
  func countPiped(_ record: CorrelationRecord) {
    let isInterleaved = record.issues.contains { $0.kind == .interleaved }
    guard isInterleaved || record.identity == nil else { return }
    counts.withLock { counts in
      if isInterleaved { counts.pipedInterleaved += 1 }
      if record.identity == nil { counts.pipedWithoutTask += 1 }
    }
  }

  /// The warning that the standard input holds several logs, where that costs something: two writers in one of them make the others
  /// doubtful too, and the path that tells whose a log is does not go through a pipe. Nil otherwise.
  func warningOfJoinedLogs(_ scan: LogScan) -> String? {
    guard scan.tellsSeveralAttempts else { return nil }
    let counts = counts.withLock { $0 }
    var costs: [String] = []
    if counts.pipedInterleaved > 0 {
      let records = Amount.of(counts.pipedInterleaved, "record")
      costs.append(
        "\(records) \(counts.pipedInterleaved == 1 ? "is" : "are") interleaved, maybe for another log's sake")
    }
    if counts.pipedWithoutTask > 0 {
      costs.append("\(Amount.of(counts.pipedWithoutTask, "record")) cannot be told whose they are")
    }
    guard !costs.isEmpty else { return nil }
    return "standard input: the lines of several task attempts, as of logs that are joined in one pipe: "
      + costs.joined(separator: ", and ") + "; name the files instead: corrparse FILE… or corrparse FOLDER"
  }

  /// Counts a file or object that does not have a log's name.
  func ignore(_ name: String, number: Int) {
    counts.withLock { counts in
      counts.ignored += 1
      Self.keep(name, number, in: &counts.ignoredNames)
      guard LogsSeen.isNearlyLog(name) else { return }
      counts.nearlyLogs += 1
      Self.keep(name, number, in: &counts.nearlyLogNames)
    }
  }

  private static func keep(_ name: String, _ number: Int, in names: inout [(number: Int, name: String)]) {
    names.append((number, name))
    names.sort { $0.number < $1.number }
    if names.count > 3 { names.removeLast() }
  }

  /// The warning that files look like logs and were not read, where others were; nil otherwise.
  var warningOfNearlyLogs: String? {
    let counts = counts.withLock { $0 }
    guard counts.logs > 0 else { return nil }
    return NothingFound.nearlyLogs(counts.nearlyLogs, counts.nearlyLogNames.map(\.name))
  }

  /// What is said of files in folders that were passed over because they have other names than logs; nil where there are none, or no log
  /// was found: the warning about that names them.
  var noteOfIgnored: String? {
    let counts = counts.withLock { $0 }
    let number = counts.ignored - counts.nearlyLogs
    guard counts.logs > 0, number > 0 else { return nil }
    return
      "\(Amount.of(number, "file")) passed over, whose name\(number == 1 ? " is no log's" : "s are no logs'") (….log, ….log.gz): corrparse parse -v names \(number == 1 ? "it" : "them"), and a file that is named is read whatever its name"
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

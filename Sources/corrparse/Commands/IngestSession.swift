import DiagnosticWriter
import Glibc
import Ingest
import LogInput
import LogModel
import Logging

/// The common part of `ingest` and `backfill`: connections, signals, progress, the summary, the exit status.
struct IngestSession {
  let settings: IngestSettings
  let database: DatabaseOptions
  let isMigrating: Bool
  let progress: ProgressForm
  let logger: Logger

  /// Reads logs and stores their records.
  func run(_ requests: [LogRequest], _ metrics: RunMetrics) throws {
    let start = ContinuousClock.now
    try reportingDatabaseErrors { () throws(DatabaseError) in
      _ = try self.database.connectToSchema(migrating: isMigrating, self.logger, patience: settings.patience)
    }
    // The signal may have stopped the producer of a piped log, too. Its log is then not whole and must not be stored as if it were.
    let isPiped = requests.contains(where: \.isPiped)
    let stop = isPiped ? StopFlag(isPending: { StopSignals.isPending }) : StopFlag()
    if !isPiped { StopSignals.endGracefully(stop) }
    let display = self.display(requests)
    let (database, logger) = (database, logger)
    let run = IngestRun(
      settings: settings, now: .now, stop: stop, logger: logger, observer: { display.take($0) },
      connect: { () throws(DatabaseError) in try database.connect(logger) })
    var outcome = run.ingest(requests)
    metrics.note(outcome.summary)
    display.end()
    if isPiped, outcome.wasStopped { StopSignals.awaitEnd() }
    if outcome.failure == nil, !outcome.wasStopped { outcome.failure = noteState() }
    for warning in NothingFound.warnings(
      outcome.summary, outcome.seen, in: requests, dagIDs: settings.dagIDs)
    where outcome.failure == nil && StopSignals.exitStatus == nil {
      Diagnostics.say(warning, .warning)
    }
    try end(outcome, after: ContinuousClock.now - start)
  }

  /// Prints one line for each log: the reason why it would be read or not, a tab, and its location.
  func preview(_ requests: [LogRequest]) throws {
    try reportingDatabaseErrors { () throws(DatabaseError) in
      _ = try self.database.connectToSchema(self.logger)
    }
    let (database, logger) = (database, logger)
    let run = IngestRun(
      settings: settings, now: .now, stop: StopFlag(), logger: logger,
      connect: { () throws(DatabaseError) in try database.connect(logger) })
    var output = StandardOutput()
    var (toRead, bytes, unchanged, unmended, archived, failed) = (0, Int64(0), 0, 0, 0, 0)
    var concerns: Set<InputError.Concern> = []
    let (seen, failure): (LogsSeen, DatabaseError?)
    do throws(OutputError) {
      (seen, failure) = try run.preview(requests) { (item) throws(OutputError) in
        switch item {
        case .log(let log):
          switch log.reason {
          case .unchanged: unchanged += 1
          case .unmended: unmended += 1
          case .archived: archived += 1
          case .new, .changed, .growing, .damaged, .format, .forced:
            toRead += 1
            bytes += log.listed.size
          }
          output.line("\(log.reason.rawValue)\t\(log.description.location)")
        case .failed(let error):
          failed += 1
          concerns.insert(error.concern)
          logger.error("\(error)")
        }
        try output.written()
      }
    } catch {
      try error.endCommand()
      return
    }
    try output.closeOrExit()
    if let failure { try reportingDatabaseErrors { () throws(DatabaseError) in throw failure } }
    Diagnostics.say(
      "dry run: \(Amount.of(toRead, "log")) of \(Amount.size(Double(bytes))) would be read, \(unchanged) unchanged, "
        + (archived > 0 ? "\(archived) archived, " : "") + "\(failed + unmended) failed"
        + (unmended > 0 ? " (\(unmended) unchanged since: --retry-failed reads them again)" : "")
        + NothingFound.ignored(seen.ignored, seen.ignoredNames),
      .info)
    if seen.changedOutside > 0 {
      Diagnostics.say(NothingFound.failedOutside(seen.changedOutside, seen.changedOutsideNames), .warning)
    }
    if failed == 0, let warning = NothingFound.noLog(seen, in: requests, dagIDs: settings.dagIDs) {
      Diagnostics.say(warning, .warning)
    }
    let statuses = concerns.map(ExitStatus.init) + (unmended > 0 ? [.damagedInput] : [])
    if let status = ExitStatus.first(of: statuses) { throw status.exit }
  }

  private func end(_ outcome: IngestOutcome, after time: Duration) throws {
    let summary = outcome.summary
    Diagnostics.say(Self.text(of: summary, time, failedOutside: outcome.seen.failedOutside), .info)
    if summary.filesArchived > 0 {
      Diagnostics.say(ParseSession.text(archived: summary.filesArchived), .warning)
    }
    if let failure = outcome.failure { Diagnostics.say(failure.description) }
    if let status = StopSignals.exitStatus {
      Diagnostics.say("stopped before the end; what is not stored is read by the next run", .warning)
      throw ExitStatus.stopped(status)
    }
    var statuses = summary.concerns.map(ExitStatus.init)
    if let failure = outcome.failure {
      statuses.append(ExitStatus(failure))
    } else if outcome.wasStopped {
      statuses.append(.software)
    } else if !summary.isBalanced {
      Diagnostics.say(
        "\(summary.blocks) blocks were found, but stored, unchanged, replayed and rejected ones are another "
          + "number: this is a bug of corrparse, please report it with the log")
      statuses.append(.software)
    }
    if summary.filesFailed > 0 { statuses.append(.damagedInput) }
    if let status = ExitStatus.first(of: statuses) { throw status.exit }
  }

  /// Stores the diagnoses of the runs that changed, and enters the global state into its history if it has changed.
  private func noteState() -> DatabaseError? {
    let (database, logger) = (database, logger)
    let session = DatabaseSession(
      patience: settings.patience, logger: logger, isStopping: { StopSignals.exitStatus != nil },
      connect: { () throws(DatabaseError) in try database.connect(logger) })
    do throws(DatabaseError) {
      try session.retrying("storing run diagnoses") { (connection) throws(DatabaseError) in
        _ = try RunDiagnoses(connection).refresh()
      }
      try session.retrying("noting the global state") { (connection) throws(DatabaseError) in
        _ = try Supervision(connection).noteState()
      }
      return nil
    } catch {
      return error
    }
  }

  /// What there is to do is counted only where somebody sees it.
  private func display(_ requests: [LogRequest]) -> ProgressDisplay {
    // Counting the logs of a bucket would cost a second listing.
    guard progress != .off, !requests.contains(where: \.isBucket) else {
      return ProgressDisplay(total: nil, form: progress)
    }
    let sizes = IngestRun.wantedSizes(requests, settings: settings)
    return ProgressDisplay(
      total: ProgressDisplay.Total(logs: sizes.count, bytes: sizes.reduce(0, +)), form: progress)
  }

  /// `29 logs read, 0 unchanged, 0 failed; 93 blocks = 93 stored + 0 unchanged + 0 replayed + 0 rejected; …`
  static func text(of summary: IngestSummary, _ time: Duration, failedOutside: Int = 0) -> String {
    let codes = summary.primaries.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key.replacing("all_clear", with: "all clear")) \($0.value)" }
    let issues = summary.sourceIssues.map { (kind: $0.key.rawValue, count: $0.value) }.filter { $0.count > 0 }
      .sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }.map { "\($0.kind) \($0.count)" }
    let notWhole = summary.notWhole.sorted { $0.key.rawValue < $1.key.rawValue }.map { status, count in
      (count, "log", status.rawValue)
    }
    let noticed: [(Int, String, String)] = [
      (summary.filesUnmended, "failed log", "unchanged"), (failedOutside, "failed log", "outside the window"),
      (summary.logsCleared, "gone log", "cleared"), (summary.filesIgnored, "file", "ignored"),
      (summary.logsWithoutTask, "log", "without task"),
      (summary.logsWithUnreadHeaders, "log", "with unread headers"),
      (summary.recordsWithoutFields, "record", "without fields"),
      (summary.recordsLeftOut, "record", "left out"),
    ]
    let others = (notWhole + noticed).filter { $0.0 > 0 }.map { "\(Amount.of($0.0, $0.1)) \($0.2)" }
    let noted = others.isEmpty ? "" : others.joined(separator: ", ") + "; "
    return
      "\(Amount.of(summary.filesRead, "log")) read, \(summary.filesSkipped) unchanged, \(summary.filesFailed) failed; "
      + "\(Amount.of(summary.blocks, "block")) = \(summary.stored) stored + \(summary.unchanged) unchanged + "
      + "\(summary.replayed) replayed + \(summary.rejected) rejected; "
      + "\(codes.isEmpty ? "no verdicts" : codes.joined(separator: ", ")); "
      + "\(issues.isEmpty ? "no source issues" : "source issues: " + issues.joined(separator: ", ")); "
      + noted + "\(Amount.size(Double(summary.bytes))) in \(milliseconds(time)) s"
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    let digits = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }
}

extension LogRequest {
  fileprivate var isPiped: Bool {
    if case .standardInput = self { true } else { false }
  }

  fileprivate var isBucket: Bool {
    if case .bucket = self { true } else { false }
  }
}

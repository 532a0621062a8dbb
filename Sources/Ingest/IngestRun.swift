public import CorrelationGrammar
import Diagnosis
public import DiagnosticWriter
import LogInput
public import Logging
public import SystemPackage

/// The whole line: logs in, rows in PostgreSQL. One transaction per log; a run that is killed is simply run again.
public struct IngestRun: ~Copyable {
  private static let ledgerBatch = 1000
  /// A plain log whose task has no outcome may still grow until it has not changed for this long (page 2, *Files*).
  private static let settlingMicroseconds: Int64 = 24 * 3600 * 1_000_000

  private let connection: Connection
  private let writer: DiagnosticWriter
  private let settings: IngestSettings
  private let logger: Logger
  private let classifier = Classifier()
  private let now: LogTime
  private var scanning: LogScanning
  private var waiting: [Candidate] = []
  /// What has been done so far.
  public private(set) var summary = IngestSummary()

  private struct Candidate {
    var place: LogPlace
    var description: LogDescription
    var size: Int64
    var modified: LogTime
  }

  /// A run over an open connection.
  /// - Parameters:
  ///   - connection: Not to be used otherwise during the run.
  ///   - settings: What to read.
  ///   - now: The present, which decides only whether a log may still grow.
  ///   - logger: Hears of every log that could not be read.
  public init(_ connection: Connection, settings: IngestSettings, now: LogTime, logger: Logger) {
    self.connection = connection
    self.settings = settings
    self.logger = logger
    self.now = now
    writer = DiagnosticWriter(connection)
    scanning = LogScanning(
      readLimits: settings.readLimits, lineFormat: settings.lineFormat, fingerprints: true)
  }

  /// Takes a file, or every log below a folder.
  public mutating func ingest(_ path: FilePath) throws(DatabaseError) {
    if path.isFolder {
      try walk(path)
    } else {
      try ingestFile(path)
    }
    try drain()
  }

  /// Takes the standard input.
  public mutating func ingest(_ piped: PipedLog) throws(DatabaseError) {
    let description = LogDescription(
      location: "stdin:" + (piped.identity.map(Self.locationName) ?? piped.name), identity: piped.identity,
      name: piped.name)
    try read(.standardInput, description)
  }

  private mutating func walk(_ root: FilePath) throws(DatabaseError) {
    var walk: LogWalk
    do throws(InputError) {
      // From the file system's root: the folders above a relative path tell the task as well.
      walk = try LogWalk(root.absolute, limits: settings.readLimits)
    } catch {
      fail(error)
      return
    }
    while let finding = walk.next() {
      switch finding {
      case .log(let found):
        let identity = found.logPath?.identity
        guard isWanted(identity, modified: found.modified) else { continue }
        waiting.append(
          Candidate(
            place: .file(found.readPath, followingLinks: false),
            description: LogDescription(
              location: found.path.absolute.locationText, identity: identity,
              name: found.relativePath.locationText),
            size: Int64(found.size), modified: found.modified))
        if waiting.count >= Self.ledgerBatch { try drain() }
      case .skipped(let path, let reason):
        logger.debug(
          "passed over", metadata: ["path": "\(path.locationText)", "reason": "\(reason.rawValue)"])
      case .failed(let error): fail(error)
      }
    }
  }

  private mutating func ingestFile(_ path: FilePath) throws(DatabaseError) {
    let identity = LogPath(path.absolute)?.identity
    // Without a root of its own, its root is the file system's: logs of the same name in two folders are two sources.
    let location = path.absolute.locationText
    let description = LogDescription(location: location, identity: identity, name: location)
    guard let state = FileState(of: path) else {
      // Whatever stands in the way, reading says what it is.
      try read(.file(path, followingLinks: true), description)
      return
    }
    guard isWanted(identity, modified: state.modified) else { return }
    waiting.append(
      Candidate(
        place: .file(path, followingLinks: true), description: description, size: Int64(state.size),
        modified: state.modified))
  }

  private func isWanted(_ identity: TaskIdentity?, modified: LogTime) -> Bool {
    if let dagID = settings.dagID, identity?.dagID != dagID { return false }
    guard let window = settings.window else { return true }
    return window.contains(
      modified: modified, run: identity.flatMap { LogPath.time(inRunID: $0.runID) })
  }

  /// Reads the waiting logs that the ledger does not know as they are.
  private mutating func drain() throws(DatabaseError) {
    guard !waiting.isEmpty else { return }
    let candidates = waiting
    waiting.removeAll(keepingCapacity: true)
    let ledger =
      settings.isForced ? [:] : try connection.ledger(of: candidates.map(\.description.location))
    for candidate in candidates {
      if let entry = ledger[candidate.description.location],
        entry.isUnchanged(size: candidate.size, modifiedAt: candidate.modified),
        entry.status == .complete || !settings.retriesFailed
      {
        skip(candidate.description, entry.status)
      } else {
        try read(candidate.place, candidate.description)
      }
    }
  }

  /// Stores one log. One that the server cannot store is entered in the ledger as failed; the others go on.
  private mutating func read(_ place: LogPlace, _ described: LogDescription) throws(DatabaseError) {
    var log = described
    if log.identity == nil, place != .standardInput {
      // Whose rows they will be must be known before the first one is written.
      log.identity = scanning.identity(of: place)
    }
    do throws(DatabaseError) {
      try store(place, log)
    } catch {
      guard error.category == .data else { throw error }
      logger.error("\(log.location): cannot be stored: \(error)")
      summary.filesRead += 1
      summary.filesFailed += 1
      writer.begin(log)
      _ = try writer.commit(
        StoredReading(
          status: .failed, programVersion: settings.programVersion, modifiedAt: place.modificationTime,
          error: error.description))
    }
  }

  /// The straight line for one log: bytes → records → verdicts → rows, in one transaction.
  private mutating func store(_ place: LogPlace, _ log: LogDescription) throws(DatabaseError) {
    let modified = place.modificationTime
    let classifier = classifier
    let writer = writer
    let now = now
    var issueCount = 0
    var recordCount = 0
    var primaries: [String: Int] = [:]
    writer.begin(log)
    let scan: LogScan
    do throws(DatabaseError) {
      scan = try scanning.scan(
        place, expecting: place.pathIdentity,
        mayStillGrow: { outcome, file in
          guard log.identity != nil, outcome.state == .unknown, let file else { return false }
          return now.microseconds - file.modified.microseconds < Self.settlingMicroseconds
        },
        handle: { (event) throws(DatabaseError) in
          switch event {
          case .record(let record):
            let verdict = classifier.verdict(on: record)
            let observed = ObservedTime(
              header: record.headerTime, identity: log.identity ?? record.identity, modified: modified)
            try writer.append(
              record, verdict: verdict, observedAt: observed?.time,
              observedFrom: observed.map { ObservedFrom($0.origin) } ?? .ingestTime)
            recordCount += 1
            issueCount += record.issues.count
            primaries[verdict.primary?.rawValue ?? "none", default: 0] += 1
          case .damage(let blocks): try writer.markDamaged(blocks: blocks)
          }
        }, chunkEnd: { () throws(DatabaseError) in })
    } catch {
      writer.rollback()
      throw error
    }
    let written = try writer.commit(
      StoredReading(
        scan, identity: log.identity, issueCount: issueCount, programVersion: settings.programVersion))
    note(scan, written, log, records: recordCount, primaries)
  }

  /// An unchanged log need not be opened, but a damaged one stays an input that could not be read whole (page 5, 65).
  private mutating func skip(_ log: LogDescription, _ status: LogStatus) {
    summary.filesSkipped += 1
    switch status {
    case .complete, .growing: break
    case .truncated, .corrupt, .failed:
      summary.filesFailed += 1
      logger.error(
        "\(log.location): unchanged since it was found damaged; replace it, or use backfill --retry-failed",
        metadata: ["status": "\(status.rawValue)"])
    }
  }

  private mutating func note(
    _ scan: LogScan, _ written: WriteSummary, _ log: LogDescription, records: Int, _ primaries: [String: Int]
  ) {
    summary.filesRead += 1
    summary.blocks += scan.blocks
    summary.replayed += scan.replays
    summary.stored += written.inserted + written.updated
    summary.unchanged += written.feedsSource ? written.unchanged : records
    summary.deleted += written.deleted
    summary.bytes += scan.reading.decompressedBytes
    for (code, count) in primaries { summary.primaries[code, default: 0] += count }
    switch scan.status {
    case .complete, .growing: break
    case .truncated, .corrupt, .failed: summary.filesFailed += 1
    }
    if let error = scan.reading.error {
      logger.error("\(error)", metadata: ["status": "\(scan.status.rawValue)"])
    }
    if let refusal = written.refusal {
      logger.warning(
        "\(log.location): this reading is worse than the stored one, which stays",
        metadata: ["reason": "\(refusal.rawValue)"])
    }
  }

  private mutating func fail(_ error: InputError) {
    summary.filesFailed += 1
    logger.error("\(error)")
  }

  private static func locationName(_ identity: TaskIdentity) -> String {
    "\(identity.dagID)/\(identity.runID)/\(identity.taskID)/\(identity.mapIndex ?? -1)/\(identity.tryNumber)/"
      + identity.part
  }
}

extension ObservedFrom {
  init(_ origin: ObservedTime.Origin) {
    self =
      switch origin {
      case .header: .log
      case .runID: .runID
      case .modified: .modificationTime
      }
  }
}

extension StoredReading {
  /// What a scan came to, as the ledger keeps it.
  init(_ scan: LogScan, identity: TaskIdentity?, issueCount: Int, programVersion: String) {
    let reading = scan.reading
    self.init(
      status: scan.status, programVersion: programVersion, size: reading.file.map { Int64($0.size) },
      modifiedAt: reading.file?.modified, fingerprint: reading.fingerprint?.bytes,
      error: reading.error?.description, decompressedBytes: Int64(reading.decompressedBytes),
      blocks: scan.blocks, replays: scan.replays, issueCount: issueCount + scan.issues.count,
      issues: scan.issues,
      outcomes: identity.map { [AttemptOutcome(identity: $0, outcome: scan.outcome)] }
        ?? scan.toldOutcomes.map { AttemptOutcome(identity: $0.identity, outcome: $0.outcome) })
  }
}

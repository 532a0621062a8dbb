import Diagnosis
import DiagnosticWriter
import LogInput
import LogModel

/// A log that was read and handed to the database, whose result is not known yet.
struct ReadLog {
  let queued: QueuedLog
  var scan: LogScan
  var records = 0
  /// How many issues its records have.
  var issues = 0
  /// How many records have no usable field.
  var withoutFields = 0
  var primaries: [String: Int] = [:]
}

/// Stores one log: its records with their verdicts, its issues and the outcome of its task go to the writer.
struct LogStorage: ~Copyable {
  /// What became of a log.
  enum Outcome {
    /// Its rows wait in the writer for the batch's commit.
    case waiting(ReadLog)
    /// The log was too long to wait for the batch, and is committed.
    case committed(ReadLog, WriteSummary)
    /// The system or the object store failed. Nothing of the log is stored.
    case notRead(InputError)
    /// The log was removed after it was listed.
    case gone
    /// The object was replaced while it was read, and is to be read again.
    case replaced
    /// The program is to end. Nothing of the log is stored.
    case stopped
  }

  /// What ends the reading of a log.
  private enum Interruption: Error {
    case database(DatabaseError)
    case stopped
  }

  /// How often an object is read anew if it is replaced during the reading.
  private static let mostReadings = 3

  private let session: DatabaseSession
  private let writer: DiagnosticWriter
  private let programVersion: String
  private let run: Int64
  private let readWith: ReadWith
  private let now: LogTime
  private let stop: StopFlag
  private let classifier = Classifier()
  private var pipeline: LogPipeline

  /// A storage over a writer and its session.
  init(
    _ writer: DiagnosticWriter, _ session: DatabaseSession, settings: IngestSettings, now: LogTime,
    stop: StopFlag, cores: Cores
  ) {
    self.writer = writer
    self.session = session
    self.now = now
    self.stop = stop
    programVersion = settings.programVersion
    run = settings.run
    readWith = settings.readWith
    pipeline = LogPipeline(
      readLimits: settings.readLimits, limits: settings.scanLimits, lineFormat: settings.lineFormat,
      fingerprints: true, inflater: settings.inflater, cores: cores)
  }

  /// Finds the task of a log by reading the log, if neither path nor flags name the task: the source must be known before its first
  /// row is written. A piped log cannot be read twice.
  /// - Returns: The error of a reading that is the run's failure, not the log's.
  mutating func identify(_ log: inout QueuedLog) -> InputError? {
    guard log.description.identity == nil, log.listed.place != .standardInput else { return nil }
    let (identity, error) = pipeline.identity(of: log.listed.place)
    if let error, error.concern.isOfRun { return error }
    log.description.identity = identity
    log.description.isToldByLines = true
    return nil
  }

  /// Reads a log into the batch, or through a transaction of its own. That transaction is lost with its connection; the log is then
  /// read again, unless it is piped.
  mutating func store(_ log: QueuedLog) throws(DatabaseError) -> Outcome {
    guard log.listed.place != .standardInput else { return try read(log, takingReplaced: true) }
    for _ in 1..<Self.mostReadings {
      let outcome = try readPatiently(log, takingReplaced: false)
      if case .replaced = outcome { continue }
      return outcome
    }
    return try readPatiently(log, takingReplaced: true)
  }

  /// Enters a log in the ledger as failed, because the server cannot store it. If the ledger cannot hold the log either, the log is
  /// only reported. Nothing must wait in the writer.
  func enterFailure(
    _ log: QueuedLog, _ read: ReadLog?, _ reason: DatabaseError
  ) throws(DatabaseError) {
    let file = read?.scan.reading.file
    writer.begin(log.description)
    do throws(DatabaseError) {
      _ = try writer.commit(
        StoredReading(
          status: .failed, programVersion: programVersion, size: file.map { Int64($0.size) },
          modifiedAt: file?.modified ?? log.listed.modified,
          entityTag: file?.entityTag ?? log.listed.entityTag,
          error: reason.description))
    } catch {
      guard error.category == .data else { throw error }
    }
  }

  private mutating func readPatiently(
    _ log: QueuedLog, takingReplaced: Bool
  ) throws(DatabaseError) -> Outcome {
    let session = session
    return try session.retrying("storing \(log.description.location)") { (_) throws(DatabaseError) in
      try read(log, takingReplaced: takingReplaced)
    }
  }

  /// Reads a log and hands it to the writer, which keeps nothing of a log that is not stored.
  private mutating func read(_ log: QueuedLog, takingReplaced: Bool) throws(DatabaseError) -> Outcome {
    do throws(Interruption) {
      return try scan(log, takingReplaced: takingReplaced)
    } catch {
      writer.discard()
      switch error {
      case .stopped: return .stopped
      case .database(let failure): throw failure
      }
    }
  }

  /// The straight line for one log: parts of the log in, rows out.
  private mutating func scan(_ log: QueuedLog, takingReplaced: Bool) throws(Interruption) -> Outcome {
    let description = log.description
    let (classifier, writer, now, stop) = (classifier, writer, now, stop)
    var modified: LogTime?
    var (records, issues, withoutFields) = (0, 0, 0)
    var primaries: [String: Int] = [:]
    var future = FutureTimes()
    writer.begin(description)
    var scan = try pipeline.read(
      log.listed.place, size: log.listed.size, of: log.given,
      mayStillGrow: { outcome, file in
        guard description.identity != nil, outcome.state == .unknown, let file else { return false }
        return !Settling.isOver(since: file.modified, at: now)
      },
      handle: { (part) throws(Interruption) in
        switch part {
        case .opened(let state): modified = state?.modified
        case .record(let record):
          let verdict = classifier.verdict(on: record)
          let observed = ObservedTime(
            header: record.headerTime, identity: description.identity(of: record), modified: modified)
          future.note(record, observed?.time)
          do throws(DatabaseError) {
            try writer.append(
              record, verdict: verdict, observedAt: observed?.time,
              observedFrom: observed.map { ObservedFrom($0.origin) } ?? .ingestTime)
          } catch {
            throw .database(error)
          }
          records += 1
          issues += record.issues.count
          if !FieldKey.allCases.contains(where: { record[$0] != nil }) { withoutFields += 1 }
          primaries[verdict.label, default: 0] += 1
        case .damage(let blocks): writer.markDamaged(blocks: blocks)
        case .issue: break
        }
      },
      chunkEnd: { () throws(Interruption) in
        if stop.isOverdue { throw .stopped }
      })
    if let issue = future.issue { scan.issues.append(issue) }
    // The signal that is to end this program may have ended the producer of a piped log too.
    if log.listed.place == .standardInput, stop.isRequested { throw .stopped }
    return try end(
      ReadLog(
        queued: log, scan: scan, records: records, issues: issues, withoutFields: withoutFields,
        primaries: primaries),
      takingReplaced: takingReplaced)
  }

  /// Hands a log that was read to the writer, or removes the rows of a log that could not be read from the writer.
  private func end(_ read: ReadLog, takingReplaced: Bool) throws(Interruption) -> Outcome {
    if let error = read.scan.reading.error {
      if error.bucketTrouble == .stopped { throw .stopped }
      let outcome: Outcome? =
        if error.concern.isOfRun {
          .notRead(error)
        } else if error.bucketTrouble == .changed,
          !takingReplaced || read.queued.listed.place.isRotatedObject
        {
          .replaced
        } else if error.concern == .absence, read.queued.listed.place.isFoundFile {
          .gone
        } else {
          nil
        }
      if let outcome {
        writer.discard()
        return outcome
      }
    }
    do throws(DatabaseError) {
      guard let written = try writer.finish(reading(of: read)) else { return .waiting(read) }
      return .committed(read, written)
    } catch {
      throw .database(error)
    }
  }

  private func reading(of read: ReadLog) -> StoredReading {
    var reading = StoredReading(
      read.scan, identity: read.queued.description.identity, issueCount: read.issues,
      programVersion: programVersion, run: run)
    reading.readWith = readWith
    return reading
  }
}

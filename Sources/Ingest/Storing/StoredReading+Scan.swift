import DiagnosticWriter
import LogInput
import LogModel

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
  init(_ scan: LogScan, identity: TaskIdentity?, issueCount: Int, programVersion: String, run: Int64) {
    let reading = scan.reading
    self.init(
      status: scan.status, programVersion: programVersion, size: reading.file.map { Int64($0.size) },
      modifiedAt: reading.file?.modified, entityTag: reading.file?.entityTag,
      fingerprint: reading.fingerprint?.bytes,
      error: reading.error?.description, decompressedBytes: Int64(reading.decompressedBytes),
      blocks: scan.blocks, replays: scan.replays, issueCount: issueCount + scan.issueCount,
      issues: scan.issues,
      outcomes: scan.outcomes(of: identity).map { AttemptOutcome(identity: $0.identity, outcome: $0.outcome) }
    )
    head = scan.status == .failed ? nil : reading.head
    self.run = run
  }
}

import Diagnosis
import LogInput
import LogModel

/// A record on its way to the staging table.
struct StagedRecord {
  /// The ordinal of its log in the transaction.
  let log: Int
  let record: CorrelationRecord
  let verdict: Verdict
  let observedAt: LogTime?
  let observedFrom: ObservedFrom
  /// The attempt that it belongs to (``LogDescription/identity(of:)``).
  let identity: TaskIdentity?
  /// Whether that is another attempt than the log's.
  let namesAttempt: Bool
}

extension CopyEncoder {
  /// One row of `staged_record`, in the order of ``Staging/recordColumns``.
  mutating func record(_ staged: StagedRecord) {
    let record = staged.record
    integer(Int64(staged.log))
    integer(Int64(record.block))
    boolean(staged.namesAttempt)
    if record.issues.isEmpty { null() } else { json { $0.issues(record.issues) } }
    integer(Int64(record.line))
    integer(Int64(record.offset))
    integer(Int64(record.grammarVersion))
    text(record.end.rawValue)
    time(staged.observedAt)
    text((staged.observedAt == nil ? .ingestTime : staged.observedFrom).rawValue)
    attempt(staged.identity)
    record.forEachKey { field($0) }
    if let gates = record.gateList { json { $0.gates(gates) } } else { null() }
    if record.extras.isEmpty { null() } else { json { $0.extras(record.extras) } }
    verdict(staged.verdict)
    endRow()
  }

  /// One row of `staged_log`, in the order of ``Staging/logColumns``.
  mutating func log(_ ordinal: Int, _ log: LogDescription, _ reading: StoredReading) {
    integer(Int64(ordinal))
    text(log.location)
    text(log.sourceName)
    attempt(log.identity)
    text(log.identity?.part)
    integer(reading.size)
    time(reading.modifiedAt)
    text(reading.entityTag)
    binary(reading.fingerprint)
    text(reading.status.rawValue)
    text(reading.error)
    integer(reading.decompressedBytes)
    integer(Int64(reading.blocks))
    integer(Int64(reading.replays))
    integer(Int64(reading.issueCount))
    text(reading.readWith.lineFormat)
    text(reading.readWith.pathTemplate)
    json { $0.issues(reading.issues) }
    json { $0.outcomes(reading.outcomes, of: log.identity) }
    text(reading.programVersion)
    binary(reading.head)
    integer(reading.run)
    text(log.replaces)
    endRow()
  }

  /// One row of `staged_damage`, in the order of ``Staging/damageColumns``.
  mutating func damage(_ ordinal: Int, _ blocks: ClosedRange<Int>) {
    integer(Int64(ordinal))
    integer(Int64(blocks.lowerBound))
    integer(Int64(blocks.upperBound))
    text("; " + Verdict.damageClause)
    endRow()
  }

  private mutating func attempt(_ identity: TaskIdentity?) {
    text(identity?.dagID)
    text(identity?.runID)
    text(identity?.taskID)
    integer(identity?.storedMapIndex)
    integer((identity?.tryNumber).map(Int64.init))
  }

  private mutating func field(_ value: FieldValue?) {
    switch value {
    case .text(let value): text(value)
    case .integer(let value): integer(value)
    case .decimal(let value): decimal(value)
    case .boolean(let value): boolean(value)
    case nil: null()
    }
  }

  /// A verdict's values from the taxonomy version on, in the order of ``Staging/storedVerdictColumns``.
  mutating func verdict(_ verdict: Verdict) {
    integer(Int64(verdict.taxonomyVersion))
    text(verdict.primary?.rawValue)
    texts(verdict.findings.map(\.rawValue))
    text(verdict.certainty.rawValue)
    text(verdict.severity.rawValue)
    text(verdict.ml.text)
    text(verdict.execution.text)
    text(verdict.infra.text)
    decimal(verdict.deltaPoints)
    json { $0.notEvaluated(verdict.notEvaluated) }
    text(verdict.explanation)
  }
}

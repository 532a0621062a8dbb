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
    json(record.issues.isEmpty ? nil : JSONText(record.issues))
    integer(Int64(record.line))
    integer(Int64(record.offset))
    integer(Int64(record.grammarVersion))
    text(record.end.rawValue)
    time(staged.observedAt)
    text((staged.observedAt == nil ? .ingestTime : staged.observedFrom).rawValue)
    attempt(staged.identity)
    for key in FieldKey.allCases { field(record[key]) }
    json(record.gates.map(JSONText.init(gates:)))
    json(record.extras.isEmpty ? nil : JSONText(extras: record.extras))
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
    json(JSONText(reading.issues))
    json(JSONText(outcomes: reading.outcomes, of: log.identity))
    text(reading.programVersion)
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
    json(JSONText(notEvaluated: verdict.notEvaluated))
    text(verdict.explanation)
  }
}

extension JSONText {
  init(_ issues: [GrammarIssue]) {
    array(issues) { json, issue in
      json.object([
        ("kind", .text(issue.kind.rawValue)), ("key", Value(issue.key)), ("line", Value(issue.line)),
        ("byte_offset", Value(issue.offset)), ("raw", Value(issue.raw)), ("first_block", Value(issue.block)),
      ])
    }
  }

  /// `{"f1":"pass"}`: the names of gates differ (1-correlation-data, Record), so an object loses nothing but
  /// their order.
  init(gates: [Gate]) {
    object(gates.map { ($0.name, .text($0.passed ? "pass" : "fail")) })
  }

  /// `[["key","text"]]`: 1-correlation-data, Record keeps extras in order.
  init(extras: [ExtraPair]) {
    array(extras) { json, pair in
      json.array([pair.key, pair.text]) { $0.text($1) }
    }
  }

  init(notEvaluated rules: [UnevaluatedRule]) {
    array(rules) { json, rule in
      json.object([("rule", .text(rule.rule)), ("lacks", .texts(rule.lacks)), ("why", .text(rule.why))])
    }
  }

  /// The outcomes, and unknown for the log's own attempt where it is not among them.
  init(outcomes: [AttemptOutcome], of identity: TaskIdentity?) {
    let own = identity.map { AttemptOutcome(identity: $0, outcome: TaskOutcome()) }
    array(outcomes + [own].compactMap(\.self)) { json, attempt in
      json.object([
        ("dag_id", .text(attempt.identity.dagID)), ("run_id", .text(attempt.identity.runID)),
        ("task_id", .text(attempt.identity.taskID)), ("map_index", .integer(attempt.identity.storedMapIndex)),
        ("try_number", Value(attempt.identity.tryNumber)), ("state", .text(attempt.outcome.state.rawValue)),
        ("stated", .boolean(attempt.outcome.isStated)), ("started_at", Value(attempt.outcome.start)),
        ("ended_at", Value(attempt.outcome.end)),
      ])
    }
  }
}

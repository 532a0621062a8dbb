import Diagnosis
import LogInput
import LogModel

@testable import DiagnosticWriter

/// One log of a task attempt of a DAG run, with its records, judged as `ingest` judges them.
struct RunLog: Sendable {
  var dag = "launch__discovery"
  var run = "r"
  var task = "test_step"
  var map: Int?
  var attempt = 1
  var state = TaskOutcome.State.success
  var start: LogTime? = LogTime("2026-03-28T02:00:00Z")
  var end: LogTime? = LogTime("2026-03-28T03:00:00Z")
  var records: [CorrelationRecord] = []
  /// What reading the log found it to be.
  var reading = LogStatus.complete
  /// When the first record was observed; each further one a microsecond later.
  var observed = LogTime(microseconds: 1_774_663_200_000_000)

  /// Whether its log had more than was read.
  var isCutOff: Bool { reading == .truncated || reading == .corrupt }

  func store(_ connection: Connection, taxonomy: Taxonomy = .current) throws {
    let identity = TaskIdentity(dagID: dag, runID: run, taskID: task, mapIndex: map, tryNumber: attempt)
    let classifier = Classifier(taxonomy: taxonomy)
    let writer = DiagnosticWriter(connection)
    writer.begin(LogDescription(location: identity.sourceName, identity: identity, name: ""))
    for (index, record) in records.enumerated() {
      var record = record
      record.block = index + 1
      try writer.append(
        record, verdict: classifier.verdict(on: record),
        observedAt: LogTime(microseconds: observed.microseconds + Int64(index)), observedFrom: .log)
    }
    _ = try writer.commit(
      StoredReading(
        status: reading, programVersion: "1", fingerprint: [UInt8(records.count)],
        decompressedBytes: 1000, blocks: records.count,
        // Of a log that cannot be read nothing is told.
        outcomes: reading == .failed
          ? []
          : [
            AttemptOutcome(
              identity: identity,
              outcome: TaskOutcome(state: state, isStated: true, start: start, end: end))
          ]))
  }
}

extension CorrelationRecord {
  /// A strategy with this gain in points of F1, and nothing else that a rule would find.
  static func strategy(
    _ crypto: String? = "SOLUSDC", gain: Int, sortino: ExactDecimal? = 1, gates: [Bool]? = nil,
    also: [FieldKey: FieldValue] = [:]
  ) -> CorrelationRecord {
    var record = CorrelationRecord()
    record.gates = gates?.enumerated().map { Gate(name: "g\($0.offset)", passed: $0.element) }
    record[.crypto] = crypto.map { .text($0) }
    record[.baselineF1Buy] = .decimal(ExactDecimal(coefficient: 5, scale: 1))
    record[.f1Buy] = .decimal(ExactDecimal(coefficient: Int128(50 + gain), scale: 2))
    record[.stdF1Buy] = .decimal(0)
    record[.screeningF1Buy] = .decimal(0)
    record[.lastFoldF1Buy] = .decimal(0)
    record[.sortino] = sortino.map { .decimal($0) }
    record[.tpPct] = .decimal(50)
    record[.slPct] = .decimal(40)
    record[.timeoutPct] = .decimal(10)
    for (key, value) in also { record[key] = value }
    return record
  }

  /// A run's summary.
  static func summary(
    _ crypto: String? = nil, passed: Int64?, of candidates: Int64?, complete: Bool? = nil
  ) -> CorrelationRecord {
    var record = CorrelationRecord()
    record[.crypto] = crypto.map { .text($0) }
    record[.nPassed] = passed.map { .integer($0) }
    record[.nCandidates] = candidates.map { .integer($0) }
    record[.complete] = complete.map { .boolean($0) }
    return record
  }

  /// A record of these fields alone.
  static func fields(_ fields: [FieldKey: FieldValue], issues: [IssueKind] = []) -> CorrelationRecord {
    var record = CorrelationRecord(
      issues: issues.map { GrammarIssue(kind: $0, key: "f1_buy", line: 1, offset: 0) })
    for (key, value) in fields { record[key] = value }
    return record
  }
}

extension TaxonomyReference {
  /// The program's own taxonomy, as it fills the reference table.
  static func whole(_ taxonomies: [Taxonomy] = Taxonomy.all) -> TaxonomyReference {
    TaxonomyReference(taxonomies, currentVersion: taxonomies.map(\.version).max() ?? 1)
  }
}

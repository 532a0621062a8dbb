import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// The view against its twin on random runs, whose logs arrive in random order.
@Suite struct RunDiagnosisTwinTests {
  static let query: SQLText = """
    SELECT concat_ws(' ', run_id, coalesce(crypto, '*'), state, records, coalesce(candidates::text, '?'),
      coalesce(passed::text, '?'), coalesce(primary_code, '-'), severity,
      (SELECT string_agg(c.key || '=' || c.value, ',' ORDER BY c.key COLLATE "C") FROM jsonb_each_text(code_counts) AS c))
    FROM diagnostics.run_diagnosis_v1 ORDER BY run_id COLLATE "C", crypto COLLATE "C" NULLS FIRST
    """

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func viewIsTheTwin(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let logs = (0..<12).flatMap { Self.run("run\($0)", &random) }
    let database = try TestDatabase.withWholeTaxonomy()
    let connection = try database.connect()
    for log in logs.shuffled(using: &random) { try log.store(connection) }
    let expected = RunDiagnosisTwin(logs: logs).rows()
    #expect(expected.count > 12)
    #expect(try connection.column(Self.query) == expected)
  }

  /// The random runs reach every diagnosis and state, or comparing them would prove little.
  @Test func randomRunsReachEverything() {
    var words: Set<Substring> = []
    for seed in 1...12 as ClosedRange<UInt64> {
      var random = SplitMix(state: seed)
      let logs = (0..<12).flatMap { Self.run("run\($0)", &random) }
      for row in RunDiagnosisTwin(logs: logs).rows() { words.formUnion(row.split(separator: " ")) }
    }
    let codes = DiagnosisCode.allCases.map { Substring($0.rawValue) }
    // Exit shares are primary only where no ML level could be evaluated, which no random strategy is.
    #expect(
      words.isSuperset(
        of: codes.filter { !["SL_TOO_TIGHT", "TP_TOO_AMBITIOUS", "HORIZON_TOO_SHORT"].contains($0) }))
    #expect(
      words.isSuperset(of: [
        "failed", "success", "unknown", "P0", "P1", "P2", "P3", "none", "?", "-",
      ]))
  }

  static func run(_ name: String, _ random: inout SplitMix) -> [RunLog] {
    let isCalm = Bool.random(using: &random)
    let kinds = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 0...13, using: &random)
    }
    return (0..<Int.random(in: 1...3, using: &random)).flatMap { map in
      (1...Int.random(in: 1...2, using: &random)).map { attempt in
        let states: [TaskOutcome.State] = isCalm ? [.success, .skipped] : TaskOutcome.State.allCases
        return RunLog(
          run: name, task: map == 2 ? "summary" : "test_step", map: map == 2 ? nil : map, attempt: attempt,
          state: states.randomElement(using: &random) ?? .success,
          records: (0..<Int.random(in: 0...4, using: &random)).map { _ in
            var record = record(kinds.randomElement(using: &random) ?? 0, &random)
            if Int.random(in: 0..<5, using: &random) == 0 { record[.phase] = .text("screening") }
            return record
          },
          reading: [.complete, .complete, .complete, .complete, .truncated, .corrupt].randomElement(
            using: &random) ?? .complete)
      }
    }
  }

  private static func record(_ kind: Int, _ random: inout SplitMix) -> CorrelationRecord {
    let crypto = [nil, "SOLUSDC", "BTCUSDC"].randomElement(using: &random) ?? nil
    let count = Int64.random(in: 0...2, using: &random)
    switch kind {
    case 0: return .fields([.cpuPct: .decimal(95)])
    case 1: return .fields([.pvcPct: .decimal(count == 0 ? 99 : 50), .successRate: .decimal(60)])
    case 2...3:
      return .summary(
        crypto, passed: [nil, 0, 0, count].randomElement(using: &random) ?? nil,
        of: [nil, count, 9].randomElement(using: &random) ?? nil,
        complete: [nil, true, false].randomElement(using: &random) ?? nil)
    case 4: return .fields([.crypto: .text("SOLUSDC"), .nPassed: .integer(0)], issues: [.missingValue])
    case 5: return .fields([.crypto: .text("BTCUSDC"), .buyRate: .decimal(1), .sortino: .decimal(-1)])
    default:
      var also: [FieldKey: FieldValue] = [:]
      if kind == 6 { also[.cpuPct] = .decimal(95) }
      if kind == 7 { also[.slPct] = .decimal(60) }
      if kind == 8 { also[.stdF1Buy] = .decimal(1) }
      if kind == 9 { also[.screeningF1Buy] = .decimal(1) }
      if kind == 10 { also[.nTrades] = .integer(count) }
      let gates = [nil, [false], [true, false], [true]].randomElement(using: &random) ?? nil
      return .strategy(
        crypto, gain: [0, 3, 7, 20].randomElement(using: &random) ?? 0,
        sortino: [-1, 1].randomElement(using: &random) ?? 1, gates: kind > 10 ? [false] : gates, also: also)
    }
  }
}

import LogModel
import Testing

@testable import Diagnosis
@testable import DiagnosticWriter

/// What SQL states once (schema/current/functions) agrees with the classifier.
@Suite struct StatedOnceTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  @Test func strategyKeysAreTheClassifiers() throws {
    #expect(
      try connection.column("SELECT unnest(corrparse.strategy_keys())")
        == Evidence.testedStrategyKeys.map(\.name))
  }

  /// A record with one field alone is a strategy's for these keys and for no other.
  @Test func eachKeyAloneMakesAStrategyOrDoesNot() throws {
    for key in FieldKey.allCases {
      let column = key == .group ? "logged_group" : key.name
      #expect(
        try connection.value(
          "SELECT corrparse.is_strategy(jsonb_populate_record(NULL::corrparse.record, jsonb_build_object($1::text, 1)))",
          [column]) == (Evidence.testedStrategyKeys.contains(key) ? "t" : "f"), "\(column)")
    }
    #expect(try connection.value("SELECT corrparse.is_strategy(NULL::corrparse.record)") == "f")
  }

  @Test func severitiesAreTheClassifiers() throws {
    #expect(
      try connection.column("SELECT unnest(corrparse.severities())")
        == Severity.allCases.sorted().map(\.rawValue))
  }

  /// Every combination of findings that could matter with every outcome of gates and Sortino.
  @Test func usefulIsTheClassifiers() throws {
    let findings: [[DiagnosisCode]] = [
      [], [.mlUseless], [.mlMarginal], [.mlExploitable], [.mlSolid], [.mlSolid, .mlUnstable],
      [.screeningOverfit, .mlExploitable],
      [.executionMismatch, .mlExploitable, .slTooTight], [.infraSaturated, .mlSolid],
    ]
    var count = 0
    for gates in [nil, [true], [false], [true, false], [true, true]] as [[Bool]?] {
      for sortino in [nil, -1, 0, 1] as [ExactDecimal?] {
        for trades in [nil, 0, 5] as [Int64?] {
          var record = CorrelationRecord.strategy(gain: 0, sortino: sortino, gates: gates)
          record[.nTrades] = trades.map { .integer($0) }
          let json = gates?.enumerated().map { #""g\#($0.offset)": "\#($0.element ? "pass" : "fail")""# }
          for codes in findings {
            let verdict = Verdict(
              taxonomyVersion: 1, certainty: .certain, findings: codes)
            let useful = try connection.value(
              """
              SELECT corrparse.is_useful($1::text[], corrparse.is_accepted($2::jsonb, $3::numeric, $4::bigint))
              """,
              [
                "{\(codes.map(\.rawValue).joined(separator: ","))}",
                json.map { "{\($0.joined(separator: ","))}" },
                sortino.map(\.description), trades.map { String($0) },
              ])
            #expect(
              useful == (record.isUseful(under: verdict) ? "t" : "f"),
              "\(codes) gates \(gates ?? []) Sortino \(sortino?.description ?? "-") trades \(trades ?? -1)")
            count += useful == "t" ? 1 : 0
          }
        }
      }
    }
    #expect(count > 50)
  }

  /// Functions that views and indexes use are taken apart by the planner: the index of accepted records serves them.
  @Test func indexOfAcceptedRecordsServesTheFunction() throws {
    try connection.run(
      "BEGIN; DROP INDEX corrparse.record_crypto_observed_at_idx; SET LOCAL enable_seqscan = off")
    let plan = try connection.column(
      """
      EXPLAIN SELECT r.observed_at FROM corrparse.judged_record AS r WHERE r.crypto = 'SOLUSDC' AND r.is_accepted
      ORDER BY r.crypto DESC, r.observed_at DESC LIMIT 1
      """)
    try connection.run("ROLLBACK")
    #expect(plan.contains { $0?.contains("record_accepted_idx") == true })
    // The condition is the index's own: nothing of it is left to be checked for each record.
    #expect(!plan.contains { $0?.contains("Filter") == true })
  }
}

import Diagnosis
import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

/// `diagnostics.run_diagnosis_v1` (3-classification, Runs).
@Suite struct RunDiagnosisTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  /// The rows of the view: crypto, records, candidates, passed, primary, severity.
  static let rows: SQLText = """
    SELECT concat_ws(' ', coalesce(crypto, '*'), records, coalesce(candidates::text, '?'),
      coalesce(passed::text, '?'), coalesce(primary_code, '-'), severity)
    FROM diagnostics.run_diagnosis_v1 ORDER BY dag_id, run_id, crypto NULLS FIRST
    """

  struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var state = TaskOutcome.State.success
    var reading = LogStatus.complete
    let records: [CorrelationRecord]
    let expected: [String]

    init(
      _ name: String, _ records: [CorrelationRecord], _ expected: String...,
      state: TaskOutcome.State = .success, reading: LogStatus = .complete
    ) {
      self.reading = reading
      testDescription = name
      self.records = records
      self.expected = expected
      self.state = state
    }
  }

  static let infrastructure = [
    Example("no records", [], "* 0 ? ? - none"),
    Example(
      "saturation comes first",
      [.strategy(gain: 0), .fields([.pvcPct: .decimal(86)]), .fields([.successRate: .decimal(50)])],
      "* 3 ? ? INFRA_SATURATED P0", "SOLUSDC 1 ? ? ML_USELESS P2"),
    Example(
      "saturation by CPU alone", [.fields([.cpuPct: .decimal(91)])], "* 1 ? ? INFRA_SATURATED P1"),
    Example(
      "a degraded pipeline comes before candidates",
      [.summary(passed: 0, of: 9), .fields([.successRate: .decimal(69)])], "* 2 9 0 PIPELINE_DEGRADED P1"),
    Example(
      "a crypto is not to blame for the platform",
      [
        .strategy(gain: 3, also: [.cpuPct: .decimal(95)]), .strategy(gain: 20, also: [.cpuPct: .decimal(95)]),
        .strategy(gain: 20, also: [.cpuPct: .decimal(95)]),
      ],
      "* 3 ? ? INFRA_SATURATED P1", "SOLUSDC 3 ? ? ML_SOLID none"),
    Example(
      "without the infra rules a severity is that of the rest",
      [.strategy(gain: 3, sortino: -1, also: [.cpuPct: .decimal(95)])],
      "* 1 ? ? INFRA_SATURATED P1", "SOLUSDC 1 ? ? ML_MARGINAL P2"),
    Example(
      "without trades a negative Sortino raises nothing",
      [.strategy(gain: 3, sortino: -1, also: [.oomKills: .integer(3), .nTrades: .integer(0)])],
      "* 1 ? ? INFRA_SATURATED P0", "SOLUSDC 1 ? ? ML_MARGINAL P3"),
    Example(
      "an infra record within its limits judges nothing",
      [.fields([.pvcPct: .decimal(85)]), .strategy(gain: 0)],
      "* 2 ? ? ML_USELESS P2", "SOLUSDC 1 ? ? ML_USELESS P2"),
  ]

  static let candidates = [
    Example("a summary without candidates", [.summary(passed: 0, of: 450)], "* 1 450 0 NO_CANDIDATES P1"),
    Example(
      "a summary that says it is complete", [.summary(passed: 0, of: 450, complete: true)],
      "* 1 450 0 NO_CANDIDATES P1"),
    Example(
      "a summary that is not complete, and gates that all fail",
      [.summary(passed: 0, of: 450, complete: false), .strategy(gain: 20, gates: [false])],
      "* 2 1 0 NO_CANDIDATES P1", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
    Example(
      "a summary with candidates, and gates that all fail",
      [.summary(passed: 1, of: 450), .strategy(gain: 20, gates: [false])],
      "* 2 450 1 ML_SOLID none", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
    Example("nothing was tried", [.summary(passed: 0, of: 0)], "* 1 0 0 - none"),
    Example("how many passed is not known", [.summary(passed: nil, of: 450)], "* 1 450 ? - none"),
    Example("how many were tried is not known", [.summary(passed: 0, of: nil)], "* 1 ? 0 - none"),
    Example(
      "a task's later summary replaces its earlier one",
      [.summary(passed: 0, of: 100, complete: false), .summary(passed: 0, of: 450, complete: true)],
      "* 2 450 0 NO_CANDIDATES P1"),
    Example(
      "summaries by crypto add up, and one that passed saves the run",
      [.summary("BTCUSDC", passed: 2, of: 50), .summary("SOLUSDC", passed: 0, of: 450)],
      "* 2 500 2 - none", "BTCUSDC 1 50 2 - none", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "summaries by crypto of which none passed",
      [.summary("BTCUSDC", passed: 0, of: 50), .summary("SOLUSDC", passed: 0, of: 450)],
      "* 2 500 0 NO_CANDIDATES P1", "BTCUSDC 1 50 0 NO_CANDIDATES P1", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "a summary of all comes before its parts",
      [.summary("SOLUSDC", passed: 0, of: 450), .summary(passed: 3, of: 460)],
      "* 2 460 3 - none", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "a strategy's own counts are no summary",
      [.strategy(gain: 20, also: [.nCandidates: .integer(450), .nPassed: .integer(0)])],
      "* 1 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_SOLID none"),
    Example(
      "no strategy passes its gates",
      [.strategy(gain: 20, gates: [true, false]), .strategy(gain: 0, gates: [false])],
      "* 2 2 0 NO_CANDIDATES P1", "SOLUSDC 2 2 0 NO_CANDIDATES P1"),
    Example(
      "one strategy passes its gates",
      [.strategy(gain: 20, gates: [true, true]), .strategy("BTCUSDC", gain: 20, gates: [false])],
      "* 2 2 1 ML_SOLID none", "BTCUSDC 1 1 0 NO_CANDIDATES P1", "SOLUSDC 1 1 1 ML_SOLID none"),
    Example(
      "one strategy has no gates", [.strategy(gain: 20, gates: [false]), .strategy(gain: 20)],
      "* 2 ? ? ML_SOLID none", "SOLUSDC 2 ? ? ML_SOLID none"),
    Example(
      "a failed run has its candidates, too", [.strategy(gain: 20, gates: [false])],
      "* 1 1 0 NO_CANDIDATES P1", "SOLUSDC 1 1 0 NO_CANDIDATES P1", state: .failed),
    Example(
      "a strategy that cannot be read might have passed",
      [.strategy(gain: 20, gates: [false]), .fields([.crypto: .text("SOLUSDC")], issues: [.missingValue])],
      "* 2 ? ? ML_SOLID none", "SOLUSDC 2 ? ? ML_SOLID none"),
    Example(
      "nor is it a summary",
      [.fields([.nPassed: .integer(0), .nCandidates: .integer(4)], issues: [.malformedNumber])],
      "* 1 ? ? - none"),
  ]

  static let frequencies = [
    Example(
      "the most frequent primary",
      [.strategy(gain: 20), .strategy("BTCUSDC", gain: 3), .strategy("BTCUSDC", gain: 3)],
      "* 3 ? ? ML_MARGINAL P3", "BTCUSDC 2 ? ? ML_MARGINAL P3", "SOLUSDC 1 ? ? ML_SOLID none"),
    Example(
      "ties go by the table's order, not by the alphabet",
      [.strategy(gain: 20), .strategy(gain: 20, also: [.stdF1Buy: .decimal(1)]), .strategy(gain: 3)],
      "* 3 ? ? ML_UNSTABLE P2", "SOLUSDC 3 ? ? ML_UNSTABLE P2"),
    Example(
      "absent primaries do not count",
      [
        .fields([.theta: .decimal(1)]), .fields([.buyRate: .decimal(1)]), .fields([.buyRate: .decimal(1)]),
        .strategy(gain: 7),
      ],
      "* 4 ? ? ML_EXPLOITABLE none", "SOLUSDC 1 ? ? ML_EXPLOITABLE none"),
    Example(
      "unclassified throughout", [.fields([.buyRate: .decimal(1)]), .fields([.buyRate: .decimal(1)])],
      "* 2 ? ? - none"),
    Example(
      "a negative Sortino is a warning even where nothing is found",
      [.fields([.sortino: .decimal(-1)])], "* 1 ? ? - P2"),
    Example(
      "provisional primaries count like certain ones",
      [
        .strategy(gain: 3, also: [:]), .fields([.f1Buy: .decimal(1), .baselineF1Buy: .decimal(0)]),
        .fields([.f1Buy: .decimal(1), .baselineF1Buy: .decimal(0)]),
      ],
      "* 3 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_MARGINAL P3"),
    Example(
      "the severity is that of the worst record with the diagnosis",
      [.strategy(gain: 20), .strategy(gain: 20, also: [.slPct: .decimal(60)]), .strategy(gain: 0)],
      "* 3 ? ? ML_SOLID P2", "SOLUSDC 3 ? ? ML_SOLID P2"),
  ]

  @Test(arguments: infrastructure + candidates + frequencies)
  func isPageThree(example: Example) throws {
    try RunLog(state: example.state, records: example.records).store(connection)
    #expect(try connection.column(Self.rows) == example.expected)
  }

  @Test func countsShowEveryPrimary() throws {
    try RunLog(records: [
      .strategy(gain: 20), .strategy(gain: 20, also: [.pvcPct: .decimal(99)]), .strategy("BTCUSDC", gain: 0),
      .fields([.theta: .decimal(1)]),
    ]).store(connection)
    #expect(
      try connection.column(
        """
        SELECT concat_ws(' ', coalesce(crypto, '*'), code_counts) FROM diagnostics.run_diagnosis_v1
        ORDER BY crypto NULLS FIRST
        """) == [
          #"* {"ML_SOLID": 1, "ML_USELESS": 1, "INFRA_SATURATED": 1}"#, #"BTCUSDC {"ML_USELESS": 1}"#,
          #"SOLUSDC {"ML_SOLID": 2}"#,
        ])
  }

  @Test func onlyTheLatestAttemptOfEachTaskCounts() throws {
    try RunLog(attempt: 1, state: .failed, records: [.strategy(gain: 0), .strategy(gain: 0)]).store(
      connection)
    try RunLog(attempt: 2, records: [.strategy(gain: 20)]).store(connection)
    try RunLog(map: 0, attempt: 1, records: [.strategy("BTCUSDC", gain: 3)]).store(connection)
    #expect(
      try connection.column(Self.rows) == [
        "* 2 ? ? ML_MARGINAL P3", "BTCUSDC 1 ? ? ML_MARGINAL P3", "SOLUSDC 1 ? ? ML_SOLID none",
      ])
    // A third attempt that logs no block takes the second one's along.
    try RunLog(attempt: 3).store(connection)
    #expect(try connection.column(Self.rows) == ["* 1 ? ? ML_MARGINAL P3", "BTCUSDC 1 ? ? ML_MARGINAL P3"])
  }

  @Test func runsAreKeptApartAndStrangersLeftOut() throws {
    try RunLog(records: [.strategy(gain: 0)]).store(connection)
    try RunLog(dag: "launch__retrain", records: [.strategy(nil, gain: 20)]).store(connection)
    var stranger = SampleLog(blocks: 1)
    stranger.identity = nil
    try stranger.store(connection)
    #expect(
      try connection.column(Self.rows) == [
        "* 1 ? ? ML_USELESS P2", "SOLUSDC 1 ? ? ML_USELESS P2", "* 1 ? ? ML_SOLID none",
      ])
  }

  @Test func currentTaxonomyDecides() throws {
    let log = RunLog(records: [.strategy(gain: 3)])
    try log.store(connection)
    var thresholds = Thresholds()
    thresholds.marginalGain = ExactDecimal(coefficient: 2, scale: 2)
    let second = Taxonomy(version: Taxonomy.current.version + 1, thresholds: thresholds)
    try Migrator(connection).up(programVersion: "2", taxonomy: .whole([.current, second]))
    // Not judged yet under the new version: what the run is is not known, and its records are still counted.
    #expect(try connection.column(Self.rows) == ["* 1 ? ? - none", "SOLUSDC 1 ? ? - none"])
    _ = try Reclassifier(connection, classifier: Classifier(taxonomy: second)).run()
    #expect(
      try connection.column(Self.rows) == [
        "* 1 ? ? ML_EXPLOITABLE none", "SOLUSDC 1 ? ? ML_EXPLOITABLE none",
      ])
  }

  @Test func readerSeesIt() throws {
    try RunLog(records: [.strategy(gain: 3)]).store(connection)
    try connection.run("SET ROLE corrparse_reader")
    #expect(try connection.column(Self.rows).count == 2)
    #expect(throws: DatabaseError.self) { try connection.run("SELECT * FROM corrparse.run_diagnosis") }
  }

  /// Every order in which five logs can arrive, each as its log is first seen growing and later complete.
  @Test func everyOrderOfArrivalGivesTheSame() throws {
    let logs = [
      RunLog(attempt: 1, state: .failed, records: [.strategy(gain: 0), .summary(passed: 0, of: 1)]),
      RunLog(attempt: 2, records: [.strategy(gain: 20, gates: [true]), .strategy("BTCUSDC", gain: 3)]),
      RunLog(map: 1, records: [.strategy(gain: 20, gates: [false]), .strategy("BTCUSDC", gain: 3)]),
      RunLog(
        task: "summary", records: [.summary(passed: 0, of: 5, complete: false), .summary(passed: 1, of: 9)]),
      RunLog(
        task: "watch", records: [.fields([.cpuPct: .decimal(90)]), .fields([.successRate: .decimal(80)])]),
    ]
    let whole: SQLText = "SELECT concat_ws(' ', d) FROM diagnostics.run_diagnosis_v1 AS d ORDER BY 1"
    var results: Set<[String?]> = []
    for order in Self.permutations(of: Array(logs.indices)) {
      try connection.run("DELETE FROM corrparse.source")
      for index in order { try logs[index].store(connection) }
      results.insert(try connection.column(whole))
    }
    #expect(results.count == 1)
    #expect(
      try connection.column(Self.rows)
        == ["* 8 9 1 ML_MARGINAL P3", "BTCUSDC 2 ? ? ML_MARGINAL P3", "SOLUSDC 2 2 1 ML_SOLID none"])
  }

  private static func permutations(of items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}

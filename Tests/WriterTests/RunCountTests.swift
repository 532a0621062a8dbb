import Diagnosis
import LogModel
import Testing

@testable import DiagnosticWriter

/// Candidates, passed and NO_CANDIDATES of runs (`docs/specification/3-classification.md`, *Runs*): what is not known is null, never 0.
@Suite struct RunCountTests {
  typealias Example = RunDiagnosisTests.Example

  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static func screened(_ crypto: String? = "SOLUSDC", gates: [Bool]) -> CorrelationRecord {
    .strategy(crypto, gain: 20, sortino: 5, gates: gates, also: [.phase: .text("screening")])
  }

  private static func flawed(_ record: CorrelationRecord, _ kind: IssueKind, _ key: String?)
    -> CorrelationRecord
  {
    var record = record
    record.issues = [GrammarIssue(kind: kind, key: key, line: 1, offset: 0)]
    return record
  }

  static let sums = [
    Example(
      "a summary of one crypto does not speak for the others",
      [.summary("SOLUSDC", passed: 0, of: 450), .strategy("BTCUSDC", gain: 20, gates: [true, true])],
      "* 2 451 1 ML_SOLID none", "BTCUSDC 1 1 1 ML_SOLID none", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "one summary without n_candidates does not lose the run's NO_CANDIDATES",
      [
        .summary("SOLUSDC", passed: 0, of: 450, complete: true),
        .summary("BTCUSDC", passed: 0, of: nil, complete: true),
      ],
      "* 2 450 0 NO_CANDIDATES P1", "BTCUSDC 1 ? 0 - none", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "one summary without n_passed leaves open what passed",
      [.summary("SOLUSDC", passed: 0, of: 450), .summary("BTCUSDC", passed: nil, of: 50)],
      "* 2 500 ? - none", "BTCUSDC 1 50 ? - none", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "no summary knows its n_candidates",
      [.summary("SOLUSDC", passed: 0, of: nil), .summary("BTCUSDC", passed: 0, of: nil)],
      "* 2 ? 0 - none", "BTCUSDC 1 ? 0 - none", "SOLUSDC 1 ? 0 - none"),
    Example(
      "strategies without gates do not say that nothing passed",
      [.strategy("BTCUSDC", gain: 20), .strategy("SOLUSDC", gain: 20)],
      "* 2 ? ? ML_SOLID none", "BTCUSDC 1 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_SOLID none"),
    Example(
      "one crypto without gates leaves open what passed",
      [.strategy("BTCUSDC", gain: 20, gates: [false]), .strategy("SOLUSDC", gain: 20)],
      "* 2 1 ? ML_SOLID none", "BTCUSDC 1 1 0 NO_CANDIDATES P1", "SOLUSDC 1 ? ? ML_SOLID none"),
    Example(
      "strategies without a crypto count as one more",
      [.strategy(nil, gain: 20, gates: [true]), .strategy(gain: 20, gates: [false])],
      "* 2 2 1 ML_SOLID none", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
    Example(
      "of strategies without a crypto and without gates nothing is known",
      [.strategy(nil, gain: 20), .strategy(gain: 20, gates: [false])],
      "* 2 1 ? ML_SOLID none", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
    Example(
      "a crypto whose record tells neither strategy nor count is not known",
      [.fields([.crypto: .text("SOLUSDC"), .theta: .decimal(1)]), .summary("BTCUSDC", passed: 0, of: 9)],
      "* 2 9 ? - none", "BTCUSDC 1 9 0 NO_CANDIDATES P1", "SOLUSDC 1 ? ? - none"),
    Example(
      "a summary without a crypto stands for all, complete or not known to be otherwise",
      [.summary(passed: 4, of: nil), .strategy(gain: 20, gates: [false])],
      "* 2 ? 4 ML_SOLID none", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
    Example(
      "an unfinished summary of all leaves the count to the cryptos",
      [.summary(passed: 0, of: 7, complete: false), .summary("SOLUSDC", passed: 2, of: 5)],
      "* 2 5 2 - none", "SOLUSDC 1 5 2 - none"),
    Example(
      "an unfinished summary alone tells nothing", [.summary("SOLUSDC", passed: 0, of: 450, complete: false)],
      "* 1 ? ? - none", "SOLUSDC 1 ? ? - none"),
  ]

  static let doubts = [
    Example(
      "a summary that was perhaps not complete",
      [flawed(.summary("SOLUSDC", passed: 0, of: 450), .malformedPair, "complete")],
      "* 1 450 ? - none", "SOLUSDC 1 450 ? - none"),
    Example(
      "another issue of a summary changes nothing",
      [flawed(.summary("SOLUSDC", passed: 0, of: 450), .malformedPair, "theta")],
      "* 1 450 0 NO_CANDIDATES P1", "SOLUSDC 1 450 0 NO_CANDIDATES P1"),
    Example(
      "the gates of a block that was too long may be some of them",
      [flawed(.strategy(gain: 20, gates: [false]), .blockTooLong, nil)],
      "* 1 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_SOLID none"),
    Example(
      "the gates of an incomplete block may be some of them",
      [
        flawed(.strategy(gain: 20, gates: [false]), .incompleteBlock, nil),
        .strategy(gain: 20, gates: [false]),
      ],
      "* 2 ? ? ML_SOLID none", "SOLUSDC 2 ? ? ML_SOLID none"),
    Example(
      "gates that could not be read",
      [flawed(.strategy(gain: 20), .malformedPair, "gates"), .strategy(gain: 20, gates: [false])],
      "* 2 ? ? ML_SOLID none", "SOLUSDC 2 ? ? ML_SOLID none"),
    Example(
      "an issue elsewhere leaves the gates as they are",
      [flawed(.strategy(gain: 20, gates: [false]), .malformedNumber, "theta")],
      "* 1 1 0 NO_CANDIDATES P1", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
  ]

  static let damages = [
    Example(
      "a damaged summary tells neither of its numbers",
      [flawed(.summary("SOLUSDC", passed: 11, of: 450), .damagedSource, nil)],
      "* 1 ? ? - none", "SOLUSDC 1 ? ? - none"),
    Example(
      "a damaged summary is not replaced by the strategies beside it",
      [
        .strategy(gain: 20, gates: [true]),
        flawed(.summary("SOLUSDC", passed: 0, of: 450), .damagedSource, nil),
      ],
      "* 2 ? ? ML_SOLID none", "SOLUSDC 2 ? ? ML_SOLID none"),
    Example(
      "strategies of a log that was cut off need not be all",
      [.strategy(gain: 3, gates: [false]), .strategy("BTCUSDC", gain: 20, gates: [true])],
      "* 2 ? ? ML_MARGINAL P3", "BTCUSDC 1 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_MARGINAL P3",
      reading: .truncated),
    Example(
      "strategies of a log that is damaged need not be all",
      [.strategy(gain: 20, gates: [false])], "* 1 ? ? ML_SOLID none", "SOLUSDC 1 ? ? ML_SOLID none",
      reading: .corrupt),
    Example(
      "the summary in a log that was cut off says what it says",
      [.summary("SOLUSDC", passed: 0, of: 450), .strategy("BTCUSDC", gain: 20, gates: [true])],
      "* 2 450 ? ML_SOLID none", "BTCUSDC 1 ? ? ML_SOLID none", "SOLUSDC 1 450 0 NO_CANDIDATES P1",
      reading: .truncated),
    Example(
      "a log that still grows is read as far as it is",
      [.strategy(gain: 20, gates: [true])], "* 1 1 1 ML_SOLID none", "SOLUSDC 1 1 1 ML_SOLID none",
      reading: .growing),
  ]

  static let screenings = [
    Example(
      "a screening that passed does not count beside a test that did not",
      [screened(gates: [true]), .strategy(gain: 20, gates: [false])],
      "* 2 1 0 NO_CANDIDATES P1", "SOLUSDC 2 1 0 NO_CANDIDATES P1"),
    Example(
      "screenings alone count", [screened(gates: [true]), screened(gates: [false])],
      "* 2 2 1 ML_SOLID none", "SOLUSDC 2 2 1 ML_SOLID none"),
    Example(
      "a crypto that was only screened is left out beside one that was tested",
      [screened("BTCUSDC", gates: [false]), .strategy(gain: 20, gates: [true])],
      "* 2 1 1 ML_SOLID none", "BTCUSDC 1 ? ? ML_SOLID none", "SOLUSDC 1 1 1 ML_SOLID none"),
    Example(
      "a summary is enough to leave screenings out",
      [screened("BTCUSDC", gates: [true]), .summary("SOLUSDC", passed: 0, of: 9)],
      "* 2 9 0 NO_CANDIDATES P1", "BTCUSDC 1 ? ? ML_SOLID none", "SOLUSDC 1 9 0 NO_CANDIDATES P1"),
    Example(
      "what is neither strategy nor summary leaves screenings in",
      [screened(gates: [false]), .fields([.cpuPct: .decimal(10)])],
      "* 2 1 0 NO_CANDIDATES P1", "SOLUSDC 1 1 0 NO_CANDIDATES P1"),
  ]

  @Test(arguments: sums + doubts + damages + screenings)
  func isPageThree(example: Example) throws {
    try RunLog(state: example.state, records: example.records, reading: example.reading).store(connection)
    #expect(try connection.column(RunDiagnosisTests.rows) == example.expected)
  }

  /// A log that is mended, or is cut off, changes the diagnosis of its run though no record of it changes.
  @Test func readingAnewDecidesWhetherTheCountIsKnown() throws {
    var log = RunLog(records: [.strategy(gain: 20, gates: [true])], reading: .truncated)
    try log.store(connection)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 ? ? ML_SOLID none")
    log.reading = .complete
    try log.store(connection)
    #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 1 1 ML_SOLID none")
    try RunDiagnoses(connection).refresh()
    #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 1 1 ML_SOLID none")
  }

  /// An attempt that was tried again counts no more, whatever its log had.
  @Test func cutOffLogOfAnEarlierAttemptDoesNotCount() throws {
    try RunLog(attempt: 1, state: .failed, records: [.strategy(gain: 0, gates: [false])], reading: .truncated)
      .store(connection)
    try RunLog(attempt: 2, records: [.strategy(gain: 20, gates: [true])]).store(connection)
    #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 1 1 ML_SOLID none")
  }

  /// Of a log that cannot be read nobody knows what it had, until its task is tried again or the log is gone.
  @Test(arguments: [true, false])
  func logThatCannotBeReadLeavesOpenWhatPassed(isTriedAgain: Bool) throws {
    try RunLog(map: 0, records: [.strategy(gain: 20, gates: [true])]).store(connection)
    try RunDiagnoses(connection).refresh()
    try RunLog(map: 1, reading: .failed).store(connection)
    #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 ? ? ML_SOLID none")
    try RunDiagnoses(connection).refresh()
    if isTriedAgain {
      try RunLog(map: 1, attempt: 2, records: [.strategy(gain: 20, gates: [false])]).store(connection)
      #expect(try connection.column(RunDiagnosisTests.rows).first == "* 2 2 1 ML_SOLID none")
    } else {
      let gone = try connection.failedLogs(after: 0, onlyConflicts: false, dagIDs: [])
      #expect(try connection.clear(gone) == 1)
      #expect(try connection.column(RunDiagnosisTests.rows).first == "* 1 1 1 ML_SOLID none")
    }
  }

  /// Of several summaries the last counts, whichever task printed it and in whatever order their logs arrive.
  @Test(arguments: [[0, 1], [1, 0]])
  func laterSummaryOfAnotherTaskCounts(order: [Int]) throws {
    let ten = try #require(LogTime("2026-03-28T10:01:00Z"))
    let logs = [
      RunLog(
        task: "a",
        records: [
          .summary("SOLUSDC", passed: 3, of: 5), .summary("SOLUSDC", passed: 0, of: 450),
          .strategy("BTCUSDC", gain: 20, gates: [true]),
        ], observed: ten),
      RunLog(
        task: "b",
        records: [
          .summary("SOLUSDC", passed: 2, of: 9, complete: false),
          .summary("BTCUSDC", passed: 0, of: 0, complete: false),
        ], observed: ten + .minutes(8)),
    ]
    for index in order { try logs[index].store(connection) }
    #expect(
      try connection.column(RunDiagnosisTests.rows) == [
        "* 5 451 1 ML_SOLID none", "BTCUSDC 2 1 1 ML_SOLID none", "SOLUSDC 3 450 0 NO_CANDIDATES P1",
      ])
    // One microsecond later than the last of task a, and of an earlier task by name.
    try RunLog(
      task: "0", records: [.summary("SOLUSDC", passed: 9, of: 11)], observed: ten + Span(microseconds: 2)
    ).store(connection)
    #expect(try connection.column(RunDiagnosisTests.rows).last == "SOLUSDC 4 11 9 - none")
  }

  /// At the same time the order is that of task, map index and block.
  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
  func summariesOfOneInstantGoByTheirNames(order: [Int]) throws {
    let logs = [
      RunLog(task: "a", map: 7, records: [.summary(passed: 1, of: 9)]),
      RunLog(task: "b", map: 10, records: [.summary(passed: 2, of: 9)]),
      RunLog(task: "b", map: 9, records: [.summary(passed: 3, of: 9)]),
    ]
    for index in order { try logs[index].store(connection) }
    #expect(try connection.column(RunDiagnosisTests.rows) == ["* 3 9 2 - none"])
  }

  /// The state counts as the view does: passed that is not known triggers nothing, before diagnoses are stored and after.
  @Test(arguments: [
    ([CorrelationRecord.strategy("BTCUSDC", gain: 20), .strategy("SOLUSDC", gain: 20)], "unknown"),
    ([], "unknown"),
    ([.fields([.cpuPct: .decimal(10)])], "unknown"),
    ([.summary("SOLUSDC", passed: 0, of: 450), .summary("BTCUSDC", passed: 0, of: nil)], "triggered"),
    ([.summary("SOLUSDC", passed: 0, of: 450), .strategy("BTCUSDC", gain: 20, gates: [true])], "clear"),
    ([screened(gates: [true]), .strategy(gain: 20, gates: [false])], "triggered"),
  ])
  func threeRunsOf(records: [CorrelationRecord], expected: String) throws {
    try connection.run("DELETE FROM corrparse.test_dag WHERE dag_id <> 'launch__discovery'")
    for hours in [5, 10, 15] as [Int64] {
      try RunLog.run("r\(hours)", start: World.noon - .hours(hours), for: .minutes(20), records: records)
        .store(connection)
    }
    #expect(try connection.condition("no_passing_candidates") == expected)
    try RunDiagnoses(connection).refresh()
    #expect(try connection.condition("no_passing_candidates") == expected)
  }
}

import LogModel
import Testing

@testable import DiagnosticWriter

/// What a DAG run's tasks tell of it (3-classification, States of attempts and runs).
@Suite struct RunStateTests {
  let database: TestDatabase
  let connection: Connection

  init() throws {
    database = try TestDatabase.withWholeTaxonomy()
    connection = try database.connect()
  }

  private static let rows: SQLText = """
    SELECT concat_ws(' ', state, to_char(started_at AT TIME ZONE 'UTC', 'HH24:MI'),
      to_char(ended_at AT TIME ZONE 'UTC', 'HH24:MI'))
    FROM diagnostics.run_diagnosis_v1
    """

  @Test(arguments: [
    ([TaskOutcome.State.success], "success"), ([.success, .skipped], "success"), ([.skipped], "success"),
    ([.success, .failed], "failed"), ([.failed, .unknown], "failed"), ([.failed, .upForRetry], "failed"),
    ([.success, .unknown], "unknown"), ([.unknown, .upForRetry], "unknown"), ([.upForRetry], "unknown"),
    ([.success, .deferred], "unknown"),
  ])
  func stateIsThatOfTheLatestAttempts(states: [TaskOutcome.State], expected: String) throws {
    for (index, state) in states.enumerated() {
      try RunLog(map: index, attempt: 1, state: .failed).store(connection)
      try RunLog(map: index, attempt: 2, state: state).store(connection)
    }
    #expect(try connection.column(Self.rows) == ["\(expected) 02:00 03:00"])
  }

  /// A run is final 30 minutes after its last end. A log that just stops says for an hour that its task may be running, and a task
  /// that waits for a retry does so for a day.
  @Test(arguments: [
    (TaskOutcome.State.success, 29, "running"), (.success, 31, "success"), (.failed, 29, "running"),
    (.failed, 31, "failed"), (.unknown, 59, "running"), (.unknown, 61, "unknown"), (.success, -5, "running"),
    (.upForRetry, 1439, "running"), (.upForRetry, 1441, "unknown"), (.deferred, 1439, "running"),
    (.deferred, 1441, "unknown"), (.skipped, 31, "success"),
  ])
  func runThatHasJustEndedMayGoOn(state: TaskOutcome.State, minutesAgo: Int64, expected: String) throws {
    let end = try now() - .minutes(minutesAgo)
    try RunLog(map: 1, state: .success).store(connection)
    try RunLog(state: state, end: end).store(connection)
    #expect(try connection.column("SELECT state FROM diagnostics.run_diagnosis_v1") == [expected])
  }

  private func now() throws -> LogTime {
    LogTime(
      microseconds: Int64(
        try connection.value("SELECT (extract(epoch FROM now()) * 1000000)::bigint") ?? "") ?? 0)
  }

  @Test func beginsWithTheFirstAttemptAndEndsWithTheLast() throws {
    try RunLog(
      attempt: 1, state: .failed, start: LogTime("2026-03-28T01:10:00Z"), end: LogTime("2026-03-28T01:20:00Z")
    )
    .store(connection)
    try RunLog(attempt: 2, start: LogTime("2026-03-28T02:10:00Z"), end: LogTime("2026-03-28T02:20:00Z"))
      .store(connection)
    try RunLog(map: 1, start: nil, end: nil).store(connection)
    #expect(try connection.column(Self.rows) == ["success 01:10 02:20"])
  }

  /// While tasks have still to end, gates say nothing yet of the whole run; summaries do.
  @Test func gatesDecideOnlyOnceTheRunHasEnded() throws {
    let primary: SQLText = "SELECT primary_code FROM diagnostics.run_diagnosis_v1 WHERE crypto IS NULL"
    try RunLog(records: [.strategy(gain: 20, gates: [false])]).store(connection)
    #expect(try connection.column(primary) == ["NO_CANDIDATES"])
    try RunLog(map: 1, state: .upForRetry, end: now() - .hours(1)).store(connection)
    #expect(try connection.column(primary) == ["ML_SOLID"])
    try RunLog(map: 2, records: [.summary("SOLUSDC", passed: 0, of: 9)]).store(connection)
    #expect(try connection.column(primary) == ["NO_CANDIDATES"])
    try RunLog(map: 2, attempt: 2).store(connection)
    #expect(try connection.column(primary) == ["ML_SOLID"])
    for state in [TaskOutcome.State.unknown, .failed, .success] {
      try RunLog(map: 1, attempt: 2, state: state).store(connection)
      #expect(try connection.column(primary) == ["NO_CANDIDATES"], "\(state)")
    }
  }
}

public import LogModel

/// How many verdicts a crypto got on a day, by primary.
public struct VerdictCount: Sendable, Hashable {
  /// The crypto pair; nil for records that name none.
  public let crypto: String?
  /// The day in UTC, as `2026-03-28`.
  public let day: String
  /// The primary code; nil where the verdict has no code.
  public let code: String?
  /// Whether a verdict without a code is undecided; otherwise all is clear.
  public let isUnclassified: Bool
  /// How many records.
  public let count: Int
  /// How many of them are useful candidates (3-classification, Useful and best strategies).
  public let useful: Int

  /// A count.
  public init(
    crypto: String?, day: String, code: String?, isUnclassified: Bool, count: Int, useful: Int
  ) {
    self.crypto = crypto
    self.day = day
    self.code = code
    self.isUnclassified = isUnclassified
    self.count = count
    self.useful = useful
  }
}

/// A run and its diagnosis, as `diagnostics.run_diagnosis_v1` gives it for the whole run.
public struct RunReading: Sendable, Hashable {
  /// The DAG.
  public var dagID: String
  /// The run.
  public var runID: String
  /// When its first attempt started; nil where no log tells.
  public var startedAt: LogTime?
  /// What became of it.
  public var state: String
  /// Records of its latest attempts.
  public var records: Int
  /// Strategies tested; nil where nothing tells.
  public var candidates: Int?
  /// Strategies that passed; nil where nothing tells.
  public var passed: Int?
  /// The primary diagnosis; nil where the run has no diagnosis.
  public var primaryCode: String?
  /// Whether the run has no diagnosis and some of its records could not be classified.
  public var isUnclassified: Bool
  /// Its severity.
  public var severity: String?

  /// A run.
  public init(
    dagID: String, runID: String, startedAt: LogTime?, state: String, records: Int, candidates: Int?,
    passed: Int?, primaryCode: String?, isUnclassified: Bool, severity: String?
  ) {
    self.dagID = dagID
    self.runID = runID
    self.startedAt = startedAt
    self.state = state
    self.records = records
    self.candidates = candidates
    self.passed = passed
    self.primaryCode = primaryCode
    self.isUnclassified = isUnclassified
    self.severity = severity
  }
}

/// A useful strategy, as `diagnostics.strategy_v1` has it (3-classification, Useful and best strategies).
public struct UsefulStrategy: Sendable, Hashable {
  /// The crypto; nil where its record names none.
  public let crypto: String?
  /// The DAG.
  public let dagID: String
  /// The run.
  public let runID: String
  /// The horizon.
  public let horizon: String?
  /// Stop-loss and take-profit, multiples of the ATR.
  public let stopLoss, takeProfit: String?
  /// The gain over the baseline, percentage points.
  public let gain: String?
  /// The Sortino ratio.
  public let sortino: String?
  /// The primary code.
  public let primaryCode: String?
}

/// Reads what a report shows beside the global state, from the views alone: a role that may only read them suffices.
public struct ReportReader {
  private let connection: Connection

  /// Over an open connection.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// Verdicts of latest attempts under the current taxonomy, counted by crypto, day and primary, in that order.
  /// - Parameters:
  ///   - start: The first instant that counts.
  ///   - end: The last.
  /// - Returns: The counts.
  /// - Throws: What stopped it.
  public func verdicts(from start: LogTime, to end: LogTime) throws(DatabaseError) -> [VerdictCount] {
    let rows = try connection.query(Self.verdictCounts, [start.sqlText, end.sqlText])
    return (0..<rows.rowCount).map { row in
      VerdictCount(
        crypto: rows.text(row, 0), day: rows.text(row, 1) ?? "", code: rows.text(row, 2),
        isUnclassified: rows.boolean(row, 3) == true, count: Int(rows.integer(row, 4) ?? 0),
        useful: Int(rows.integer(row, 5) ?? 0))
    }
  }

  /// Useful strategies, the highest Sortino first.
  /// - Parameters:
  ///   - start: The first instant that counts.
  ///   - end: The last.
  ///   - limit: How many at most.
  /// - Returns: The strategies.
  /// - Throws: What stopped it.
  public func usefulStrategies(
    from start: LogTime, to end: LogTime, limit: Int
  ) throws(DatabaseError) -> [UsefulStrategy] {
    let rows = try connection.query(Self.useful, [start.sqlText, end.sqlText, String(limit)])
    return (0..<rows.rowCount).map { row in
      UsefulStrategy(
        crypto: rows.text(row, 0), dagID: rows.text(row, 1) ?? "", runID: rows.text(row, 2) ?? "",
        horizon: rows.text(row, 3), stopLoss: rows.text(row, 4), takeProfit: rows.text(row, 5),
        gain: rows.text(row, 6), sortino: rows.text(row, 7), primaryCode: rows.text(row, 8))
    }
  }

  /// The latest runs, youngest first.
  /// - Parameters:
  ///   - end: The instant by which they had started.
  ///   - limit: How many at most.
  /// - Returns: The runs.
  /// - Throws: What stopped it.
  public func runs(until end: LogTime, limit: Int) throws(DatabaseError) -> [RunReading] {
    let rows = try connection.query(Self.latestRuns, [end.sqlText, String(limit)])
    return (0..<rows.rowCount).map { row in
      RunReading(
        dagID: rows.text(row, 0) ?? "", runID: rows.text(row, 1) ?? "",
        startedAt: rows.integer(row, 2).map(LogTime.init(microseconds:)), state: rows.text(row, 3) ?? "",
        records: Int(rows.integer(row, 4) ?? 0), candidates: rows.integer(row, 5).map { Int($0) },
        passed: rows.integer(row, 6).map { Int($0) }, primaryCode: rows.text(row, 7),
        isUnclassified: rows.boolean(row, 9) == true, severity: rows.text(row, 8))
    }
  }

  private static let verdictCounts: SQLText = """
    SELECT v.crypto, to_char(v.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, v.primary_code,
      v.certainty = 'unclassified' AS is_unclassified, count(*), count(*) FILTER (WHERE v.useful)
    FROM diagnostics.verdict_v1 AS v
    WHERE v.observed_at >= $1::timestamptz AND v.observed_at <= $2::timestamptz AND v.latest_attempt
    GROUP BY v.crypto, day, v.primary_code, is_unclassified
    ORDER BY v.crypto COLLATE "C", day, v.primary_code COLLATE "C", is_unclassified
    """

  private static let useful: SQLText = """
    SELECT s.crypto, s.dag_id, s.run_id, s.horizon, s.sl, s.tp, s.delta_points, s.sortino, s.primary_code
    FROM diagnostics.strategy_v1 AS s
    WHERE s.observed_at > $1::timestamptz AND s.observed_at <= $2::timestamptz
    ORDER BY s.sortino DESC NULLS LAST, s.delta_points DESC NULLS LAST, s.crypto COLLATE "C", s.run_id COLLATE "C", s.block
    LIMIT $3::bigint
    """

  private static let latestRuns: SQLText = """
    SELECT r.dag_id, r.run_id, (extract(epoch FROM r.started_at) * 1000000)::bigint, r.state, r.records,
      r.candidates, r.passed, r.primary_code, r.severity,
      r.primary_code IS NULL AND EXISTS (
        SELECT FROM diagnostics.verdict_v1 AS v
        WHERE v.dag_id = r.dag_id AND v.run_id = r.run_id AND v.latest_attempt AND v.certainty = 'unclassified')
    FROM diagnostics.run_diagnosis_v1 AS r
    WHERE r.crypto IS NULL AND r.started_at <= $1::timestamptz
    ORDER BY r.started_at DESC, r.dag_id COLLATE "C", r.run_id COLLATE "C"
    LIMIT $2::bigint
    """
}

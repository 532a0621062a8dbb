public import Diagnosis
public import LogModel

/// One golden signal of one platform, DAG or crypto, as `diagnostics.golden_signals_at` gives it.
public struct SignalReading: Sendable, Hashable {
  /// The signal's name.
  public let signal: String
  /// platform, all, a DAG or a crypto.
  public let scope: String
  /// The value as exact decimal text in ``unit``; nil where there is none.
  public let value: String?
  /// The unit of the value; empty where it has none.
  public let unit: String
  /// ok, warning, critical or unknown.
  public let status: String
  /// What the value comes from, or why it is unknown.
  public let reason: String
  /// When that was observed; nil where nothing was.
  public let observedAt: LogTime?
}

/// One condition of the global state, as `diagnostics.global_state_conditions_at` gives it.
public struct ConditionReading: Sendable, Hashable {
  /// The condition's name.
  public let condition: String
  /// The state that it makes when triggered.
  public let contributes: String
  /// triggered, clear or unknown.
  public let status: String
  /// Which run, which crypto, which number.
  public let evidence: String

  /// The evidence, of a triggered condition with the bounds of which its number is past one.
  public var toldEvidence: String {
    let known = Taxonomy.current.conditions.first { $0.name == condition }
    guard status == "triggered", let bound = known?.boundText else { return evidence }
    return "\(evidence); bound: \(bound)"
  }
}

/// The global state as of an instant, with everything that it comes from.
public struct SupervisionReport: Sendable, Hashable {
  /// The instant.
  public let at: LogTime
  /// The state.
  public let state: GlobalState
  /// Since when, by its history; else the instant.
  public let since: LogTime
  /// Every triggered condition, worst first, then every unknown one, with its evidence.
  public let reasons: [String]
  /// Every condition, worst first.
  public let conditions: [ConditionReading]
  /// Every golden signal.
  public let signals: [SignalReading]
}

/// What a Prometheus server or another one outside the logs saw of the platform at one time. At least one value must be
/// there.
public struct InfraObservation: Sendable, Hashable {
  /// When.
  public var observedAt: LogTime
  /// Who saw it, 1 … 500 characters, without credentials: with the time it tells observations apart.
  public var origin: String
  /// OOM kills in the 24 hours before.
  public var oomKills: Int64?
  /// Pods that are down.
  public var podsDown: Int64?
  /// The fullest volume, percent, 0 … 100.
  public var pvcPercent: ExactDecimal?
  /// The busiest CPU, percent, 0 … 100.
  public var cpuPercent: ExactDecimal?
  /// How full the nodes' memory is, percent, 0 … 100. Nothing judges it, since the manual has no bound for it.
  public var memoryPercent: ExactDecimal?

  /// An observation from its parts.
  public init(
    observedAt: LogTime, origin: String, oomKills: Int64? = nil, podsDown: Int64? = nil,
    pvcPercent: ExactDecimal? = nil, cpuPercent: ExactDecimal? = nil, memoryPercent: ExactDecimal? = nil
  ) {
    self.observedAt = observedAt
    self.origin = origin
    self.oomKills = oomKills
    self.podsDown = podsDown
    self.pvcPercent = pvcPercent
    self.cpuPercent = cpuPercent
    self.memoryPercent = memoryPercent
  }
}

/// Golden signals and global state (3-classification, Golden signals), computed by the database's functions,
/// and what feeds them beside logs.
public struct Supervision {
  let connection: Connection

  /// Over an open connection, not within a transaction.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// The state, its conditions and the signals as of an instant; nil: now. All of one snapshot.
  public func report(at time: LogTime? = nil) throws(DatabaseError) -> SupervisionReport {
    try report(at: time) { $0 }
  }

  /// The same, with what else is to be read of the same snapshot.
  ///
  /// - Parameters:
  ///   - time: The instant; nil: now.
  ///   - more: Is given the report and reads more over the same connection.
  /// - Returns: What that gives.
  /// - Throws: What stopped either.
  public func report<Value>(
    at time: LogTime?, reading more: (SupervisionReport) throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    try transaction(Self.beginReading) { () throws(DatabaseError) in
      let instant = try connection.query(Self.instant, [time?.sqlText])
      guard let microseconds = instant.integer(0, 0) else {
        throw DatabaseError(.program, message: "the server gave no time")
      }
      let at = LogTime(microseconds: microseconds)
      let state = try connection.query(Self.state, [at.sqlText])
      guard let name = state.text(0, 0), let known = GlobalState(rawValue: name),
        let since = state.integer(0, 1)
      else { throw DatabaseError(.program, message: "the global state cannot be read") }
      let report = SupervisionReport(
        at: at, state: known, since: LogTime(microseconds: since),
        reasons: (0..<state.rowCount).compactMap { state.text($0, 2) },
        conditions: try conditions(at), signals: try signals(at))
      return try more(report)
    }
  }

  /// Enters the state into its history if it, or what is triggered or unknown, has changed since the last row. To be
  /// called once at the end of a run that may have written. Runs that end at once wait for each other, so that a change
  /// is entered once.
  ///
  /// - Returns: Whether a row was added.
  @discardableResult
  public func noteState() throws(DatabaseError) -> Bool {
    try transaction(Self.begin) { () throws(DatabaseError) in
      try connection.query("SELECT corrparse.note_global_state()").boolean(0, 0) == true
    }
  }

  /// Stores an observation unless one of the same time and origin is there.
  ///
  /// - Returns: Whether it was stored.
  /// - Throws: `data` when it has no value, or one out of its range.
  @discardableResult
  public func store(_ observation: InfraObservation) throws(DatabaseError) -> Bool {
    try connection.query(
      Self.insertion,
      [
        observation.observedAt.sqlText, observation.origin, observation.oomKills.map { String($0) },
        observation.podsDown.map { String($0) }, observation.pvcPercent?.description,
        observation.cpuPercent?.description, observation.memoryPercent?.description,
      ]
    ).rowCount == 1
  }

  private func conditions(_ at: LogTime) throws(DatabaseError) -> [ConditionReading] {
    let rows = try connection.query(Self.conditions, [at.sqlText])
    return (0..<rows.rowCount).map { row in
      ConditionReading(
        condition: rows.text(row, 0) ?? "", contributes: rows.text(row, 1) ?? "",
        status: rows.text(row, 2) ?? "",
        evidence: rows.text(row, 3) ?? "")
    }
  }

  private func signals(_ at: LogTime) throws(DatabaseError) -> [SignalReading] {
    let rows = try connection.query(Self.signals, [at.sqlText])
    return (0..<rows.rowCount).map { row in
      SignalReading(
        signal: rows.text(row, 0) ?? "", scope: rows.text(row, 1) ?? "", value: rows.text(row, 2),
        unit: rows.text(row, 3) ?? "", status: rows.text(row, 4) ?? "", reason: rows.text(row, 5) ?? "",
        observedAt: rows.integer(row, 6).map { LogTime(microseconds: $0) })
    }
  }

  private func transaction<Value>(
    _ begin: SQLText, _ body: () throws(DatabaseError) -> Value
  ) throws(DatabaseError) -> Value {
    do {
      try connection.run(begin)
      let value = try body()
      try connection.commit()
      return value
    } catch {
      try? connection.rollback()
      throw error
    }
  }
}

extension Supervision {
  private static let beginReading: SQLText = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL statement_timeout = '5min'
    """

  /// Read committed, so that who waited for the lock sees what was entered meanwhile.
  private static let begin: SQLText = """
    BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '5min'
    """

  private static let instant: SQLText =
    "SELECT (extract(epoch FROM coalesce($1::timestamptz, now())) * 1000000)::bigint"

  /// One row for each reason, at least one.
  private static let state: SQLText = """
    SELECT s.state, (extract(epoch FROM s.since) * 1000000)::bigint, r.reason
    FROM diagnostics.global_state_at($1::timestamptz) AS s
    LEFT JOIN LATERAL unnest(s.reasons) WITH ORDINALITY AS r (reason, place) ON true
    ORDER BY r.place
    """

  private static let conditions: SQLText = """
    SELECT c.condition, c.contributes, c.status, c.evidence
    FROM diagnostics.global_state_conditions_at($1::timestamptz) AS c
    """

  private static let signals: SQLText = """
    SELECT s.signal, s.scope, s.value, s.unit, s.status, s.reason,
      (extract(epoch FROM s.observed_at) * 1000000)::bigint
    FROM diagnostics.golden_signals_at($1::timestamptz) AS s
    """

  private static let insertion: SQLText = """
    INSERT INTO corrparse.infra_observation (observed_at, origin, oom_kills, pods_down, pvc_pct, cpu_pct, memory_pct)
    VALUES ($1::timestamptz, $2, $3::bigint, $4::bigint, $5::numeric, $6::numeric, $7::numeric)
    ON CONFLICT (observed_at, origin) DO NOTHING
    RETURNING true
    """
}

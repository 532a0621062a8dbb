import Diagnosis
public import LogModel

/// What is asked of the views where a list has nothing to show.
extension ListReader {
  /// How much a list holds, whatever a question narrows it to.
  public struct Extent: Sendable {
    /// How many rows there are.
    public let rows: Int
    /// Whether there are more than these, which were not counted.
    public let isMore: Bool
    /// The time of the newest row; nil where none has one.
    public let newest: LogTime?
  }

  /// So many rows are counted, and so many names are read, at most.
  private static let mostRows = 100_000

  /// How much a list holds, of earlier attempts too or the rows of cryptos where the question asks for these.
  /// - Parameters:
  ///   - list: The list.
  ///   - question: What was asked of it.
  /// - Returns: The extent.
  /// - Throws: What stopped it.
  public func extent(
    of list: StoredList, as question: StoredQuestion
  ) throws(DatabaseError) -> Extent {
    var all = StoredQuestion()
    all.isWide = question.isWide || !question.verdict.cryptos.isEmpty && list.noun == StoredList.runs.noun
    let parameters = list.parameters(all) + [String(Self.mostRows + 1)]
    let rows = try connection.query(
      "SELECT count(*) FROM (SELECT FROM " + list.view + " AS v WHERE " + list.condition + " LIMIT "
        + list.limit
        + "::bigint) AS counted", parameters)
    let count = rows.integer(0, 0).map { Int($0) } ?? 0
    guard let time = list.time, question.verdict.since != nil || question.verdict.until != nil else {
      return Extent(rows: min(count, Self.mostRows), isMore: count > Self.mostRows, newest: nil)
    }
    let newest = try connection.query(
      "SELECT " + time.sql + " FROM " + list.view + " AS v WHERE " + list.condition + " AND " + time.column
        + " IS NOT NULL ORDER BY " + time.column + " DESC LIMIT least(1, " + list.limit + "::bigint)",
      parameters)
    return Extent(
      rows: min(count, Self.mostRows), isMore: count > Self.mostRows,
      newest: newest.rowCount > 0 ? newest.integer(0, 0).map { LogTime(microseconds: $0) } : nil)
  }

  /// Whether a run or a log of a DAG is known.
  /// - Returns: Nil where one is; else the DAGs of which there are runs.
  /// - Throws: What stopped it.
  public func dagsInsteadOf(_ dag: String) throws(DatabaseError) -> [String]? {
    try others(dag, Self.hasDAG, Self.dags)
  }

  /// Whether a run, or a log of it, is known.
  /// - Returns: Nil where it is; else the last runs.
  /// - Throws: What stopped it.
  public func runsInsteadOf(_ run: String) throws(DatabaseError) -> [String]? {
    try others(run, Self.hasRun, Self.lastRuns)
  }

  private func others(
    _ name: String, _ exists: SQLText, _ names: SQLText
  ) throws(DatabaseError) -> [String]? {
    if try connection.query(exists, [name]).boolean(0, 0) == true { return nil }
    let known = try connection.query(names)
    return (0..<known.rowCount).compactMap { known.text($0, 0) }
  }

  private static let hasDAG: SQLText = """
    SELECT EXISTS (SELECT FROM diagnostics.run_diagnosis_v1 AS r WHERE r.dag_id = $1)
      OR EXISTS (SELECT FROM diagnostics.ingestion_v1 AS l WHERE l.dag_id = $1)
    """
  private static let dags: SQLText = """
    SELECT DISTINCT r.dag_id FROM diagnostics.run_diagnosis_v1 AS r WHERE r.crypto IS NULL LIMIT 10000
    """
  private static let hasRun: SQLText = """
    SELECT EXISTS (SELECT FROM diagnostics.run_diagnosis_v1 AS r WHERE r.run_id = $1)
      OR EXISTS (SELECT FROM diagnostics.ingestion_v1 AS l WHERE l.run_id = $1)
    """
  private static let lastRuns: SQLText = """
    SELECT r.run_id FROM diagnostics.run_diagnosis_v1 AS r WHERE r.crypto IS NULL ORDER BY r.started_at DESC NULLS LAST LIMIT 1000
    """
}

/// The DAGs whose runs test strategies (3-classification, States of attempts and runs): a setting that golden
/// signals and the global state follow at once.
public struct TestDAGs {
  private let connection: Connection

  /// Over an open connection.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// Whether a text can be a DAG's name: 1 … 250 characters as Airflow allows them, letters, digits, `_`, `-` and `.`.
  public static func isName(_ text: String) -> Bool {
    (1...250).contains(text.unicodeScalars.count)
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || $0.properties.numericType != nil || "_-.".unicodeScalars.contains($0)
      }
  }

  /// Every one, by name; and those of them that never ran as far as any log tells, which keep the condition *no_passing_candidates*
  /// unknown. For who may only read, too.
  public func listed() throws(DatabaseError) -> (names: [String], strangers: [String]) {
    let rows = try connection.query(Self.view)
    let dags = (0..<rows.rowCount).compactMap { row in
      rows.text(row, 0).map { (name: $0, hasRun: rows.boolean(row, 1) == true) }
    }
    return (dags.map(\.name), dags.filter { !$0.hasRun }.map(\.name))
  }

  /// Makes a DAG one of them. Gives false where it is one already.
  public func add(_ name: String) throws(DatabaseError) -> Bool {
    try connection.query(Self.addition, [name]).rowCount == 1
  }

  /// Makes a DAG one no longer; what it stored stays. Gives false where it was none.
  public func remove(_ name: String) throws(DatabaseError) -> Bool {
    try connection.query(Self.removal, [name]).rowCount == 1
  }

  private static let view: SQLText =
    "SELECT t.dag_id, t.has_run FROM diagnostics.test_dag_v1 AS t ORDER BY t.dag_id COLLATE \"C\""

  private static let addition: SQLText = """
    INSERT INTO corrparse.test_dag (dag_id) VALUES ($1) ON CONFLICT (dag_id) DO NOTHING RETURNING dag_id
    """

  private static let removal: SQLText =
    "DELETE FROM corrparse.test_dag AS t WHERE t.dag_id = $1 RETURNING t.dag_id"
}

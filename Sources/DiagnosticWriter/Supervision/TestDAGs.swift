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

  /// Every one, by name.
  public func names() throws(DatabaseError) -> [String] {
    try texts(connection.query(Self.list))
  }

  /// Those that never ran as far as any log tells; they keep the condition *no_passing_candidates* unknown.
  public func strangers() throws(DatabaseError) -> [String] {
    try texts(connection.query(Self.neverSeen))
  }

  /// Makes a DAG one of them. Gives false where it is one already.
  public func add(_ name: String) throws(DatabaseError) -> Bool {
    try connection.query(Self.addition, [name]).rowCount == 1
  }

  /// Makes a DAG one no longer; what it stored stays. Gives false where it was none.
  public func remove(_ name: String) throws(DatabaseError) -> Bool {
    try connection.query(Self.removal, [name]).rowCount == 1
  }

  private func texts(_ rows: QueryResult) -> [String] {
    (0..<rows.rowCount).compactMap { rows.text($0, 0) }
  }

  private static let list: SQLText =
    "SELECT t.dag_id FROM corrparse.test_dag AS t ORDER BY t.dag_id COLLATE \"C\""

  private static let neverSeen: SQLText = """
    SELECT t.dag_id FROM corrparse.test_dag AS t
    WHERE NOT EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.dag_id = t.dag_id)
    ORDER BY t.dag_id COLLATE "C"
    """

  private static let addition: SQLText = """
    INSERT INTO corrparse.test_dag (dag_id) VALUES ($1) ON CONFLICT (dag_id) DO NOTHING RETURNING dag_id
    """

  private static let removal: SQLText =
    "DELETE FROM corrparse.test_dag AS t WHERE t.dag_id = $1 RETURNING t.dag_id"
}

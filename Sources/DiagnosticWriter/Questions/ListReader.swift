import LogModel

/// Reads lists from the views alone: a role that may only read them suffices.
public struct ListReader {
  /// So many rows come at once, however long the list is.
  private static let portion: SQLText = "FETCH 1000 FROM listed"
  private static let begin: SQLText = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL search_path = pg_catalog, pg_temp
    """

  let connection: Connection

  /// Over an open connection, not within a transaction.
  public init(_ connection: Connection) {
    self.connection = connection
  }

  /// Counts what a question is about, and reads its rows, all of one snapshot.
  /// - Parameters:
  ///   - list: The list.
  ///   - question: What is asked of it.
  ///   - isCountOnly: Whether only the counts are wanted.
  ///   - group: Is given the values by which rows are counted, and how many rows have them.
  ///   - row: Is given each row in order.
  /// - Throws: What stopped it.
  public func read(
    _ list: StoredList, _ question: StoredQuestion, isCountOnly: Bool = false,
    group: (StoredRow, Int) -> Void, row: (StoredRow) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    do {
      try connection.run(Self.begin)
      try count(list, question, group)
      if !isCountOnly { try readRows(list, question, row) }
      try connection.commit()
    } catch {
      try? connection.rollback()
      throw error
    }
  }

  private func count(
    _ list: StoredList, _ question: StoredQuestion, _ group: (StoredRow, Int) -> Void
  ) throws(DatabaseError) {
    let names = list.groups.map(\.sql).joined()
    let rows = try connection.query(
      "SELECT " + names + ", count(*) FROM " + list.view + " AS v WHERE " + list.condition + " GROUP BY "
        + list.groupPlaces, list.parameters(question))
    let places = Self.places(list.groups)
    for index in 0..<rows.rowCount {
      let texts = list.groups.indices.map { rows.text(index, $0) }
      group(
        StoredRow(places: places, texts: texts), rows.integer(index, list.groups.count).map { Int($0) } ?? 0)
    }
  }

  /// The rows of a short list, within a transaction of the caller's.
  func rows(_ list: StoredList, _ question: StoredQuestion) throws(DatabaseError) -> [StoredRow] {
    Self.rows(of: try connection.query(Self.selection(list, question), parameters(list, question)), list)
  }

  private func readRows(
    _ list: StoredList, _ question: StoredQuestion, _ take: (StoredRow) throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    try connection.query(
      "DECLARE listed NO SCROLL CURSOR FOR " + Self.selection(list, question), parameters(list, question))
    while true {
      let rows = try connection.query(Self.portion)
      guard rows.rowCount > 0 else { return }
      for row in Self.rows(of: rows, list) { try take(row) }
    }
  }

  private func parameters(_ list: StoredList, _ question: StoredQuestion) -> [String?] {
    list.parameters(question) + [question.top.map { String($0) }]
  }

  private static func selection(_ list: StoredList, _ question: StoredQuestion) -> SQLText {
    "SELECT " + list.values.map(\.sql).joined() + " FROM " + list.view + " AS v WHERE " + list.condition
      + " ORDER BY " + list.ordering(question.sort) + " LIMIT " + list.limit + "::bigint"
  }

  private static func rows(of result: QueryResult, _ list: StoredList) -> [StoredRow] {
    let places = places(list.values)
    return (0..<result.rowCount).map { index in
      let texts = list.values.indices.map { column -> String? in
        guard list.values[column].kind == .time else { return result.text(index, column) }
        return result.integer(index, column).map { LogTime(microseconds: $0).description }
      }
      return StoredRow(places: places, texts: texts)
    }
  }

  /// Whether anything is known of a crypto: a record, or a place in the universe as far as the role may see it.
  /// - Returns: Nil where it is known; else the cryptos of which there are runs.
  /// - Throws: What stopped it.
  public func cryptosInsteadOf(_ crypto: String) throws(DatabaseError) -> [String]? {
    if try connection.query(Self.hasRecord, [crypto]).boolean(0, 0) == true { return nil }
    if try connection.query(Self.maySeeUniverse).boolean(0, 0) == true,
      try connection.query(Self.isInUniverse, [crypto]).boolean(0, 0) == true
    {
      return nil
    }
    let known = try connection.query(Self.cryptosOfRuns)
    return (0..<known.rowCount).compactMap { known.text($0, 0) }
  }

  private static func places(_ values: [StoredList.Value]) -> [String: Int] {
    Dictionary(values.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static let hasRecord: SQLText =
    "SELECT EXISTS (SELECT FROM diagnostics.verdict_v1 AS v WHERE v.crypto = $1)"
  private static let maySeeUniverse: SQLText = "SELECT has_schema_privilege('corrparse', 'USAGE')"
  private static let isInUniverse: SQLText =
    "SELECT EXISTS (SELECT FROM corrparse.universe AS u WHERE u.crypto = $1)"
  private static let cryptosOfRuns: SQLText = """
    SELECT DISTINCT r.crypto FROM diagnostics.run_diagnosis_v1 AS r WHERE r.crypto IS NOT NULL ORDER BY r.crypto
    """
}

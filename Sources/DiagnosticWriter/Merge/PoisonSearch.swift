import LogModel

/// Finds the rows that the server cannot store and leaves them out, so that the rest of a batch is stored.
///
/// The rows are staged already, behind a savepoint. Parts of them are merged on trial and rolled back; a part that fails is halved.
/// A block that is left out becomes an issue of the source, `rejected_record`, and stands in the ledger's `error`. A log that
/// fails even without blocks is entered as failed, or left out if that fails too.
struct PoisonSearch {
  /// A log with more rejected blocks than this fails as a whole, because the cause is then not in single blocks.
  private static let mostRejected = 16

  /// What comes before the merge.
  static let savepoint: SQLText = "SAVEPOINT staged;\n"

  private let connection: Connection
  private let logs: Int
  /// Blocks taken out, by the ordinal of their log.
  private(set) var rejected: [Int: [WriteSummary.RejectedBlock]] = [:]
  /// Why a log is failed or left out, by its ordinal.
  private(set) var failures: [Int: String] = [:]
  private var leftOut: Set<Int> = []

  init(_ connection: Connection, logs: Int) {
    self.connection = connection
    self.logs = logs
  }

  /// The ordinals of the batch's logs: a log with a transaction of its own may have any.
  func ordinals(of found: [Int: WriteSummary.LogResult]) -> [Int] {
    logs == 1 ? [found.keys.first ?? leftOut.first ?? 0] : Array(0..<logs)
  }

  /// Merges what can be merged, in the transaction of the failed merge. Throws the merge's failure if nothing is staged yet, else
  /// the failure that ended the search.
  mutating func mergeWithoutPoison(after failure: DatabaseError) throws(DatabaseError) -> [QueryResult] {
    do throws(DatabaseError) {
      try connection.run(Self.back)
    } catch {
      throw connection.isBroken ? error : failure
    }
    let staged = try connection.query("SELECT l.ordinal FROM pg_temp.staged_log AS l ORDER BY l.ordinal")
    let ordinals = (0..<staged.rowCount).compactMap { staged.integer($0, 0).map { Int($0) } }
    for ordinal in try poisoned(ordinals[...], knownToFail: true) { try examine(ordinal) }
    try connection.run(Self.back)
    try takeOut()
    return try connection.run(Merge.script + DiagnosticWriter.andTransaction)
  }

  /// Which of these logs cannot be merged, each alone.
  private func poisoned(_ ordinals: ArraySlice<Int>, knownToFail: Bool = false) throws(DatabaseError) -> [Int]
  {
    guard let first = ordinals.first, let last = ordinals.last else { return [] }
    if !knownToFail || ordinals.count == 1, try failure(ofLogs: first...last) == nil { return [] }
    if ordinals.count == 1 { return [first] }
    let middle = ordinals.startIndex + ordinals.count / 2
    return try poisoned(ordinals[..<middle]) + poisoned(ordinals[middle...])
  }

  /// What is wrong with one log.
  private mutating func examine(_ ordinal: Int) throws(DatabaseError) {
    if let failure = try failure(ofLogs: ordinal...ordinal, blocks: []) {
      try fail(ordinal, failure)
      return
    }
    try connection.run(Self.back)
    let staged = try connection.query(
      "SELECT DISTINCT s.block FROM pg_temp.staged_record AS s WHERE s.log = $1::bigint ORDER BY s.block",
      [String(ordinal)])
    let blocks = (0..<staged.rowCount).compactMap { staged.integer($0, 0).map { Int($0) } }
    var found: [WriteSummary.RejectedBlock] = []
    try search(blocks[...], of: ordinal, &found)
    guard found.count <= Self.mostRejected else {
      let first = found.first?.reason ?? ""
      try fail(
        ordinal,
        DatabaseError(.data, message: "more than \(Self.mostRejected) blocks cannot be stored: \(first)"))
      return
    }
    rejected[ordinal] = found
  }

  private func search(
    _ blocks: ArraySlice<Int>, of ordinal: Int, _ found: inout [WriteSummary.RejectedBlock]
  ) throws(DatabaseError) {
    guard found.count <= Self.mostRejected,
      let failure = try failure(ofLogs: ordinal...ordinal, blocks: blocks)
    else { return }
    if let only = blocks.first, blocks.count == 1 {
      found.append(WriteSummary.RejectedBlock(block: only, reason: failure.reason))
      return
    }
    let middle = blocks.startIndex + blocks.count / 2
    try search(blocks[..<middle], of: ordinal, &found)
    try search(blocks[middle...], of: ordinal, &found)
  }

  /// The log is to be entered as failed, or left out where its own name cannot be stored.
  private mutating func fail(_ ordinal: Int, _ failure: DatabaseError) throws(DatabaseError) {
    failures[ordinal] = failure.reason
    try connection.run(Self.back)
    try enterAsFailed(ordinal, failure.reason)
    if try self.failure(ofLogs: ordinal...ordinal, blocks: [], isPrepared: true) != nil {
      leftOut.insert(ordinal)
    }
  }

  /// Merges some of the staged rows for trial, of one log perhaps only some blocks, and gives the failure if they cannot
  /// be stored; `isPrepared` says that the staged rows have been changed for the trial.
  private func failure(
    ofLogs ordinals: ClosedRange<Int>, blocks: ArraySlice<Int>? = nil, isPrepared: Bool = false
  ) throws(DatabaseError) -> DatabaseError? {
    if !isPrepared { try connection.run(Self.back) }
    let range = [String(ordinals.lowerBound), String(ordinals.upperBound)]
    try connection.query(
      "DELETE FROM pg_temp.staged_log AS l WHERE l.ordinal NOT BETWEEN $1::bigint AND $2::bigint", range)
    try connection.query(
      """
      DELETE FROM pg_temp.staged_record AS s
      WHERE s.log NOT BETWEEN $1::bigint AND $2::bigint OR s.block NOT BETWEEN $3::bigint AND $4::bigint
      """,
      range
        + (blocks.map { [String($0.first ?? 0), String($0.last ?? 0)] } ?? ["0", String(Int64.max)]))
    do throws(DatabaseError) {
      try connection.run(Merge.script)
      return nil
    } catch {
      guard error.category == .data else { throw error }
      return error
    }
  }

  /// Removes the rejected rows from the staging tables, and enters the rejection into the log's row.
  private func takeOut() throws(DatabaseError) {
    for (ordinal, reason) in failures { try enterAsFailed(ordinal, reason) }
    for ordinal in leftOut {
      try connection.query(
        "DELETE FROM pg_temp.staged_log AS l WHERE l.ordinal = $1::bigint", [String(ordinal)])
    }
    for (ordinal, blocks) in rejected {
      for block in blocks {
        try connection.query(Self.rejection, [String(ordinal), String(block.block), block.reason])
      }
    }
  }

  private func enterAsFailed(_ ordinal: Int, _ reason: String) throws(DatabaseError) {
    try connection.query(Self.failing, [String(ordinal), "cannot be stored: " + reason])
    try connection.query(
      "DELETE FROM pg_temp.staged_record AS s WHERE s.log = $1::bigint", [String(ordinal)])
  }

  private static let back: SQLText = "ROLLBACK TO SAVEPOINT staged"

  private static let failing: SQLText = """
    UPDATE pg_temp.staged_log AS l
    SET status = 'failed', error = $2, issues = 0, issue_list = '[]', outcome_list = '[]'
    WHERE l.ordinal = $1::bigint
    """

  private static let rejection: SQLText = """
    WITH gone AS (
      DELETE FROM pg_temp.staged_record AS s WHERE s.log = $1::bigint AND s.block = $2::bigint
      RETURNING s.line, s.byte_offset)
    UPDATE pg_temp.staged_log AS l
    SET issues = l.issues + 1,
      error = concat_ws('; ', l.error, format('block %s cannot be stored: %s', $2::bigint, $3::text)),
      issue_list = l.issue_list || jsonb_build_array(
        jsonb_build_object(
          'kind', 'rejected_record', 'first_block', $2::bigint, 'line', gone.line,
          'byte_offset', gone.byte_offset, 'raw', $3::text))
    FROM (SELECT min(g.line) AS line, min(g.byte_offset) AS byte_offset FROM gone AS g) AS gone
    WHERE l.ordinal = $1::bigint
    """
}

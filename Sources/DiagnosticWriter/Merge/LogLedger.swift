public import LogInput
public import LogModel

/// What the ledger says of one location.
public struct LedgerEntry: Sendable, Hashable {
  /// The size in bytes when it was read; nil for a pipe.
  public let size: Int64?
  /// The modification time when it was read, to the microsecond; nil for a pipe.
  public let modifiedAt: LogTime?
  /// The version of an object's content when it was read; nil for a file.
  public let entityTag: String?
  /// What it was found to be.
  public let status: LogStatus
  /// Whether something was wrong with it: its reading, or a block that could not be stored.
  public let hasError: Bool
  /// Whether an earlier program version took a failed read for damage of the log. The content of the log is then unknown.
  public let wasNotRead: Bool
  /// The location that is stored in its place, where the two begin differently; nil for every other log.
  public var conflict: String?
  /// Whether neither its path nor its lines tell a task.
  public var isWithoutTask = false
  /// Whether it has lines with the words of a header, or end markers, of which no block came (`unread_header`).
  public var hasUnreadHeaders = false
  /// Whether it has these, or end markers beside blocks that were read (`orphan_end`): the program may not know the form of its lines.
  public var hasLostHeaders = false
  /// What the program was told of the logs' form when it was read.
  public var readWith = ReadWith()

  /// Whether a log in this state has the content that was read.
  ///
  /// Equal entity tags are equal contents, whatever the times: a store tells one object's time in seconds here and in
  /// milliseconds there. Without tags, size and time decide.
  public func hasContent(of state: LogState) -> Bool {
    guard size == Int64(state.size), entityTag == state.entityTag else { return false }
    return entityTag != nil || modifiedAt == state.modified
  }
}

extension Connection {
  /// What the ledger says of these locations; those it does not know are not in the answer.
  ///
  /// One round trip. Ask for some thousand at a time: the memory that it takes goes with their number.
  public func ledger(of locations: [String]) throws(DatabaseError) -> [String: LedgerEntry] {
    let names = JSONWriter.text(.dropped) { $0.array(locations) }
    return entries(try query(Self.ledgerOfLocations, [names]))
  }

  /// What the ledger says of logs that could not be read or stored whole.
  /// - Parameter most: How many are told at most.
  /// - Returns: Their entries by location.
  /// - Throws: What stopped the question.
  public func ledgerOfFailed(most: Int) throws(DatabaseError) -> [String: LedgerEntry] {
    entries(try query(Self.ledgerOfFailed, [String(most)]))
  }

  private func entries(_ rows: QueryResult) -> [String: LedgerEntry] {
    var entries: [String: LedgerEntry] = [:]
    entries.reserveCapacity(rows.rowCount)
    for row in 0..<rows.rowCount {
      guard let location = rows.text(row, 0), let status = rows.text(row, 3).flatMap(LogStatus.init)
      else { continue }
      entries[location] = LedgerEntry(
        size: rows.integer(row, 1), modifiedAt: rows.integer(row, 2).map(LogTime.init(microseconds:)),
        entityTag: rows.text(row, 5), status: status, hasError: rows.text(row, 4) == "t",
        wasNotRead: rows.text(row, 6) == "t", conflict: rows.text(row, 7),
        isWithoutTask: rows.text(row, 8) == "t", hasUnreadHeaders: rows.text(row, 9) == "t",
        hasLostHeaders: rows.text(row, 9) != nil,
        readWith: ReadWith(lineFormat: rows.text(row, 10), pathTemplate: rows.text(row, 11)))
    }
    return entries
  }

  /// Earlier versions ended the message of a read that the system refused with this advice, and no other message.
  private static let entryOfLog: SQLText = """
    SELECT l.location, l.size_bytes, (extract(epoch FROM l.modified_at) * 1000000)::bigint, l.status,
      l.error IS NOT NULL, l.entity_tag, coalesce(l.error LIKE '%; check the volume, then run again', false),
      CASE WHEN l.error LIKE 'content_conflict: %' THEN (
        SELECT f.location FROM corrparse.log AS f WHERE f.log_id = s.feed_log_id) END,
      l.status <> 'failed' AND s.dag_id IS NULL
        AND NOT EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.source_id = s.source_id),
      CASE WHEN l.issues > 0 AND s.feed_log_id = l.log_id THEN (
        SELECT bool_or(i.kind = 'unread_header') FROM corrparse.issue AS i
        WHERE i.source_id = s.source_id AND i.block = 0 AND i.kind IN ('unread_header', 'orphan_end')) END,
      l.line_format, l.path_template
    """

  private static let ledgerOfLocations: SQLText =
    entryOfLog + """

      FROM jsonb_array_elements_text($1::jsonb) AS asked
      JOIN corrparse.log AS l ON l.location_digest = corrparse.text_digest(asked)
      JOIN corrparse.source AS s ON s.source_id = l.source_id
      """

  private static let ledgerOfFailed: SQLText =
    entryOfLog + """

      FROM corrparse.log AS l
      JOIN corrparse.source AS s ON s.source_id = l.source_id
      WHERE l.status IN ('truncated', 'corrupt', 'failed') OR l.error IS NOT NULL
      LIMIT $1::bigint
      """
}

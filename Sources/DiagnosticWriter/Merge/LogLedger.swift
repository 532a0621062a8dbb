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
  /// Whether it is not stored because another location of its task attempt begins differently.
  public var isConflict = false
  /// Whether neither its path nor its lines tell a task.
  public var isWithoutTask = false

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
    let rows = try query(Self.ledgerOfLocations, [names])
    var entries: [String: LedgerEntry] = [:]
    entries.reserveCapacity(rows.rowCount)
    for row in 0..<rows.rowCount {
      guard let location = rows.text(row, 0), let status = rows.text(row, 3).flatMap(LogStatus.init)
      else { continue }
      entries[location] = LedgerEntry(
        size: rows.integer(row, 1), modifiedAt: rows.integer(row, 2).map(LogTime.init(microseconds:)),
        entityTag: rows.text(row, 5), status: status, hasError: rows.text(row, 4) == "t",
        wasNotRead: rows.text(row, 6) == "t", isConflict: rows.text(row, 7) == "t",
        isWithoutTask: rows.text(row, 8) == "t")
    }
    return entries
  }

  /// Earlier versions ended the message of a read that the system refused with this advice, and no other message.
  private static let ledgerOfLocations: SQLText = """
    SELECT l.location, l.size_bytes, (extract(epoch FROM l.modified_at) * 1000000)::bigint, l.status,
      l.error IS NOT NULL, l.entity_tag, coalesce(l.error LIKE '%; check the volume, then run again', false),
      coalesce(l.error LIKE 'content_conflict: %', false),
      l.status <> 'failed' AND s.dag_id IS NULL
        AND NOT EXISTS (SELECT FROM corrparse.task_outcome AS o WHERE o.source_id = s.source_id)
    FROM jsonb_array_elements_text($1::jsonb) AS asked
    JOIN corrparse.log AS l ON l.location_digest = corrparse.text_digest(asked)
    JOIN corrparse.source AS s ON s.source_id = l.source_id
    """
}

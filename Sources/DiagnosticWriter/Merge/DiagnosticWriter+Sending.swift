import LogModel

extension DiagnosticWriter {
  /// Stages the batch, merges and commits, in one transaction; `isContinued` says that it is open already and holds the
  /// records.
  func send(
    _ batch: LogBatch, on connection: Connection, isContinued: Bool
  ) throws(DatabaseError) -> WriteSummary {
    let hasDamages = batch.damages.count > 0
    let hasManyRows = isContinued || batch.records.count >= Staging.manyRowBytes
    var script: SQLText = isContinued ? "" : Staging.begin
    if hasManyRows { script = script + Staging.planningForManyRows }
    script = script + Staging.copyRecords + Staging.copyLog
    if hasDamages { script = script + Staging.copyDamages + Merge.damage + ";\n" }
    var search = PoisonSearch(connection, logs: batch.finished.count)
    let results: [QueryResult]
    do throws(DatabaseError) {
      results = try connection.run(
        script + PoisonSearch.savepoint + Merge.script + Self.andTransaction,
        copying: [batch.records.bytes, batch.logs.bytes] + (hasDamages ? [batch.damages.bytes] : []))
    } catch {
      guard error.category == .data else { throw error }
      results = try search.mergeWithoutPoison(after: error)
    }
    let summary = try WriteSummary(results, search: search)
    guard let transaction = results.first(where: { $0.column("transaction") != nil })?.text(0, 0) else {
      throw DatabaseError(.program, message: "the transaction did not tell its number")
    }
    try end(transaction, on: connection)
    return summary
  }

  /// Ends a script so that the outcome of its COMMIT can be looked up if the answer is lost.
  static let andTransaction: SQLText = ";\nSELECT pg_current_xact_id() AS transaction"

  /// Commits. If the answer is lost with the connection, asks the server whether the transaction has committed.
  private func end(_ transaction: String, on connection: Connection) throws(DatabaseError) {
    try PendingCommits.counting { () throws(DatabaseError) in
      do throws(DatabaseError) {
        try connection.run("COMMIT")
      } catch {
        guard connection.isBroken else { throw error }
        switch try outcome(of: transaction) {
        case true?: return
        case false?: throw error
        case nil: throw error.ofUnansweredCommit
        }
      }
    }
  }

  /// As ``DatabaseSession/hasCommitted(_:)``; a failure says what it leaves open.
  private func outcome(of transaction: String) throws(DatabaseError) -> Bool? {
    do throws(DatabaseError) {
      return try session.hasCommitted(transaction)
    } catch {
      throw error.ofUnansweredCommit
    }
  }
}

extension WriteSummary {
  /// Reads the answers of ``Merge/script``: first the counts of records, then one row for each log.
  fileprivate init(_ results: [QueryResult], search: PoisonSearch) throws(DatabaseError) {
    guard let counts = results.first(where: { $0.column("inserted") != nil }),
      let logs = results.first(where: { $0.column("staged") != nil }),
      let inserted = counts.integer(0, 0), let updated = counts.integer(0, 1),
      let deleted = counts.integer(0, 2)
    else { throw DatabaseError(.program, message: "the merge answered nothing that can be read") }
    self.init()
    self.inserted = Int(inserted)
    self.updated = Int(updated)
    self.deleted = Int(deleted)
    var feeding = 0
    var found: [Int: LogResult] = [:]
    for row in 0..<logs.rowCount {
      guard let ordinal = logs.integer(row, 0), let feeds = logs.boolean(row, 1),
        let kept = logs.integer(row, 3), let staged = logs.integer(row, 4)
      else { throw DatabaseError(.program, message: "the merge answered nothing that can be read") }
      var result = LogResult()
      result.feedsSource = feeds
      result.refusal = logs.text(row, 2).flatMap(Refusal.init)
      result.kept = Int(kept)
      result.staged = Int(staged)
      result.conflict = logs.text(row, 5)
      result.displaced = Int(logs.integer(row, 6) ?? 0)
      result.replayed = Int(logs.integer(row, 7) ?? 0)
      result.newPart = logs.text(row, 8)
      result.same = Int(logs.integer(row, 9) ?? 0)
      result.displacedTally = WriteSummary.Tally(
        primaries: logs.text(row, 10), sourceIssues: logs.text(row, 11),
        withoutFields: logs.integer(row, 12))
      if result.replayed > 0 {
        result.tally = WriteSummary.Tally(
          primaries: logs.text(row, 13), sourceIssues: nil, withoutFields: logs.integer(row, 14))
      }
      if feeds { feeding += result.staged }
      found[Int(ordinal)] = result
    }
    unchanged = feeding - self.inserted - self.updated
    self.logs = search.ordinals(of: found).map { ordinal in
      var result = found[ordinal] ?? LogResult(feedsSource: false)
      result.rejected = search.rejected[ordinal] ?? []
      result.failure = search.failures[ordinal]
      return result
    }
  }
}

extension WriteSummary.Tally {
  /// Reads what ``Merge/displacement`` has counted.
  fileprivate init(primaries: String?, sourceIssues: String?, withoutFields: Int64?) {
    self.init()
    self.primaries = Self.counts(primaries)
    for (name, count) in Self.counts(sourceIssues) {
      // A part of a rotated log is counted when it is stored, and is not read again.
      guard let kind = IssueKind(rawValue: name), kind != .rotatedLog else { continue }
      self.sourceIssues[kind] = count
    }
    self.withoutFields = Int(withoutFields ?? 0)
  }

  private static func counts(_ list: String?) -> [String: Int] {
    var counts: [String: Int] = [:]
    for item in list?.split(separator: ",") ?? [] {
      let words = item.split(separator: " ")
      if words.count == 2, let count = Int(words[1]) { counts[String(words[0])] = count }
    }
    return counts
  }
}

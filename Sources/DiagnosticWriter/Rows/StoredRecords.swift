import LogModel

/// The key of a stored record.
struct RecordKey: Hashable {
  let source: Int64
  let block: Int64
}

/// Stored rows as records again, as far as the classifier reads them: fields, issues and the header's place. Gates, extras
/// and times are left out; no rule looks at them.
struct StoredRecords {
  /// In the order of their keys.
  private(set) var all: [(key: RecordKey, record: CorrelationRecord)] = []
  private var index: [RecordKey: Int] = [:]

  /// Reads rows of source, block, line, byte offset and then every field in the order of ``FieldKey``.
  ///
  /// - Throws: `data` for a value that no record can have: somebody has changed the table by hand.
  init(_ rows: QueryResult) throws(DatabaseError) {
    all.reserveCapacity(rows.rowCount)
    for row in 0..<rows.rowCount {
      let key = try Self.key(rows, row)
      var record = CorrelationRecord(
        block: Int(key.block), line: Int(rows.integer(row, 2) ?? 0), offset: Int(rows.integer(row, 3) ?? 0))
      for (column, field) in FieldKey.allCases.enumerated() {
        guard let text = rows.text(row, column + 4) else { continue }
        guard let value = FieldValue(stored: text, as: field.domain) else {
          throw DatabaseError(
            .data, message: "record \(key.block) of source \(key.source) has the \(field.name) \(text)",
            advice: "no log gives such a value: read the log again with corrparse ingest --force")
        }
        record[field] = value
      }
      index[key] = all.count
      all.append((key, record))
    }
  }

  /// Adds the records' issues, in their order. Rows of source, block, kind, key, line, byte offset and raw text.
  ///
  /// - Throws: `configuration` for an issue that this version of the program does not know.
  mutating func add(issues rows: QueryResult) throws(DatabaseError) {
    for row in 0..<rows.rowCount {
      guard let position = index[try Self.key(rows, row)] else { continue }
      guard let name = rows.text(row, 2), let kind = IssueKind(rawValue: name) else {
        throw DatabaseError(
          .configuration, message: "a stored issue is of the unknown kind \(rows.text(row, 2) ?? "")",
          advice: "use the version of corrparse that stored it")
      }
      all[position].record.issues.append(
        GrammarIssue(
          kind: kind, key: rows.text(row, 3), line: Int(rows.integer(row, 4) ?? 0),
          offset: Int(rows.integer(row, 5) ?? 0), raw: rows.text(row, 6)))
    }
  }

  private static func key(_ rows: QueryResult, _ row: Int) throws(DatabaseError) -> RecordKey {
    guard let source = rows.integer(row, 0), let block = rows.integer(row, 1) else {
      throw DatabaseError(.program, message: "a record came without its key")
    }
    return RecordKey(source: source, block: block)
  }
}

extension FieldValue {
  /// The value that PostgreSQL prints so in the column of a field of this domain; nil where it cannot be one.
  init?(stored text: String, as domain: FieldDomain) {
    switch domain {
    case .name, .horizon, .phase: self = .text(text)
    case .fold:
      self = Int64(text).map { .integer($0) } ?? .text(text)
    case .count:
      guard let number = Int64(text) else { return nil }
      self = .integer(number)
    case .positiveDecimal, .fraction, .anyDecimal, .exitShare, .percentPoints:
      guard let number = ExactDecimal(stored: text) else { return nil }
      self = .decimal(number)
    case .boolean:
      guard text == "t" || text == "f" else { return nil }
      self = .boolean(text == "t")
    }
  }
}

extension ExactDecimal {
  /// A `numeric` as PostgreSQL prints it, without exponent; nil for NaN, infinity and what is too long to
  /// hold. A record's numbers have at most 18 significant digits, 15 before and 30 after the point
  /// (1-correlation-data, Numbers).
  init?(stored text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    guard fraction.utf8.count <= 30, text.utf8.count <= 36, let coefficient = Int128(parts[0] + fraction)
    else { return nil }
    self.init(coefficient: coefficient, scale: fraction.utf8.count)
  }
}

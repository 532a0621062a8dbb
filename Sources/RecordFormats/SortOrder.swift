import Diagnosis
import LogModel

/// By what records are sorted: one of ``VerdictColumns/sortKeys``. Records without the value come last, as in the database.
public struct SortOrder: Sendable, Hashable {
  /// The key.
  public let key: String
  /// Whether the greatest come first.
  public let isDescending: Bool

  /// An order by a key.
  public init(key: String, isDescending: Bool) {
    self.key = key
    self.isDescending = isDescending
  }

  /// Whether a record comes before another one; nil where the order does not tell.
  public func isBefore(_ left: ClassifiedRecord, _ right: ClassifiedRecord) -> Bool? {
    switch (value(of: left), value(of: right)) {
    case (nil, nil): return nil
    case (_, nil): return true
    case (nil, _): return false
    case (let left?, let right?):
      if left == right { return nil }
      return isDescending ? right < left : left < right
    }
  }

  /// The key that a name stands for: itself, the column that has it as its title, or the value that the CSV of `parse` calls so.
  /// - Parameters:
  ///   - name: The name, in letters of any case.
  ///   - keys: What the list can be sorted by.
  ///   - columns: The columns of the list.
  /// - Returns: The key; nil where the list cannot be sorted by that.
  public static func key(_ name: String, among keys: [String], _ columns: [TableColumn]) -> String? {
    let wanted = name.lowercased()
    let key =
      keys.first { $0.lowercased() == wanted } ?? columns.first { $0.title.lowercased() == wanted }?.sortName
      ?? namesOfCSV[wanted]
    return key.flatMap { keys.contains($0) ? $0 : nil }
  }

  /// Values that the CSV of `parse` and the views of the database name differently.
  private static let namesOfCSV = [
    "primary": "primary_code", "end": "block_end", "taxonomy": "taxonomy_version", "group": "logged_group",
  ]

  private func value(of item: ClassifiedRecord) -> SortValue? {
    if let key = FieldKey(name: key), let number = item.record.decimal(key), key != .fold {
      return .number(number)
    }
    switch key {
    case "observed_at":
      return item.observedAt.map { .number(ExactDecimal(coefficient: Int128($0.microseconds))) }
    case "delta_points": return item.verdict.deltaPoints.map(SortValue.number)
    case "screening_gap": return item.record.screeningGap.map(SortValue.number)
    case "block": return .integer(item.record.block)
    case "line": return .integer(item.record.line)
    case "taxonomy_version": return .integer(item.verdict.taxonomyVersion)
    case "issue_count": return .integer(item.record.issues.count)
    case "map_index": return item.identity?.mapIndex.map(SortValue.integer)
    case "try_number": return item.identity.map { .integer($0.tryNumber) }
    default: return item.text(key).map(SortValue.text)
    }
  }
}

/// A value that records are sorted by. Numbers are compared as numbers, texts by their bytes.
private enum SortValue: Comparable {
  case number(ExactDecimal)
  case text(String)

  static func integer(_ value: Int) -> SortValue { .number(ExactDecimal(coefficient: Int128(value))) }

  static func < (left: SortValue, right: SortValue) -> Bool {
    switch (left, right) {
    case (.number(let left), .number(let right)): left < right
    case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.number, .text): true
    case (.text, .number): false
    }
  }
}

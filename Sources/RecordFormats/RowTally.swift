import Diagnosis

/// Counts of rows by what they have in common, for the line of totals and for `--summary`.
public struct RowTally: Sendable {
  /// So many names are told apart of each kind; a log can hold any number of them.
  private static let mostNames = 10_000
  private static let others = "(others)"

  /// By what is counted, in the order of the output: `severity`, `code`, ….
  public let kinds: [String]
  /// How many rows.
  public private(set) var total = 0
  private var counts: [String: [String: Int]] = [:]

  /// Counts by these kinds.
  public init(by kinds: [String]) {
    self.kinds = kinds
  }

  /// Counts rows that have these names. A row can have several names of a kind, or none.
  public mutating func add(_ names: [(kind: String, name: String)], count: Int = 1) {
    total += count
    for (kind, name) in names {
      let known = counts[kind]?[name] != nil || counts[kind, default: [:]].count < Self.mostNames
      counts[kind, default: [:]][known ? name : Self.others, default: 0] += count
    }
  }

  /// Counts something beside the rows, which the total does not have.
  public mutating func note(_ kind: String, _ name: String, count: Int = 1) {
    let before = total
    add([(kind, name)], count: count)
    total = before
  }

  /// The counts of a kind: severities by urgency, others the most frequent first.
  public func counts(of kind: String) -> [(name: String, count: Int)] {
    let all = (counts[kind] ?? [:]).map { (name: $0.key, count: $0.value) }
    guard kind == "severity" else { return all.sorted { ($1.count, $0.name) < ($0.count, $1.name) } }
    return all.sorted { (Severity($0.name), $0.name) > (Severity($1.name), $1.name) }
  }

  /// The rows of a summary: the total, then each count.
  public var rows: [SummaryRow] {
    [SummaryRow(kind: "all", name: "", count: total)]
      + kinds.flatMap { kind in
        counts(of: kind).map { SummaryRow(kind: kind, name: $0.name, count: $0.count) }
      }
  }

  /// `5 records; severity: P2 3, none 2; code: …`.
  /// - Parameters:
  ///   - noun: What a row is, in the singular.
  ///   - shown: How many of them are printed; nil: all.
  ///   - seen: Out of how many they were taken; nil where nothing was left out.
  ///   - shownKinds: The kinds to name.
  /// - Returns: The line.
  public func totals(_ noun: String, shown: Int? = nil, of seen: Int? = nil, by shownKinds: [String])
    -> String
  {
    var text = "\(total) \(noun)\(total == 1 ? "" : "s")"
    if let seen, seen != total { text += " of \(seen)" }
    if let shown, shown < total { text += ", \(shown) shown" }
    for kind in shownKinds {
      let counts = counts(of: kind)
      guard !counts.isEmpty else { continue }
      text += "; \(kind): " + counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    }
    return text
  }
}

extension Severity {
  /// A severity by its name; the least one for a name that is none.
  fileprivate init(_ name: String) { self = Severity(rawValue: name) ?? .none }
}

/// A row of a summary.
public struct SummaryRow: ListedRow {
  let kind: String
  let name: String
  let count: Int

  /// `by`, `name` or `count`.
  public func text(_ name: String) -> String? {
    switch name {
    case "by": kind
    case "name": self.name.isEmpty ? nil : self.name
    case "count": String(count)
    default: nil
    }
  }

  /// The values of a summary's rows.
  public static let values = [RowValue("by", .text), RowValue("name", .text), RowValue("count", .number)]
  /// The columns of a summary's table.
  public static let columns = [
    TableColumn("BY", "by", width: 12, priority: 0),
    TableColumn("NAME", "name", width: 30, priority: 0, upTo: 90),
    TableColumn("COUNT", "count", width: 9, priority: 0, isNumeric: true),
  ]
}

extension RowTally {
  /// By what verdicts are counted.
  public static let verdictKinds = [
    "severity", "code", "certainty", "crypto", "useful", "not_useful", "unclassified",
  ]

  /// By what the line of totals counts verdicts.
  public static let totalKinds = ["severity", "code", "useful", "not_useful"]

  /// Counts a verdict, of a log or of the database.
  public mutating func add(verdict row: any ListedRow, count: Int = 1) {
    let certainty = row.text("certainty") ?? ""
    var names: [(kind: String, name: String)] = [
      ("severity", row.text("severity") ?? ""), ("certainty", certainty),
      ("crypto", row.text("crypto") ?? "(none)"),
    ]
    let isUnclassified = certainty == Certainty.unclassified.rawValue
    names.append(
      ("code", row.text("primary_code") ?? (isUnclassified ? certainty : Verdict.labelsWithoutCode[0])))
    if row.text("useful") == "true" { names.append(("useful", "yes")) }
    if let obstacle = Obstacle(row) { names.append(("not_useful", obstacle.name)) }
    if isUnclassified {
      let lacking = (row.text("lacking") ?? "").split(separator: "; ").map(String.init)
      names += (lacking.isEmpty ? [VerdictColumns.noRule] : lacking).map { ("unclassified", $0) }
    }
    add(names, count: count)
  }
}

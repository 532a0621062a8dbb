/// Which marks a table of verdicts shows, and what is said of them below it.
public struct VerdictLegends: Sendable {
  private static let provisional =
    "? provisional: a rule that stands above could not be evaluated, or the block is damaged or cut short (corrparse explain provisional)"
  private static let useful =
    "useful, or why a good signal is not, in ALSO: NAME:fail is a gate that was failed (corrparse explain useful)"

  private var hasProvisional = false
  private var hasUseful = false

  /// Of a table without marks.
  public init() {}

  /// A row is shown.
  public mutating func note(_ row: any ListedRow) {
    if !hasProvisional { hasProvisional = VerdictColumns.isProvisional(row) }
    if !hasUseful { hasUseful = VerdictColumns.tellsUseful(row) }
  }

  /// The lines below the table.
  public var lines: [String] {
    (hasProvisional ? [Self.provisional] : []) + (hasUseful ? [Self.useful] : [])
  }
}

import LogModel

/// The findings of `lint` that a producer takes: they are counted, and do not fail.
public struct LintAllowance: Sendable, Hashable {
  /// The rules whose findings are allowed, by their names (``LintRule/all``).
  public var rules: Set<String>
  private let ownKeys: Set<String>

  /// An allowance; of nothing where nothing is given.
  /// - Parameters:
  ///   - rules: The rules whose findings are allowed.
  ///   - ownKeys: Keys of the producer's own, in any case and with `-` or `_`. That they are nearly known is allowed.
  public init(rules: Set<String> = [], ownKeys: some Sequence<String> = []) {
    self.rules = rules
    self.ownKeys = Set(ownKeys.map(Self.compared))
  }

  /// Whether a finding is allowed.
  public func allows(_ finding: LintFinding) -> Bool {
    if rules.contains(finding.kind) { return true }
    guard finding.kind == LintRule.nearlyKnownKey.rawValue, let key = finding.key else { return false }
    return ownKeys.contains(Self.compared(key))
  }

  /// A key as the grammar compares it (1-correlation-data, Record).
  private static func compared(_ key: String) -> String { key.lowercased().replacing("-", with: "_") }
}

/// A set of fields.
package struct FieldKeys: Sendable, Hashable {
  private var bits: UInt64

  /// The set of some fields.
  package init(_ keys: [FieldKey] = []) {
    bits = keys.reduce(0) { $0 | Self.bit(of: $1) }
  }

  package func contains(_ key: FieldKey) -> Bool { bits & Self.bit(of: key) != 0 }

  package func isDisjoint(with other: FieldKeys) -> Bool { bits & other.bits == 0 }

  /// The fields of this set that are not in the other one.
  package func subtracting(_ other: FieldKeys) -> FieldKeys {
    var rest = self
    rest.bits &= ~other.bits
    return rest
  }

  package func union(_ other: FieldKeys) -> FieldKeys {
    var all = self
    all.bits |= other.bits
    return all
  }

  package var isEmpty: Bool { bits == 0 }

  /// Whether one of the first so many fields is there.
  func hasAny(below count: Int) -> Bool { bits & (1 << UInt64(count) - 1) != 0 }

  package mutating func insert(_ key: FieldKey) { bits |= Self.bit(of: key) }

  mutating func remove(_ key: FieldKey) { bits &= ~Self.bit(of: key) }

  /// How many fields there are.
  package var count: Int { bits.nonzeroBitCount }

  /// Calls the body with each field, in the order of ``FieldKey``.
  @inline(__always) func forEach(_ body: (FieldKey) -> Void) {
    var rest = bits
    while rest != 0, let key = FieldKey(rawValue: rest.trailingZeroBitCount) {
      rest &= rest &- 1
      body(key)
    }
  }

  /// All fields.
  static let all = FieldKeys(FieldKey.allCases)

  private static func bit(of key: FieldKey) -> UInt64 { 1 << UInt64(key.rawValue) }
}

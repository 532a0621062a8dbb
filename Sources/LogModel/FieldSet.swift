/// The fields of a record that are there, with their values, in the order of ``FieldKey``.
struct FieldSet: Sendable, Hashable {
  /// Which fields are there, one bit each.
  private var present: UInt64 = 0
  /// Their values, one behind the other.
  private var values: [FieldValue] = []

  /// About as many as a strategy's record has.
  private static let usualCount = 24

  subscript(key: FieldKey) -> FieldValue? {
    get { has(key) ? values[place(of: key)] : nil }
    set {
      let place = place(of: key)
      switch (newValue, has(key)) {
      case (let value?, true): values[place] = value
      case (let value?, false):
        if values.isEmpty { values.reserveCapacity(Self.usualCount) }
        values.insert(value, at: place)
        present |= Self.bit(of: key)
      case (nil, true):
        values.remove(at: place)
        present &= ~Self.bit(of: key)
      case (nil, false): break
      }
    }
  }

  /// The fields with their values.
  var all: [(key: FieldKey, value: FieldValue)] {
    FieldKey.allCases.lazy.filter(has).enumerated().map { ($0.element, values[$0.offset]) }
  }

  private func has(_ key: FieldKey) -> Bool { present & Self.bit(of: key) != 0 }

  /// How many fields stand before this one.
  private func place(of key: FieldKey) -> Int {
    (present & (Self.bit(of: key) - 1)).nonzeroBitCount
  }

  private static func bit(of key: FieldKey) -> UInt64 { 1 << UInt64(key.rawValue) }
}

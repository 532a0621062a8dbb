/// The fields of a record that are there, with their values.
///
/// Values stand in the order in which they came, and a table says where each field's value stands, so that none is moved when another
/// one comes.
struct FieldSet: Sendable {
  /// Which fields are there, one bit each.
  private var present: UInt64 = 0
  /// The fields that have a place among the values. A field keeps its place when its value is taken out.
  private var placed: UInt64 = 0
  private var places = InlineArray<40, UInt8>(repeating: 0)
  private var values: [FieldValue] = []

  /// About as many as a strategy's record has.
  private static let usualCount = 24

  subscript(key: FieldKey) -> FieldValue? {
    get { has(key) ? values[place(of: key)] : nil }
    set {
      guard let newValue else {
        remove(key)
        return
      }
      insert(newValue, key)
    }
  }

  /// Puts a field in, or another value in place of its own.
  mutating func insert(_ value: FieldValue, _ key: FieldKey) {
    let bit = Self.bit(of: key)
    present |= bit
    if placed & bit != 0 {
      values[place(of: key)] = value
      return
    }
    placed |= bit
    if values.isEmpty { values.reserveCapacity(Self.usualCount) }
    places[key.rawValue] = UInt8(values.count)
    values.append(value)
  }

  /// Takes a field out; its place stays its own.
  private mutating func remove(_ key: FieldKey) {
    guard has(key) else { return }
    present &= ~Self.bit(of: key)
    values[place(of: key)] = .boolean(false)
  }

  /// Hands on each field with its value, in the order of ``FieldKey``.
  func forEach(_ body: (FieldKey, FieldValue) -> Void) {
    for key in FieldKey.allCases where has(key) { body(key, values[place(of: key)]) }
  }

  private func has(_ key: FieldKey) -> Bool { present & Self.bit(of: key) != 0 }

  private func place(of key: FieldKey) -> Int { Int(places[key.rawValue]) }

  private static func bit(of key: FieldKey) -> UInt64 { 1 << UInt64(key.rawValue) }
}

extension FieldSet: Hashable {
  static func == (left: FieldSet, right: FieldSet) -> Bool {
    left.present == right.present
      && FieldKey.allCases.allSatisfy {
        !left.has($0) || left.values[left.place(of: $0)] == right.values[right.place(of: $0)]
      }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(present)
    forEach { hasher.combine($1) }
  }
}

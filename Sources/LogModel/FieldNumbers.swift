/// The fields of a record that are there, with those of their values that are numbers or truth values. Of a text it is only known that there
/// is one.
///
/// Numbers lie in the value itself, as 64 bits with the number of their decimal places, so that a copy of it counts no reference but that of
/// `apart`. Only a value for which there is no such place lies apart. No log gives one, as long as no field behind the eighth has texts.
package struct FieldNumbers: Sendable {
  /// How a value is kept. A decimal has its scale in the place of the kind.
  enum Kind {
    static let integer: UInt8 = 255
    static let boolean: UInt8 = 254
    static let text: UInt8 = 253
    static let apart: UInt8 = 252
    static let mostScale = 100
  }

  /// Which fields are there.
  package private(set) var present = FieldKeys()
  private(set) var kinds = InlineArray<40, UInt8>(repeating: 0)
  private(set) var numbers = InlineArray<40, Int64>(repeating: 0)
  private(set) var apart: [FieldKey: FieldValue] = [:]

  /// So many fields have room in the arrays above.
  static var mostFields: Int { FieldNumbers().kinds.count }

  /// Puts a value in, or another one in place of its own. `hasText` says that a text itself lies elsewhere.
  mutating func insert(_ value: FieldValue, _ key: FieldKey, hasText: Bool) {
    let place = key.rawValue
    present.insert(key)
    switch value {
    case .decimal(let number):
      guard number.scale <= Kind.mostScale, let coefficient = Int64(exactly: number.coefficient) else {
        break
      }
      kinds[place] = UInt8(number.scale)
      numbers[place] = coefficient
      return
    case .integer(let number):
      kinds[place] = Kind.integer
      numbers[place] = number
      return
    case .boolean(let flag):
      kinds[place] = Kind.boolean
      numbers[place] = flag ? 1 : 0
      return
    case .text:
      guard hasText else { break }
      kinds[place] = Kind.text
      return
    }
    kinds[place] = Kind.apart
    apart[key] = value
  }

  mutating func insert(_ number: Int64, kind: UInt8, _ key: FieldKey) {
    present.insert(key)
    kinds[key.rawValue] = kind
    numbers[key.rawValue] = number
  }

  mutating func remove(_ key: FieldKey) {
    present.remove(key)
    if kind(of: key) == Kind.apart { apart[key] = nil }
  }

  // A span, because the compiler would copy the array for one of its elements.
  @inline(__always) func kind(of key: FieldKey) -> UInt8 { kinds.span[key.rawValue] }

  @inline(__always) func number(of key: FieldKey) -> Int64 { numbers.span[key.rawValue] }

  /// Whether a field is there.
  @inline(__always) package func has(_ key: FieldKey) -> Bool { present.contains(key) }

  /// The room that the values that lie apart need as JSON.
  var roomApart: Int {
    if apart.isEmpty { return 0 }
    return apart.values.reduce(0) { room, value in
      switch value {
      case .text(let text): room + JSONWriter.room(for: text)
      case .decimal(let number): room + number.mostBytes
      case .integer, .boolean: room + JSONWriter.numberRoom
      }
    }
  }

  // The next two change nothing. They are marked mutating because the compiler would copy the arrays for one of their elements otherwise.

  /// The value of a decimal or an integer, as a decimal.
  package mutating func decimal(_ key: FieldKey) -> ExactDecimal? {
    guard has(key) else { return nil }
    let number = numbers[key.rawValue]
    switch kinds[key.rawValue] {
    case Kind.integer: return ExactDecimal(lowest: number, scale: 0)
    case Kind.boolean, Kind.text: return nil
    case Kind.apart:
      if case .decimal(let number) = apart[key] { return number }
      return nil
    case let scale: return ExactDecimal(lowest: number, scale: Int(scale))
    }
  }

  /// The value of a truth value.
  package mutating func boolean(_ key: FieldKey) -> Bool? {
    has(key) && kinds[key.rawValue] == Kind.boolean ? numbers[key.rawValue] != 0 : nil
  }
}

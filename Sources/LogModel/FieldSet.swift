/// The fields of a record that are there, with their values.
///
/// Values lie in the set itself, so that a record takes no memory beside its own: numbers as 64 bits with the number of their decimal places,
/// texts in places of those fields that have texts. Only a value for which there is no such place, which no log gives, lies apart.
struct FieldSet: Sendable {
  /// How a value is kept. A decimal has its scale in the place of the kind.
  private enum Kind {
    static let integer: UInt8 = 255
    static let boolean: UInt8 = 254
    static let text: UInt8 = 253
    static let apart: UInt8 = 252
    static let mostScale = 100
  }

  /// So many fields can have texts. They come first.
  private static let textCount = 8

  /// Which fields are there.
  private(set) var present = FieldKeys()
  private var kinds = InlineArray<40, UInt8>(repeating: 0)
  private var numbers = InlineArray<40, Int64>(repeating: 0)
  private var texts = InlineArray<8, String>(repeating: "")
  private var apart: [FieldKey: FieldValue] = [:]

  subscript(key: FieldKey) -> FieldValue? {
    get { has(key) ? value(of: key) : nil }
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
    case .text(let text):
      guard place < Self.textCount else { break }
      kinds[place] = Kind.text
      texts[place] = text
      return
    }
    kinds[place] = Kind.apart
    apart[key] = value
  }

  private mutating func remove(_ key: FieldKey) {
    guard has(key) else { return }
    present.remove(key)
    if kinds[key.rawValue] == Kind.text { texts[key.rawValue] = "" }
    if kinds[key.rawValue] == Kind.apart { apart[key] = nil }
  }

  /// The value of a decimal or an integer, as a decimal.
  ///
  /// Inlined, because the compiler would copy the whole set for a call.
  @inline(__always) func decimal(_ key: FieldKey) -> ExactDecimal? {
    guard has(key) else { return nil }
    switch kinds[key.rawValue] {
    case Kind.integer: return ExactDecimal(lowest: numbers[key.rawValue], scale: 0)
    case Kind.boolean, Kind.text: return nil
    case Kind.apart:
      if case .decimal(let number) = apart[key] { return number }
      return nil
    case let scale: return ExactDecimal(lowest: numbers[key.rawValue], scale: Int(scale))
    }
  }

  @inline(__always) func has(_ key: FieldKey) -> Bool { present.contains(key) }

  /// At most so many bytes the fields take as members of an object of JSON.
  var mostJSONBytes: Int {
    // The longest key with its quotes, colon and comma, and the longest number. Of values that lie apart any may be longer.
    var most = present.count * (FieldKey.longestName + 4 + max(22, Kind.mostScale + 3))
    for index in 0..<Self.textCount { most += JSONWriter.room(for: texts[index]) }
    for value in apart.values {
      switch value {
      case .text(let text): most += JSONWriter.room(for: text)
      case .decimal(let number): most += number.mostBytes
      case .integer, .boolean: break
      }
    }
    return most
  }

  /// Hands on each field with its value, in the order of ``FieldKey``.
  @inline(__always) func forEach(_ body: (FieldKey, FieldValue) -> Void) {
    // The compiler would copy the arrays for each value.
    let (kinds, numbers) = (kinds.span, numbers.span)
    present.forEach { key in
      let place = key.rawValue
      switch kinds[place] {
      case Kind.integer: body(key, .integer(numbers[place]))
      case Kind.boolean: body(key, .boolean(numbers[place] != 0))
      case Kind.text: body(key, .text(texts[place]))
      case Kind.apart: if let value = apart[key] { body(key, value) }
      case let scale: body(key, .decimal(ExactDecimal(lowest: numbers[place], scale: Int(scale))))
      }
    }
  }

  private func value(of key: FieldKey) -> FieldValue? {
    let number = numbers[key.rawValue]
    switch kinds[key.rawValue] {
    case Kind.integer: return .integer(number)
    case Kind.boolean: return .boolean(number != 0)
    case Kind.text: return .text(texts[key.rawValue])
    case Kind.apart: return apart[key]
    case let scale: return .decimal(ExactDecimal(lowest: number, scale: Int(scale)))
    }
  }
}

extension FieldSet: Hashable {
  static func == (left: FieldSet, right: FieldSet) -> Bool {
    left.present == right.present
      && FieldKey.allCases.allSatisfy { !left.has($0) || left.value(of: $0) == right.value(of: $0) }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(present)
    forEach { hasher.combine($1) }
  }
}

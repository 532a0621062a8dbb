/// The fields of a record that are there, with their values.
///
/// Values lie in the set itself, so that a record takes no memory beside its own: numbers as ``FieldNumbers`` keep them, texts in places of
/// those fields that have texts.
struct FieldSet: Sendable {
  private typealias Kind = FieldNumbers.Kind

  /// So many fields can have texts. They come first.
  private static let textCount = 8

  /// Which fields are there, and their numbers.
  private(set) var numbers = FieldNumbers()
  private var texts = InlineArray<8, String>(repeating: "")

  /// Which fields are there.
  var present: FieldKeys { numbers.present }

  subscript(key: FieldKey) -> FieldValue? {
    get { numbers.has(key) ? value(of: key) : nil }
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
    let hasText = key.rawValue < Self.textCount
    numbers.insert(value, key, hasText: hasText)
    if hasText, case .text(let text) = value { texts[key.rawValue] = text }
  }

  /// Puts in a number of a kind (``FieldNumbers/Kind``), or another one in place of the field's own.
  mutating func insert(_ number: Int64, kind: UInt8, _ key: FieldKey) {
    numbers.insert(number, kind: kind, key)
  }

  private mutating func remove(_ key: FieldKey) {
    guard numbers.has(key) else { return }
    if numbers.kind(of: key) == Kind.text { texts[key.rawValue] = "" }
    numbers.remove(key)
  }

  /// At most so many bytes the fields take as members of an object of JSON.
  var mostJSONBytes: Int {
    // The longest key, and the longest number. Of values that lie apart any may be longer.
    var most = present.count * (FieldKey.mostMemberBytes + max(22, Kind.mostScale + 3))
    let texts = texts.span
    for index in 0..<Self.textCount { most += JSONWriter.room(for: texts[index]) }
    for value in numbers.apart.values {
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
    present.forEach { key in if let value = value(of: key) { body(key, value) } }
  }

  @inline(__always) private func value(of key: FieldKey) -> FieldValue? {
    switch numbers.kind(of: key) {
    case Kind.integer: .integer(numbers.number(of: key))
    case Kind.boolean: .boolean(numbers.number(of: key) != 0)
    case Kind.text: .text(texts.span[key.rawValue])
    case Kind.apart: numbers.apart[key]
    case let scale: .decimal(ExactDecimal(lowest: numbers.number(of: key), scale: Int(scale)))
    }
  }
}

extension FieldSet: Hashable {
  static func == (left: FieldSet, right: FieldSet) -> Bool {
    left.present == right.present
      && FieldKey.allCases.allSatisfy { left[$0] == right[$0] }
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(present)
    forEach { hasher.combine($1) }
  }
}

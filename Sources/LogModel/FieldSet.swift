/// The fields of a record that are there, with their values.
///
/// Values lie in the set itself, so that a record takes no memory beside its own: numbers as ``FieldNumbers`` keep them, texts in places of
/// those fields that have texts.
struct FieldSet: Sendable {
  private typealias Kind = FieldNumbers.Kind

  /// The first so many fields have places for their texts. A text of a later field lies apart (``FieldNumbers``).
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

  /// The room that the fields need as an object of JSON.
  var jsonRoom: Int {
    var most =
      present.count * (FieldKey.Member.room + max(ByteCursor.mostNumberBytes, Kind.mostScale + 3)) + 2
    if present.hasAny(below: Self.textCount) {
      let texts = texts.span
      for index in 0..<Self.textCount { most += JSONWriter.room(for: texts[index]) }
    }
    return most + numbers.roomApart
  }

  /// Appends the fields as an object of JSON. It needs room for ``jsonRoom``.
  func writeObject(to out: inout OutputSpan<UInt8>) {
    guard present.count > 0 else {
      out.write(json: "{}")
      return
    }
    let members = FieldKey.members
    // Each span is taken once, because the compiler copies the array for it.
    let (kinds, values, texts) = (numbers.kinds.span, numbers.numbers.span, texts.span)
    var separator = UInt8(ascii: "{")
    present.forEach { key in
      let (kind, number) = (kinds[key.rawValue], values[key.rawValue])
      var isWritten = false
      out.writing(FieldKey.Member.room + ByteCursor.mostNumberBytes) { cursor in
        cursor.put(separator)
        let member = members[key.rawValue]
        cursor.put(member.bytes, count: member.count)
        isWritten = Self.put(number, of: kind, to: &cursor)
      }
      separator = UInt8(ascii: ",")
      if isWritten { return }
      switch kind {
      case Kind.text: out.write(texts[key.rawValue])
      case Kind.apart: if let value = numbers.apart[key] { Self.write(value, to: &out) }
      case let scale: out.write(ExactDecimal(lowest: number, scale: Int(scale)))
      }
    }
    out.write(json: "}")
  }

  /// Hands on every field in the order of ``FieldKey``, with its value if it is there.
  func forEachKey(_ body: (FieldValue?) -> Void) {
    // Each span is taken once, because the compiler copies the array for it.
    let (kinds, values, texts) = (numbers.kinds.span, numbers.numbers.span, texts.span)
    FieldKeys.all.forEach { key in
      guard numbers.has(key) else { return body(nil) }
      let number = values[key.rawValue]
      switch kinds[key.rawValue] {
      case Kind.integer: body(.integer(number))
      case Kind.boolean: body(.boolean(number != 0))
      case Kind.text: body(.text(texts[key.rawValue]))
      case Kind.apart: body(numbers.apart[key])
      case let scale: body(.decimal(ExactDecimal(lowest: number, scale: Int(scale))))
      }
    }
  }

  /// Writes a number or a truth value, but no decimal of very many places.
  @inline(__always) private static func put(
    _ number: Int64, of kind: UInt8, to cursor: inout ByteCursor
  ) -> Bool {
    switch kind {
    case 0...ByteCursor.mostDirectScale:
      cursor.put(number.magnitude, isNegative: number < 0, scale: Int(kind))
    case Kind.integer: cursor.put(number.magnitude, isNegative: number < 0, scale: 0)
    case Kind.boolean: cursor.put(number != 0 ? "true" : "false")
    default: return false
    }
    return true
  }

  private static func write(_ value: FieldValue, to out: inout OutputSpan<UInt8>) {
    switch value {
    case .text(let text): out.write(text)
    case .integer(let number): out.write(number)
    case .decimal(let number): out.write(number)
    case .boolean(let flag): out.write(flag)
    }
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

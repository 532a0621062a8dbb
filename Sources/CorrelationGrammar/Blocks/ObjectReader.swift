import LogModel

/// Reads one object, as JSON or Python writes it, into pairs (1-correlation-data, Objects).
///
/// RFC 8259 with what Python adds to it, and the representation that Python prints of a dict, may be mixed: strings in single or double
/// quotes, `True` and `true`, `None` and `null`, `NaN`, `Infinity`, `np.float64(0.55)`.
struct ObjectReader {
  /// Why no value could be read.
  enum Stop: Error {
    /// The text ends within the value. A further line can complete it.
    case unfinished
    /// No further line can make a value of the text.
    case invalid
  }

  /// What a value is.
  private enum Value {
    /// The scalar's text, with its escapes resolved.
    case scalar([UInt8])
    /// An object. In the part that is read its members were taken.
    case object
    case array
  }

  /// Deeper values are no body.
  private static let maximumDepth = 64

  /// The keys and values as text, a 0 behind each.
  private(set) var text: [UInt8] = []
  private(set) var pairs: [LoggedPair] = []
  /// How many bytes of the text only say how `gates` was written.
  private(set) var rawBytes = 0
  /// Where the key of each pair stands in the text that is read.
  private(set) var places: [Int] = []
  /// A value stands where a body can have none.
  private(set) var isOther = false
  private var position: Int

  /// A reader that begins at a position.
  init(from position: Int = 0) {
    self.position = position
  }

  // MARK: Values

  /// Reads a text that is one object, or an array of objects.
  /// - Returns: How many objects there are; nil where they are no body.
  mutating func readBody(_ source: Span<UInt8>) throws(Stop) -> Int? {
    var count = 1
    switch try first(source) {
    case UInt8(ascii: "{"): try readMembers(source, in: .body, depth: 0)
    case UInt8(ascii: "["): count = try readObjects(source)
    default: throw .invalid
    }
    skipSpace(source)
    guard position == source.count else { throw .invalid }
    return isOther || count == 0 ? nil : count
  }

  private mutating func readObjects(_ source: Span<UInt8>) throws(Stop) -> Int {
    var count = 0
    position += 1
    if try first(source) == UInt8(ascii: "]") {
      position += 1
      return 0
    }
    repeat {
      if try first(source) == UInt8(ascii: "{") {
        try readMembers(source, in: .body, depth: 1)
      } else {
        isOther = true
        _ = try readValue(source, depth: 1)
      }
      count += 1
    } while try isFollowed(source, until: UInt8(ascii: "]"))
    return count
  }

  /// Where members stand.
  private enum Place {
    /// At the top of the object.
    case body
    /// In an object of the body that groups scalars.
    case section
    /// Under `gates`.
    case gates
    /// Where nothing is taken.
    case other
  }

  private mutating func readMembers(_ source: Span<UInt8>, in kind: Place, depth: Int) throws(Stop) {
    guard depth < Self.maximumDepth else { throw .invalid }
    position += 1
    if try first(source) == UInt8(ascii: "}") {
      position += 1
      return
    }
    repeat {
      let quote = try first(source)
      guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw .invalid }
      let place = position + 1
      let key = try readString(source)
      guard try first(source) == UInt8(ascii: ":") else { throw .invalid }
      position += 1
      try readMember(source, key, at: place, in: kind, depth: depth)
    } while try isFollowed(source, until: UInt8(ascii: "}"))
  }

  private mutating func readMember(
    _ source: Span<UInt8>, _ key: [UInt8], at place: Int, in kind: Place, depth: Int
  ) throws(Stop) {
    let isObject = try first(source) == UInt8(ascii: "{")
    let start = position
    switch kind {
    case .body where isObject && KeyName(key.span, in: 0..<key.count) == .gates:
      let keyRange = append(key)
      let valueStart = text.count
      try readMembers(source, in: .gates, depth: depth + 1)
      let value = valueStart..<text.count
      let raw = append(source, in: start..<position)
      rawBytes += raw.count + 1
      add(keyRange, value, raw: raw, .jsonObject, at: place)
    case .body where isObject:
      try readMembers(source, in: .section, depth: depth + 1)
    case .body, .section:
      switch try readValue(source, depth: depth + 1) {
      case .scalar(let value):
        let keyRange = append(key)
        let valueRange = append(value)
        add(keyRange, valueRange, raw: valueRange, .jsonScalar, at: place)
      case .object, .array: isOther = true
      }
    case .gates:
      switch try readValue(source, depth: depth + 1) {
      case .scalar(let value): appendGate(key, value)
      case .object: appendGate(key, Array("{}".utf8))
      case .array: isOther = true
      }
    case .other:
      _ = try readValue(source, depth: depth + 1)
    }
  }

  private mutating func readValue(_ source: Span<UInt8>, depth: Int) throws(Stop) -> Value {
    switch try first(source) {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .scalar(try readString(source))
    case UInt8(ascii: "{"):
      try readMembers(source, in: .other, depth: depth)
      return .object
    case UInt8(ascii: "["):
      try readArray(source, depth: depth)
      return .array
    default:
      guard let end = PythonLiteral.end(source, from: position) else { throw .invalid }
      var value: [UInt8] = []
      value.append(source, in: position..<end)
      position = end
      return .scalar(value)
    }
  }

  private mutating func readArray(_ source: Span<UInt8>, depth: Int) throws(Stop) {
    guard depth < Self.maximumDepth else { throw .invalid }
    position += 1
    if try first(source) == UInt8(ascii: "]") {
      position += 1
      return
    }
    repeat {
      _ = try readValue(source, depth: depth + 1)
    } while try isFollowed(
      source, until: UInt8(ascii: "]"))
  }

  private mutating func readString(_ source: Span<UInt8>) throws(Stop) -> [UInt8] {
    var value: [UInt8] = []
    guard let end = PythonString.read(source, from: position, into: &value) else { throw .invalid }
    position = end
    return value
  }

  /// Reads a member of a JSON object that is known to be valid. A value that no body can have is kept as one that makes its pair
  /// malformed.
  mutating func take(_ member: JSONScanner.Member, of source: Span<UInt8>) {
    var key: [UInt8] = []
    JSONString.decode(source, in: member.key, into: &key)
    let (textCount, pairCount) = (text.count, pairs.count)
    position = member.kind == .string ? member.value.lowerBound - 1 : member.value.lowerBound
    do throws(Stop) {
      try readMember(source, key, at: member.key.lowerBound, in: .body, depth: 0)
    } catch {
      isOther = true
    }
    guard isOther else { return }
    isOther = false
    text.removeLast(text.count - textCount)
    pairs.removeLast(pairs.count - pairCount)
    places.removeLast(places.count - pairCount)
    let keyRange = append(key)
    let value = append(source, in: member.value)
    add(keyRange, value, raw: value, .jsonOther, at: member.key.lowerBound)
  }

  // MARK: Bytes

  /// The next byte that is no white space.
  private mutating func first(_ source: Span<UInt8>) throws(Stop) -> UInt8 {
    skipSpace(source)
    guard position < source.count else { throw .unfinished }
    return source[position]
  }

  /// Whether a comma follows, rather than the closing bracket.
  private mutating func isFollowed(_ source: Span<UInt8>, until close: UInt8) throws(Stop) -> Bool {
    let byte = try first(source)
    guard byte == UInt8(ascii: ",") || byte == close else { throw .invalid }
    position += 1
    return byte != close
  }

  private mutating func skipSpace(_ source: Span<UInt8>) {
    while position < source.count {
      switch source[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  // MARK: Pairs

  private mutating func add(
    _ key: Range<Int>, _ value: Range<Int>, raw: Range<Int>, _ form: LoggedPair.Form, at place: Int
  ) {
    let pair = LoggedPair(
      key: key, name: KeyName(text.span, in: key), value: value, raw: raw, form: form)
    if pair.namesRecord(text.span) { return }
    pairs.append(pair)
    places.append(place)
  }

  private mutating func append(_ bytes: [UInt8]) -> Range<Int> { append(bytes.span, in: 0..<bytes.count) }

  /// Appends a text. The text is hashed to know replays again: without the 0 the keys `a` and `ab` could hash alike.
  private mutating func append(_ bytes: Span<UInt8>, in range: Range<Int>) -> Range<Int> {
    let start = text.count
    text.append(bytes, in: range)
    text.append(0)
    return start..<text.count - 1
  }

  /// Appends a gate. A 0 within becomes FF, which is no UTF-8 either way of reading it, so that it ends nothing.
  private mutating func appendGate(_ name: [UInt8], _ value: [UInt8]) {
    for bytes in [name, value] { _ = append(bytes.map { $0 == 0 ? 0xFF : $0 }) }
  }
}

/// The members of a line that is an object of JSON. The line is read once for all recognisers.
///
/// It is kept which members the recognisers asked for. The others say nothing about a line's envelope, source or task, so two lines
/// that differ only in their values are alike (``LineTemplates``).
struct JSONMembers {
  /// A member, strings without their quotes.
  struct Member {
    @LineRange var key: Range<Int>
    @LineRange var value: Range<Int>
    var kind: JSONScanner.Kind
    /// A recogniser asked for a member with this key.
    var isAsked = false
  }

  private(set) var all: [Member] = []

  /// No members yet.
  init() {}

  /// Makes ready for another log.
  mutating func reset() { all.reset() }

  /// The members of an object within a line; none where it is no valid object.
  init(of line: Span<UInt8>, in range: Range<Int>) {
    let start = range.lowerBound
    func placed(_ part: Range<Int>) -> Range<Int> { start + part.lowerBound..<start + part.upperBound }
    let isValid = JSONScanner.object(line.extracting(range)) {
      all.append(Member(key: placed($0.key), value: placed($0.value), kind: $0.kind))
    }
    if !isValid { all = [] }
  }

  /// Reads a line; false where it is no valid object.
  mutating func read(_ line: Span<UInt8>) -> Bool {
    all.removeAll(keepingCapacity: true)
    return JSONScanner.object(line) { all.append(Member(key: $0.key, value: $0.value, kind: $0.kind)) }
  }

  /// The last text with a key, as it stands between its quotes. With `orNull` a null counts as an empty text.
  mutating func text(_ key: StaticString, of line: Span<UInt8>, orNull: Bool = false) -> Range<Int>? {
    var found: Range<Int>?
    for index in all.indices where line.is(key, in: all[index].key) {
      all[index].isAsked = true
      switch all[index].kind {
      case .string: found = all[index].value
      case .null: if orNull { found = 0..<0 }
      case .number, .boolean, .object, .array: break
      }
    }
    return found
  }

  /// Where the line says it comes from, by the keys that Airflow's loggers write.
  mutating func origin(of line: Span<UInt8>) -> LineOrigin {
    var origin = LineOrigin(isJSON: true)
    for index in all.indices where origin.take(all[index].key, all[index].value, of: line) {
      all[index].isAsked = true
    }
    return origin
  }
}

import LogModel

/// What a key as logged means (1-correlation-data, Record). Keys are matched without regard to case, and `-` equals
/// `_`.
enum KeyName: Hashable {
  case field(FieldKey)
  case gates
  /// The producer derives it from two other fields. It is dropped.
  case deltaF1
  /// `event`. It names the record in logfmt. Where its value is `correlation_data`, it is dropped.
  case event
  /// Any other key.
  case extra

  /// Whether a line that begins with the key is always a body-line.
  var isKnown: Bool {
    switch self {
    case .field, .gates, .deltaF1: true
    case .event, .extra: false
    }
  }

  /// How many names there are. Keys outside the grammar count as one name.
  static let numberOfNames = FieldKey.allCases.count + 4
  /// The name's place among them, from 0.
  var number: Int {
    switch self {
    case .field(let key): key.rawValue
    case .gates: Self.numberOfNames - 4
    case .deltaF1: Self.numberOfNames - 3
    case .event: Self.numberOfNames - 2
    case .extra: Self.numberOfNames - 1
    }
  }

  /// Looks up the key in a range.
  init(_ text: Span<UInt8>, in range: Range<Int>) {
    self = Self.table.meaning(of: text.extracting(range)) ?? .extra
  }

  /// Looks up the key of ours that the bytes up to `end` spell, letter for letter. Nil for any other bytes, such as the same key in
  /// capitals.
  @inline(__always) init?(spelledIn text: Span<UInt8>, to end: Int) {
    guard let meaning = Self.table.meaning(of: text, to: end) else { return nil }
    self = meaning
  }

  /// Looks up the key that two texts spell together.
  init(beginning: Span<UInt8>, _ rest: Span<UInt8>) {
    var bytes: [UInt8] = []
    bytes.append(beginning)
    bytes.append(rest)
    self.init(bytes.span, in: 0..<bytes.count)
  }

  /// The canonical key of ours, or the key as logged, which stands in a range of the text.
  func keyText(_ text: Span<UInt8>, _ key: Range<Int>) -> String {
    switch self {
    case .field(let field): field.name
    case .gates: "gates"
    case .deltaF1: "delta_f1"
    case .event, .extra: text.text(in: key).text
    }
  }

  /// A key as logged, in the form in which keys are compared.
  static func folded(_ text: Span<UInt8>, _ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(folded(text[index])) }
    return bytes.span.text(in: 0..<bytes.count).text
  }

  fileprivate static func folded(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : byte.asciiLowercased
  }

  /// The spellings of our keys.
  static let table: Table = {
    var meanings = FieldKey.allCases.map { ($0.name, KeyName.field($0)) }
    meanings += [
      ("gates", .gates), ("delta_f1", .deltaF1), ("event", .event),
      ("symbol", .field(.crypto)), ("pair", .field(.crypto)), ("sortino_ratio", .field(.sortino)),
      ("tp%", .field(.tpPct)), ("sl%", .field(.slPct)), ("timeout%", .field(.timeoutPct)),
    ]
    return Table(meanings)
  }()

  /// The spellings of our keys, found by their length, first and last letter, which give each a place of its own.
  struct Table {
    /// A spelling as words of eight bytes, which may overlap: those from its beginning, from its ninth byte, and before its end. A word
    /// that the spelling has no room for is 0; the first one is filled up with zeros.
    private struct Entry {
      var first: UInt64 = 0
      var middle: UInt64 = 0
      var last: UInt64 = 0
      /// The spelling's length; 0 where the place is free.
      var count = 0
      var meaning = KeyName.extra

      @inline(__always) func isSpelled(_ text: Span<UInt8>, to end: Int) -> Bool {
        first == text.firstWord(end) && (end <= 8 || last == text.word(at: end - 8))
          && (end <= 16 || middle == text.word(at: 8))
      }
    }

    private static let size = 256
    /// As many letters as the two words and the one between them have (``FieldKey/mostLetters``).
    static let longest = 24
    /// Should two keys have one place, the second one takes the next that is free.
    private var places = [Entry](repeating: Entry(), count: size)

    fileprivate init(_ meanings: [(String, KeyName)]) {
      for (name, meaning) in meanings {
        let bytes = Array(name.utf8)
        precondition(1...Self.longest ~= bytes.count)
        var place = Self.place(of: bytes.span, to: bytes.count)
        while places[place].count > 0 { place = (place + 1) % Self.size }
        var entry = Entry(first: bytes.span.firstWord(bytes.count), count: bytes.count, meaning: meaning)
        if bytes.count > 8 { entry.last = bytes.span.word(at: bytes.count - 8) }
        if bytes.count > 16 { entry.middle = bytes.span.word(at: 8) }
        places[place] = entry
      }
    }

    /// The meaning of the key that the bytes up to `end` spell, in the form in which keys are compared.
    @inline(__always) func meaning(of text: Span<UInt8>, to end: Int) -> KeyName? {
      guard 1...Self.longest ~= end else { return nil }
      let places = places.span
      var place = Self.place(of: text, to: end)
      while places[place].count > 0 {
        if places[place].count == end, places[place].isSpelled(text, to: end) { return places[place].meaning }
        place = (place + 1) & (Self.size - 1)
      }
      return nil
    }

    /// The meaning of a key as logged.
    func meaning(of key: Span<UInt8>) -> KeyName? {
      guard 1...Self.longest ~= key.count else { return nil }
      if let meaning = meaning(of: key, to: key.count) { return meaning }
      var folded = InlineArray<24, UInt8>(repeating: 0)
      for index in 0..<key.count { folded[index] = KeyName.folded(key[index]) }
      return meaning(of: folded.span, to: key.count)
    }

    /// No key of ours begins or ends with one of the signs that are folded.
    private static func place(of text: Span<UInt8>, to end: Int) -> Int {
      let (first, last) = (Int(text[0] | 0x20), Int(text[end - 1] | 0x20))
      return (end &+ first &* 2 &+ last &* 7) & (size - 1)
    }
  }
}

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

  private static let table: Table = {
    var meanings = FieldKey.allCases.map { ($0.name, KeyName.field($0)) }
    meanings += [
      ("gates", .gates), ("delta_f1", .deltaF1), ("event", .event),
      ("symbol", .field(.crypto)), ("pair", .field(.crypto)), ("sortino_ratio", .field(.sortino)),
      ("tp%", .field(.tpPct)), ("sl%", .field(.slPct)), ("timeout%", .field(.timeoutPct)),
    ]
    return Table(meanings)
  }()

  /// The spellings of our keys, found by their length, first and last letter, which give each a place of its own.
  private struct Table {
    private struct Entry {
      var name: Range<Int>
      var meaning: KeyName
    }

    private static let size = 256
    private var names: [UInt8] = []
    /// Should two keys have one place, the second one takes the next that is free.
    private var places = [Entry?](repeating: nil, count: size)

    init(_ meanings: [(String, KeyName)]) {
      for (name, meaning) in meanings {
        let start = names.count
        names += Array(name.utf8)
        let range = start..<names.count
        var place = Self.place(of: names.span.extracting(range))
        while places[place] != nil { place = (place + 1) % Self.size }
        places[place] = Entry(name: range, meaning: meaning)
      }
    }

    func meaning(of key: Span<UInt8>) -> KeyName? {
      guard !key.isEmpty else { return nil }
      var place = Self.place(of: key)
      while let entry = places[place] {
        if isSame(key, entry.name) { return entry.meaning }
        place = (place + 1) % Self.size
      }
      return nil
    }

    private func isSame(_ key: Span<UInt8>, _ name: Range<Int>) -> Bool {
      guard key.count == name.count else { return false }
      for index in 0..<key.count
      where key[index] != names[name.lowerBound + index]
        && KeyName.folded(key[index]) != names[name.lowerBound + index]
      {
        return false
      }
      return true
    }

    /// No key of ours begins or ends with one of the signs that are folded.
    private static func place(of key: Span<UInt8>) -> Int {
      let (first, last) = (Int(key[0] | 0x20), Int(key[key.count - 1] | 0x20))
      return (key.count &+ first &* 2 &+ last &* 7) & (size - 1)
    }
  }
}

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
    self = .extra
    guard range.count < Self.byLength.count else { return }
    for entry in Self.byLength[range.count] where Self.matches(text, range, entry.name) {
      self = entry.meaning
      return
    }
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

  private static func matches(_ text: Span<UInt8>, _ range: Range<Int>, _ name: [UInt8]) -> Bool {
    for index in 0..<name.count where folded(text[range.lowerBound + index]) != name[index] { return false }
    return true
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : byte.asciiLowercased
  }

  private struct Entry {
    var name: [UInt8]
    var meaning: KeyName
  }

  private static let byLength: [[Entry]] = {
    var meanings = FieldKey.allCases.map { ($0.name, KeyName.field($0)) }
    meanings += [
      ("gates", .gates), ("delta_f1", .deltaF1), ("event", .event),
      ("symbol", .field(.crypto)), ("pair", .field(.crypto)), ("sortino_ratio", .field(.sortino)),
      ("tp%", .field(.tpPct)), ("sl%", .field(.slPct)), ("timeout%", .field(.timeoutPct)),
    ]
    var table: [[Entry]] = Array(repeating: [], count: (meanings.map(\.0.utf8.count).max() ?? 0) + 1)
    for (name, meaning) in meanings {
      table[name.utf8.count].append(Entry(name: Array(name.utf8), meaning: meaning))
    }
    return table
  }()
}

import LogModel

/// Writes rows in the text format of `COPY … FROM STDIN`. NUL, which PostgreSQL cannot store, is dropped from text and
/// nothing else is changed.
struct CopyEncoder {
  private(set) var bytes: [UInt8] = []
  private var isRowEmpty = true
  /// Writes the value at hand, whose bytes are then escaped for COPY.
  private var json = JSONWriter(.dropped)

  /// How many bytes the rows so far take.
  var count: Int { bytes.count }

  /// Forgets the rows; the memory stays for the next ones.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    isRowEmpty = true
  }

  /// Forgets the last bytes, which must be whole rows.
  mutating func removeLast(_ count: Int) {
    bytes.removeLast(count)
  }

  /// Ends a row; the next value begins another.
  mutating func endRow() {
    bytes.append(UInt8(ascii: "\n"))
    isRowEmpty = true
  }

  mutating func null() {
    separate()
    bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
  }

  mutating func text(_ value: String?) {
    guard let value else { return null() }
    separate()
    for byte in value.utf8 { append(byte) }
  }

  /// JSON, for a column of the type `jsonb`.
  mutating func json(_ write: (inout JSONWriter) -> Void) {
    separate()
    json.removeAll()
    write(&json)
    for byte in json.bytes { append(byte) }
  }

  mutating func integer(_ value: Int64?) {
    guard let value else { return null() }
    separate()
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func decimal(_ value: ExactDecimal?) {
    guard let value else { return null() }
    separate()
    bytes.append(contentsOf: value.description.utf8)
  }

  mutating func boolean(_ value: Bool?) {
    guard let value else { return null() }
    separate()
    bytes.append(UInt8(ascii: value ? "t" : "f"))
  }

  mutating func time(_ value: LogTime?) {
    text(value?.sqlText)
  }

  mutating func binary(_ value: [UInt8]?) {
    guard let value else { return null() }
    separate()
    bytes.append(contentsOf: #"\\x"#.utf8)
    for byte in value {
      bytes.append(ASCII.hexDigit(byte >> 4))
      bytes.append(ASCII.hexDigit(byte & 15))
    }
  }

  /// An array of texts, each quoted.
  mutating func texts(_ values: [String]) {
    separate()
    append(UInt8(ascii: "{"))
    for (index, value) in values.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      append(UInt8(ascii: "\""))
      for byte in value.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
        append(byte)
      }
      append(UInt8(ascii: "\""))
    }
    append(UInt8(ascii: "}"))
  }

  private mutating func separate() {
    if !isRowEmpty { bytes.append(UInt8(ascii: "\t")) }
    isRowEmpty = false
  }

  /// A byte of a value; only backslash and what ends a value or a row means something to COPY.
  private mutating func append(_ byte: UInt8) {
    switch byte {
    case 0: break
    case UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
    case UInt8(ascii: "\n"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
    case UInt8(ascii: "\r"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
    case UInt8(ascii: "\t"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
    default: bytes.append(byte)
    }
  }
}

extension LogTime {
  /// 0001-01-01T00:00:00Z, the earliest instant that is sent to the database as it is.
  private static let earliest = LogTime(microseconds: -62_135_596_800_000_000)

  /// The instant as PostgreSQL reads it. RFC 3339 has no years before 1 and PostgreSQL no year 0, so anything
  /// earlier, which only a garbled clock gives, becomes the first instant of year 1.
  var sqlText: String {
    max(self, Self.earliest).description
  }
}

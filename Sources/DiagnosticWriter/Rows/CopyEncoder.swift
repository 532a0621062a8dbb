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

  mutating func null() { value(2) { $0.write(json: #"\N"#) } }

  mutating func text(_ value: String?) {
    guard let value else { return null() }
    separate()
    Self.append(value.utf8.span, to: &bytes)
  }

  /// JSON, for a column of the type `jsonb`.
  mutating func json(_ write: (inout JSONWriter) -> Void) {
    separate()
    json.removeAll()
    write(&json)
    var text: [UInt8] = []
    swap(&text, &json.bytes)
    Self.append(text.span, to: &bytes)
    swap(&text, &json.bytes)
  }

  mutating func integer(_ value: Int64?) {
    guard let value else { return null() }
    self.value(JSONWriter.numberRoom) { $0.write(value) }
  }

  mutating func decimal(_ value: ExactDecimal?) {
    guard let value else { return null() }
    self.value(value.mostBytes) { $0.write(value) }
  }

  mutating func boolean(_ value: Bool?) {
    guard let value else { return null() }
    self.value(1) { $0.append(UInt8(ascii: value ? "t" : "f")) }
  }

  mutating func time(_ value: LogTime?) {
    guard let value else { return null() }
    self.value(LogTime.mostBytes) { value.storable.write(to: &$0) }
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

  /// Appends a value of at most so many bytes, with a tab before it where one is needed.
  private mutating func value(_ room: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
    let needsTab = !isRowEmpty
    isRowEmpty = false
    JSONWriter.append(to: &bytes, room: room + 1) { out in
      if needsTab { out.append(UInt8(ascii: "\t")) }
      write(&out)
    }
  }

  private mutating func separate() {
    if !isRowEmpty { bytes.append(UInt8(ascii: "\t")) }
    isRowEmpty = false
  }

  /// Appends the bytes of a value, all that need no escape at once.
  private static func append(_ value: Span<UInt8>, to bytes: inout [UInt8]) {
    if !value.mayNeedEscape {
      append(plain: value, to: &bytes)
      return
    }
    var start = 0
    for index in 0..<value.count {
      guard let escape = escape(of: value[index]) else { continue }
      append(plain: value.extracting(start..<index), to: &bytes)
      bytes.append(contentsOf: escape.utf8)
      start = index + 1
    }
    append(plain: value.extracting(start..<value.count), to: &bytes)
  }

  private static func append(plain value: Span<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: value.count) { $0.append(copying: value) }
  }

  private mutating func append(_ byte: UInt8) {
    if let escape = Self.escape(of: byte) {
      bytes.append(contentsOf: escape.utf8)
    } else {
      bytes.append(byte)
    }
  }

  /// What stands for a byte; nil for itself. Only backslash and what ends a value or a row means something to COPY.
  @inline(__always) private static func escape(of byte: UInt8) -> String? {
    guard byte < 0x0E || byte == UInt8(ascii: "\\") else { return nil }
    return switch byte {
    case 0: ""
    case UInt8(ascii: "\\"): #"\\"#
    case UInt8(ascii: "\n"): #"\n"#
    case UInt8(ascii: "\r"): #"\r"#
    case UInt8(ascii: "\t"): #"\t"#
    default: nil
    }
  }
}

extension Span<UInt8> {
  /// Whether a byte may be a backslash or one that ends a value or a row; false only where none is. Looks at eight bytes at once: each sum
  /// has the highest bit of a byte set where the byte is special, and may have it elsewhere.
  fileprivate var mayNeedEscape: Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var found: UInt64 = 0
    var place = 0
    while place &+ 8 <= count {
      let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
      let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
      found |= (word &- ones &* 0x0E) | (backslash &- ones)
      place &+= 8
    }
    while place < count {
      let byte = self[place]
      if byte < 0x0E || byte == UInt8(ascii: "\\") { return true }
      place &+= 1
    }
    return found & (ones &* 0x80) != 0
  }
}

extension LogTime {
  /// 0001-01-01T00:00:00Z, the earliest instant that is sent to the database as it is.
  private static let earliest = LogTime(microseconds: -62_135_596_800_000_000)

  /// The instant as PostgreSQL takes it. RFC 3339 has no years before 1 and PostgreSQL no year 0, so anything
  /// earlier, which only a garbled clock gives, becomes the first instant of year 1.
  fileprivate var storable: LogTime { max(self, Self.earliest) }

  /// The text of ``storable``.
  var sqlText: String { storable.description }
}

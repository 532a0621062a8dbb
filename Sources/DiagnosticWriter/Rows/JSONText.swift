import LogModel

/// Writes JSON for `json` and `jsonb` values. NUL, which PostgreSQL cannot store, is dropped and nothing else.
struct JSONText {
  enum Value {
    case text(String)
    case integer(Int64)
    case boolean(Bool)
    case texts([String])
    case null
  }

  private(set) var bytes: [UInt8] = []

  var string: String { String(decoding: bytes, as: UTF8.self) }

  mutating func array<Elements: Collection>(
    _ elements: Elements, _ write: (inout JSONText, Elements.Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    var isFirst = true
    for element in elements {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      write(&self, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// An object; members that are null are left out.
  mutating func object(_ members: [(key: String, value: Value)]) {
    bytes.append(UInt8(ascii: "{"))
    var isFirst = true
    for (key, value) in members {
      if case .null = value { continue }
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      text(key)
      bytes.append(UInt8(ascii: ":"))
      self.value(value)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func value(_ value: Value) {
    switch value {
    case .text(let value): text(value)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .boolean(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .texts(let values): array(values) { $0.text($1) }
    case .null: bytes.append(contentsOf: "null".utf8)
    }
  }

  mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case 0: break
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 1..<0x20:
        bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, Self.hexDigit(byte >> 4), Self.hexDigit(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}

extension JSONText.Value {
  init(_ text: String?) {
    self = text.map { .text($0) } ?? .null
  }

  init(_ number: Int?) {
    self = number.map { .integer(Int64($0)) } ?? .null
  }

  init(_ time: LogTime?) {
    self = time.map { .text($0.sqlText) } ?? .null
  }
}

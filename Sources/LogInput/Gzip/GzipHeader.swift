/// Reads one gzip header (RFC 1952, section 2.3) behind its two magic bytes, in any pieces.
struct GzipHeader {
  /// The bytes that begin every member.
  static let magic: (first: UInt8, second: UInt8) = (0x1f, 0x8b)

  /// Where a call of ``take(_:from:)`` stopped.
  enum Progress: Equatable {
    /// All input was taken.
    case paused
    /// The header ended; the position is behind it.
    case ended
    /// The header ended and its own checksum (FHCRC) is wrong.
    case endedWithWrongChecksum
    /// RFC 1952 does not define this header: its method is not deflate, or a reserved flag is set.
    case invalid
  }

  private enum Field {
    case method, flags, times, extraLength, extra, name, comment, checksum
  }

  private struct Flags: OptionSet {
    let rawValue: UInt8
    static let checksum = Flags(rawValue: 0x02)
    static let extra = Flags(rawValue: 0x04)
    static let name = Flags(rawValue: 0x08)
    static let comment = Flags(rawValue: 0x10)
    static let reserved = Flags(rawValue: 0xe0)
  }

  private static let deflate: UInt8 = 8

  private var field = Field.method
  private var flags: Flags = []
  /// How many bytes of the present field are still to come, if the field has a known length.
  private var remaining = 0
  private var number: UInt32 = 0
  /// The checksum over the header so far. It begins with the checksum of the two magic bytes.
  private var checksum: UInt32 = 0xf6e9_46c9

  /// Reads on from `position`, and moves it behind what was taken.
  mutating func take(_ input: Span<UInt8>, from position: inout Int) -> Progress {
    while position < input.count {
      let start = position
      let fieldBefore = field
      let isEnd = advance(input, &position)
      if fieldBefore != .checksum {
        checksum = CRC32.checksum(input.extracting(start..<position), after: checksum)
      }
      switch isEnd {
      case nil: return .invalid
      case false?: continue
      case true?:
        let isRight = !flags.contains(.checksum) || number == checksum & 0xffff
        return isRight ? .ended : .endedWithWrongChecksum
      }
    }
    return .paused
  }

  /// Takes at least one byte of the present field from the input.
  /// - Returns: Whether the header has ended; nil if it is invalid.
  private mutating func advance(_ input: Span<UInt8>, _ position: inout Int) -> Bool? {
    switch field {
    case .method:
      guard input[position] == Self.deflate else { return nil }
      position += 1
      field = .flags
    case .flags:
      flags = Flags(rawValue: input[position])
      guard flags.isDisjoint(with: .reserved) else { return nil }
      position += 1
      (field, remaining) = (.times, 6)
    case .times, .extra:
      let count = min(remaining, input.count - position)
      position += count
      remaining -= count
      return remaining == 0 ? enter(after: field) : false
    case .extraLength, .checksum:
      number |= UInt32(input[position]) << (remaining == 2 ? 0 : 8)
      position += 1
      remaining -= 1
      if remaining > 0 { return false }
      if field == .checksum { return true }
      (field, remaining, number) = (.extra, Int(number), 0)
      if remaining == 0 { return enter(after: .extra) }
    case .name, .comment:
      while position < input.count {
        position += 1
        if input[position - 1] == 0 { return enter(after: field) }
      }
    }
    return false
  }

  /// Goes to the next field that the flags announce. Returns whether there is no further field.
  private mutating func enter(after field: Field) -> Bool {
    switch field {
    case .times where flags.contains(.extra): (self.field, remaining) = (.extraLength, 2)
    case .times, .extra:
      guard flags.contains(.name) else { return enter(after: .name) }
      self.field = .name
    case .name:
      guard flags.contains(.comment) else { return enter(after: .comment) }
      self.field = .comment
    default:
      guard flags.contains(.checksum) else { return true }
      (self.field, remaining, number) = (.checksum, 2, 0)
    }
    return false
  }
}

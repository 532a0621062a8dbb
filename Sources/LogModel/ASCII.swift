/// The few character classes of log text. ASCII only: digits and letters of other scripts are text.
extension UInt8 {
  /// `0` … `9`.
  @inlinable package var isASCIIDigit: Bool { self &- 0x30 < 10 }
  /// `A` … `Z`, `a` … `z`.
  @inlinable package var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
  /// Space or tab; U+00A0 is none (1-correlation-data, Terms).
  @inlinable package var isBlank: Bool { self == 0x20 || self == 0x09 }
  /// The lower-case form of an ASCII letter, anything else unchanged.
  @inlinable package var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

/// Characters of ASCII by what they stand for.
package enum ASCII {
  /// The lower-case hexadecimal digit of a number below 16.
  package static func hexDigit(_ number: UInt8) -> UInt8 {
    number < 10 ? UInt8(ascii: "0") + number : UInt8(ascii: "a") + number - 10
  }
}

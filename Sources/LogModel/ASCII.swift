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

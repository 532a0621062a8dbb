/// Eight digits of a number, one in each byte, the first one in the lowest.
struct EightDigits {
  private let values: UInt64

  /// The digits of a number below 100,000,000, with zeros before them.
  @inline(__always) init(_ number: UInt64) {
    // Halves of four digits, then of two, then single digits. Numbers as small as these are divided exactly by a product and a shift.
    let thousands = number / 10_000
    let fours = thousands | (number &- thousands &* 10_000) << 32
    let hundreds = (fours &* 5243) >> 19 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) << 16
    let tens = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
    values = tens | (twos &- tens &* 10) << 8
  }

  /// How many digits are left without leading zeros: 3 of 00000102, and 0 where all digits are zero.
  @inline(__always) var significant: Int { 8 &- values.trailingZeroBitCount &>> 3 }

  /// How many zeros end the digits; eight of zero.
  @inline(__always) var trailingZeros: Int { values.leadingZeroBitCount &>> 3 }

  /// The digits as characters.
  @inline(__always) var characters: UInt64 { values | 0x3030_3030_3030_3030 }

  /// The last digits as characters, so many, the first one in the lowest byte.
  @inline(__always) func last(_ count: Int) -> UInt64 { characters &>> UInt64(8 &* (8 &- count)) }
}

extension ByteCursor {
  /// Writes the text of ``ExactDecimal/description``. It needs ``ExactDecimal/mostBytes``.
  mutating func put(_ number: ExactDecimal) {
    let magnitude = number.coefficient.magnitude
    if let small = UInt64(exactly: magnitude), number.scale <= Self.mostScale {
      put(small, isNegative: number.coefficient < 0, scale: number.scale)
      return
    }
    var (rest, digits) = (magnitude, [UInt8]())
    while rest > 0 || digits.count <= number.scale {
      let (tenth, digit) = rest.quotientAndRemainder(dividingBy: 10)
      digits.append(UInt8(ascii: "0") + UInt8(digit))
      rest = tenth
    }
    if number.coefficient < 0 { put(UInt8(ascii: "-")) }
    for index in digits.indices.reversed() {
      put(digits[index])
      if index == number.scale, index > 0 { put(UInt8(ascii: ".")) }
    }
  }

  /// Decimals with more places are written digit by digit.
  static let mostScale = Int(mostDirectScale)
  static let mostDirectScale: UInt8 = 23
  /// The room that a number needs: a sign, 24 digits, a point, and the rest of the eight bytes that are written last.
  static let mostNumberBytes = 34

  /// Writes `magnitude × 10^-scale`. The scale is at most ``mostScale``.
  mutating func put(_ magnitude: UInt64, isNegative: Bool, scale: Int) {
    if isNegative { put(UInt8(ascii: "-")) }
    if magnitude < 100_000_000, scale < 8 {
      let digits = EightDigits(magnitude)
      let count = max(digits.significant, scale &+ 1)
      let characters = digits.last(count)
      let whole = count &- scale
      put(characters, count: whole)
      if scale > 0 {
        put(UInt8(ascii: "."))
        put(characters &>> UInt64(8 &* whole), count: scale)
      }
    } else {
      putLong(magnitude, scale)
    }
  }

  private mutating func putLong(_ magnitude: UInt64, _ scale: Int) {
    let upper = magnitude / 100_000_000
    let high = upper / 100_000_000
    let middle = upper &- high &* 100_000_000
    let parts = (
      EightDigits(high), EightDigits(middle), EightDigits(magnitude &- upper &* 100_000_000)
    )
    var significant = parts.0.significant + 16
    if high == 0 { significant = middle == 0 ? parts.2.significant : parts.1.significant + 8 }
    let count = max(significant, scale + 1)
    // So many digits come before the point.
    var whole = count - scale
    if count > 16 { put(parts.0, count - 16, &whole) }
    if count > 8 { put(parts.1, min(count - 8, 8), &whole) }
    put(parts.2, min(count, 8), &whole)
  }

  /// Writes the last digits of eight, and the point where it stands before one of them.
  @inline(__always) private mutating func put(_ digits: EightDigits, _ count: Int, _ whole: inout Int) {
    let characters = digits.last(count)
    if 0..<count ~= whole {
      put(characters, count: whole)
      put(UInt8(ascii: "."))
      put(characters &>> UInt64(8 &* whole), count: count - whole)
    } else {
      put(characters, count: count)
    }
    whole -= count
  }
}

/// An exact decimal number: `coefficient × 10^-scale`.
///
/// Thresholds are met exactly or not at all (1-correlation-data, Numbers), so no value passes through binary
/// floating point between the log and the database. A number is always in lowest terms: the coefficient of a
/// fraction has no trailing zero, and zero has scale 0 and no sign.
public struct ExactDecimal: Sendable, Hashable {
  /// The digits, with the sign.
  public let coefficient: Int128
  /// How many of the digits stand after the point; never negative.
  public let scale: Int

  /// The number `coefficient × 10^-scale`, brought to lowest terms.
  public init(coefficient: Int128, scale: Int = 0) {
    var coefficient = coefficient
    var scale = scale
    while scale > 0, Self.isMultipleOfTen(coefficient) {
      coefficient /= 10
      scale -= 1
    }
    self.coefficient = coefficient
    self.scale = scale
  }

  /// A number that is in lowest terms already.
  package init(lowest coefficient: Int64, scale: Int) {
    self.coefficient = Int128(coefficient)
    self.scale = scale
  }

  /// Most coefficients have 64 bits, which the machine divides by itself.
  private static func isMultipleOfTen(_ coefficient: Int128) -> Bool {
    if let small = Int64(exactly: coefficient) { return small % 10 == 0 }
    return coefficient % 10 == 0
  }

  /// Zero.
  public static var zero: ExactDecimal { ExactDecimal(lowest: 0, scale: 0) }

  /// Whether the number has no fraction.
  public var isInteger: Bool { scale == 0 }

  /// The number times `10^places`; exact. Used to turn fractions into percent points (`places` = 2).
  public func shifted(by places: Int) -> ExactDecimal {
    if places <= scale { return ExactDecimal(coefficient: coefficient, scale: scale - places) }
    return ExactDecimal(coefficient: coefficient * Self.powerOfTen(places - scale))
  }

  /// The exact sum.
  public static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
    let scale = max(left.scale, right.scale)
    return ExactDecimal(
      coefficient: left.coefficient * powerOfTen(scale - left.scale)
        + right.coefficient * powerOfTen(scale - right.scale),
      scale: scale)
  }

  /// The exact difference.
  public static func - (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
    left + ExactDecimal(coefficient: -right.coefficient, scale: right.scale)
  }

  static func powerOfTen(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}

extension ExactDecimal: Comparable {
  /// Exact order by value.
  public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
    if left.scale == right.scale { return left.coefficient < right.coefficient }
    if let isLess = isLessInSmall(left, right) { return isLess }
    if (left.coefficient < 0) != (right.coefficient < 0) { return left.coefficient < 0 }
    let scale = max(left.scale, right.scale)
    let (a, aOverflows) = aligned(left, to: scale)
    let (b, bOverflows) = aligned(right, to: scale)
    // Only the operand of the smaller scale is multiplied, so at most one side can overflow, and that side
    // is then the greater in magnitude.
    if aOverflows { return left.coefficient < 0 }
    if bOverflows { return right.coefficient > 0 }
    return a < b
  }

  /// Compares numbers whose coefficients have 64 bits and whose scales differ little, as nearly all do; nil for others.
  private static func isLessInSmall(_ left: ExactDecimal, _ right: ExactDecimal) -> Bool? {
    let difference = left.scale - right.scale
    guard let a = Int64(exactly: left.coefficient), let b = Int64(exactly: right.coefficient),
      smallPowers.indices.contains(abs(difference))
    else { return nil }
    let power = smallPowers[abs(difference)]
    // A product without room in 64 bits lies beyond every number that has room.
    if difference < 0 {
      let (product, overflows) = a.multipliedReportingOverflow(by: power)
      return overflows ? a < 0 : product < b
    }
    let (product, overflows) = b.multipliedReportingOverflow(by: power)
    return overflows ? b > 0 : a < product
  }

  /// The powers of ten that have 64 bits.
  private static let smallPowers: [Int64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
  ]

  private static func aligned(_ number: ExactDecimal, to scale: Int) -> (Int128, Bool) {
    var coefficient = number.coefficient
    for _ in number.scale..<scale {
      let (product, overflow) = coefficient.multipliedReportingOverflow(by: 10)
      if overflow { return (0, true) }
      coefficient = product
    }
    return (coefficient, false)
  }
}

extension ExactDecimal: ExpressibleByIntegerLiteral {
  /// A whole number, as thresholds are written.
  public init(integerLiteral value: Int) {
    self.init(lowest: Int64(value), scale: 0)
  }
}

extension ExactDecimal: CustomStringConvertible {
  /// The shortest exact form: no exponent, no trailing zeros, `0.05` rather than `.05`. Valid JSON and SQL.
  public var description: String {
    var text: [UInt8] = []
    append(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the text of ``description``.
  package func append(to text: inout [UInt8]) {
    text.append(addingCapacity: mostBytes) { write(to: &$0) }
  }

  /// As many bytes as the text has at most: 39 digits or the fraction with a zero before it, a point and a sign.
  package var mostBytes: Int { max(39, scale + 1) + 2 }

  /// Appends the text of ``description`` where there is room for ``mostBytes``.
  func write(to out: inout OutputSpan<UInt8>) {
    let (magnitude, isNegative) = (coefficient.magnitude, coefficient < 0)
    // Most numbers have up to nineteen digits, which the machine divides by itself.
    if let small = UInt64(exactly: magnitude) {
      Self.write(small, isNegative: isNegative, scale: scale, to: &out)
    } else {
      Self.write(magnitude, isNegative: isNegative, scale: scale, to: &out)
    }
  }

  /// How many digits a number has; zero has one.
  @inline(__always) private static func numberOfDigits<Number: FixedWidthInteger & UnsignedInteger>(
    _ number: Number
  ) -> Int {
    var (digits, power) = (1, Number(10))
    while number >= power {
      digits += 1
      let (next, overflows) = power.multipliedReportingOverflow(by: 10)
      if overflows { break }
      power = next
    }
    return digits
  }

  /// Appends the digits of `magnitude × 10^-scale`, from the last one to the first.
  @inline(__always) static func write(
    _ magnitude: some FixedWidthInteger & UnsignedInteger, isNegative: Bool, scale: Int,
    to out: inout OutputSpan<UInt8>
  ) {
    let digits = numberOfDigits(magnitude)
    let whole = max(digits - scale, 1)
    let length = (isNegative ? 1 : 0) + whole + (scale > 0 ? scale + 1 : 0)
    precondition(length <= out.freeCapacity)
    unsafe out.withUnsafeMutableBufferPointer { buffer, count in
      guard let base = buffer.baseAddress else { return }
      var place = unsafe base + count + length
      var rest = magnitude
      func put(_ byte: UInt8) {
        unsafe place -= 1
        unsafe place.initialize(to: byte)
      }
      func putDigits(_ number: Int) {
        for _ in 0..<number {
          let tenth = rest / 10
          put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- tenth &* 10))
          rest = tenth
        }
      }
      if scale > 0 {
        putDigits(scale)
        put(UInt8(ascii: "."))
      }
      putDigits(whole)
      if isNegative { put(UInt8(ascii: "-")) }
      count += length
    }
  }
}

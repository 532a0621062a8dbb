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
    while scale > 0, Int64(exactly: coefficient) == nil, coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    // Most coefficients have 64 bits, which the machine divides by itself.
    if let small = Int64(exactly: coefficient) {
      self.init(small: small, scale: scale)
    } else {
      self.init(exactly: coefficient, scale: scale)
    }
  }

  private init(small coefficient: Int64, scale: Int) {
    var coefficient = coefficient
    var scale = scale
    while scale > 0, coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    self.init(lowest: coefficient, scale: scale)
  }

  /// A number that is in lowest terms already.
  package init(lowest coefficient: Int64, scale: Int) {
    self.init(exactly: Int128(coefficient), scale: scale)
  }

  private init(exactly coefficient: Int128, scale: Int) {
    self.coefficient = coefficient
    self.scale = scale
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
    smallDifference(left, right) ?? left + ExactDecimal(coefficient: -right.coefficient, scale: right.scale)
  }

  /// The difference of numbers that have 64 bits at the greater one of their scales; nil for others.
  private static func smallDifference(_ left: ExactDecimal, _ right: ExactDecimal) -> ExactDecimal? {
    let shift = left.scale - right.scale
    guard let a = Int64(exactly: left.coefficient), let b = Int64(exactly: right.coefficient),
      smallPowers.indices.contains(abs(shift))
    else { return nil }
    let power = smallPowers[abs(shift)]
    let (alignedA, overflowsA) = shift < 0 ? a.multipliedReportingOverflow(by: power) : (a, false)
    let (alignedB, overflowsB) = shift > 0 ? b.multipliedReportingOverflow(by: power) : (b, false)
    let (difference, overflows) = alignedA.subtractingReportingOverflow(alignedB)
    guard !overflowsA, !overflowsB, !overflows else { return nil }
    return ExactDecimal(small: difference, scale: max(left.scale, right.scale))
  }

  static func powerOfTen(_ exponent: Int) -> Int128 {
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}

extension ExactDecimal: Comparable {
  /// Exact order by value.
  public static func < (left: ExactDecimal, right: ExactDecimal) -> Bool { left.order(to: right) < 0 }

  /// How the number stands to another one, by value: negative where it is less, zero where it is the same, else positive.
  package func order(to other: ExactDecimal) -> Int {
    if let order = Self.orderInSmall(self, other) { return order }
    if (coefficient < 0) != (other.coefficient < 0) { return coefficient < 0 ? -1 : 1 }
    let scale = max(scale, other.scale)
    let (a, aOverflows) = Self.aligned(self, to: scale)
    let (b, bOverflows) = Self.aligned(other, to: scale)
    // Only the operand of the smaller scale is multiplied, so at most one side can overflow, and that side
    // is then the greater in magnitude.
    if aOverflows { return coefficient < 0 ? -1 : 1 }
    if bOverflows { return other.coefficient > 0 ? -1 : 1 }
    return Self.order(a, b)
  }

  /// Compares numbers whose coefficients have 64 bits and whose scales differ little, as nearly all do; nil for others.
  private static func orderInSmall(_ left: ExactDecimal, _ right: ExactDecimal) -> Int? {
    guard let a = Int64(exactly: left.coefficient), let b = Int64(exactly: right.coefficient) else {
      return nil
    }
    let difference = left.scale - right.scale
    if difference == 0 { return order(a, b) }
    guard smallPowers.indices.contains(abs(difference)) else { return nil }
    let power = smallPowers[abs(difference)]
    // A product without room in 64 bits lies beyond every number that has room.
    if difference < 0 {
      let (product, overflows) = a.multipliedReportingOverflow(by: power)
      return overflows ? (a < 0 ? -1 : 1) : order(product, b)
    }
    let (product, overflows) = b.multipliedReportingOverflow(by: power)
    return overflows ? (b > 0 ? -1 : 1) : order(a, product)
  }

  @inline(__always) private static func order<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
    left < right ? -1 : left == right ? 0 : 1
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

  /// The room that the text needs: 39 digits or the fraction with a zero before it, a point and a sign.
  package var mostBytes: Int { max(39, scale + 1) + 2 }

  /// Appends the text of ``description`` where there is room for ``mostBytes``.
  func write(to out: inout OutputSpan<UInt8>) { out.writing(mostBytes) { $0.put(self) } }
}

import LogModel

/// Reads numbers as logged into exact decimals (1-correlation-data, Numbers).
enum NumberReader {
  /// What a text was read as.
  enum Reading: Equatable {
    case number(ExactDecimal)
    /// The text is no number, or has more than 18 significant digits.
    case malformed
    /// The magnitude is 10^15 or more, or more than 30 digits stand after the point.
    case outOfRange
  }

  /// The most significant digits that a number may have. Leading zeros and trailing zeros of a fraction do not count.
  static let maximumSignificantDigits = 18
  /// Magnitudes from 10 to this power on are out of range.
  static let magnitudeLimit = 15
  /// The most digits that may stand after the point.
  static let maximumScale = 30

  /// Reads the whole range: a sign, ASCII digits with or without a point, an exponent.
  static func read(_ text: Span<UInt8>, in range: Range<Int>) -> Reading {
    plain(text, in: range).map { .number($0.exact) } ?? readAny(text, in: range)
  }

  /// Reads a number below 10^15 of at most 18 digits, without an exponent. Nearly all numbers are so. Nil for other texts, numbers or not.
  @inline(__always) static func plain(_ text: Span<UInt8>, in range: Range<Int>) -> SmallDecimal? {
    let digits = text.extracting(range)
    guard 1...maximumSignificantDigits + 2 ~= digits.count else { return nil }
    let isNegative = digits[0] == UInt8(ascii: "-")
    let start = isNegative || digits[0] == UInt8(ascii: "+") ? 1 : 0
    var coefficient: UInt64 = 0
    var (position, point) = (start, digits.count)
    while position < digits.count {
      let byte = digits[position]
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        coefficient = coefficient &* 10 &+ UInt64(digit)
      } else {
        guard byte == UInt8(ascii: "."), point == digits.count else { return nil }
        point = position
      }
      position &+= 1
    }
    var places = max(0, digits.count &- point &- 1)
    let (whole, count) = (point &- start, point &- start &+ places)
    guard 1...maximumSignificantDigits ~= count, whole <= magnitudeLimit else { return nil }
    guard coefficient > 0 else { return SmallDecimal(lowest: 0, scale: 0) }
    while places > 0 {
      let (tenth, digit) = coefficient.quotientAndRemainder(dividingBy: 10)
      guard digit == 0 else { break }
      coefficient = tenth
      places -= 1
    }
    let value = Int64(truncatingIfNeeded: coefficient)
    return SmallDecimal(lowest: isNegative ? 0 &- value : value, scale: places)
  }

  private static func readAny(_ text: Span<UInt8>, in range: Range<Int>) -> Reading {
    var position = range.lowerBound
    var isNegative = false
    if position < range.upperBound, text[position] == UInt8(ascii: "-") || text[position] == UInt8(ascii: "+")
    {
      isNegative = text[position] == UInt8(ascii: "-")
      position += 1
    }
    var digits = DigitCollector()
    while position < range.upperBound, text[position].isASCIIDigit {
      digits.take(text[position], isFraction: false)
      position += 1
    }
    if position < range.upperBound, text[position] == UInt8(ascii: ".") {
      position += 1
      while position < range.upperBound, text[position].isASCIIDigit {
        digits.take(text[position], isFraction: true)
        position += 1
      }
    }
    guard digits.hasAny, let exponent = exponent(text, &position, end: range.upperBound),
      position == range.upperBound
    else { return .malformed }
    guard digits.significant <= maximumSignificantDigits else { return .malformed }
    return place(digits, exponent: exponent, isNegative: isNegative)
  }

  /// Reads an exponent: `e-05` is -5. 0 where the number has none, nil where it is malformed. A large exponent is cut to
  /// a value that is still outside every range.
  private static func exponent(_ text: Span<UInt8>, _ position: inout Int, end: Int) -> Int? {
    guard position < end, text[position] | 0x20 == UInt8(ascii: "e") else { return 0 }
    position += 1
    var isNegative = false
    if position < end, text[position] == UInt8(ascii: "-") || text[position] == UInt8(ascii: "+") {
      isNegative = text[position] == UInt8(ascii: "-")
      position += 1
    }
    guard position < end, text[position].isASCIIDigit else { return nil }
    var magnitude = 0
    while position < end, text[position].isASCIIDigit {
      magnitude = min(magnitude * 10 + Int(text[position] - UInt8(ascii: "0")), 1_000_000_000)
      position += 1
    }
    return isNegative ? -magnitude : magnitude
  }

  private static func place(_ digits: DigitCollector, exponent: Int, isNegative: Bool) -> Reading {
    guard digits.coefficient > 0 else { return .number(.zero) }
    var coefficient = digits.coefficient
    var significant = digits.significant
    var places = digits.fractionDigits - exponent
    while places > 0, coefficient % 10 == 0 {
      coefficient /= 10
      significant -= 1
      places -= 1
    }
    guard places <= maximumScale, significant - places <= magnitudeLimit else { return .outOfRange }
    var value = Int128(coefficient)
    while places < 0 {
      value *= 10
      places += 1
    }
    return .number(ExactDecimal(coefficient: isNegative ? -value : value, scale: places))
  }
}

/// A decimal of at most 18 digits in lowest terms, as nearly all are that are logged.
struct SmallDecimal {
  /// The digits, with the sign.
  let coefficient: Int64
  /// How many of the digits stand after the point, from 0 to 18.
  let scale: Int

  static let powersOfTen: [Int64] = (0...NumberReader.maximumSignificantDigits).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  fileprivate init(lowest coefficient: Int64, scale: Int) {
    (self.coefficient, self.scale) = (coefficient, scale)
  }

  /// The same number as others are kept.
  var exact: ExactDecimal { ExactDecimal(lowest: coefficient, scale: scale) }
}

/// Collects the digits of a number. Zeros of a fraction are held until another digit follows, because trailing ones do
/// not count.
private struct DigitCollector {
  private(set) var coefficient: UInt64 = 0
  /// How many digits of the coefficient stand after the point.
  private(set) var fractionDigits = 0
  private(set) var significant = 0
  private(set) var hasAny = false
  private var waitingZeros = 0

  mutating func take(_ digit: UInt8, isFraction: Bool) {
    hasAny = true
    if digit == UInt8(ascii: "0"), isFraction {
      waitingZeros += 1
      return
    }
    for _ in 0..<waitingZeros {
      push(0)
      fractionDigits += 1
    }
    waitingZeros = 0
    push(UInt64(digit - UInt8(ascii: "0")))
    if isFraction { fractionDigits += 1 }
  }

  private mutating func push(_ digit: UInt64) {
    if coefficient > 0 || digit > 0 { significant += 1 }
    // A number of more than 18 digits is malformed, so its coefficient is not kept up.
    if significant <= NumberReader.maximumSignificantDigits { coefficient = coefficient * 10 + digit }
  }
}

/// A decimal number as digits on paper: a second, slow reading of the numbers of 1-correlation-data, Numbers
/// without any integer of a width.
struct SlowNumber: Equatable {
  /// What a text is.
  enum Reading: Equatable {
    case number(SlowNumber)
    case malformed, outOfRange
  }

  /// Without zeros at either end; empty for zero.
  var digits: [Int]
  /// The power of ten of the digit behind the last one's left neighbour: 0.05 is [5] at -2, 500 is [5] at 2.
  var exponent: Int
  var isNegative: Bool

  /// Reads a text: sign, digits with or without a point, exponent.
  static func read(_ text: [UInt8]) -> Reading {
    var rest = text[...]
    let isNegative = takeSign(&rest)
    let whole = takeDigits(&rest)
    var fraction: [Int] = []
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = takeDigits(&rest)
    }
    guard !(whole + fraction).isEmpty else { return .malformed }
    var shift: [Int] = []
    var shiftsDown = false
    if let letter = rest.first, letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") {
      rest.removeFirst()
      shiftsDown = takeSign(&rest)
      shift = takeDigits(&rest)
      if shift.isEmpty { return .malformed }
    }
    guard rest.isEmpty else { return .malformed }

    // Leading zeros and trailing zeros of a fraction do not count; those of a whole number do.
    var counted = fraction
    while counted.last == 0 { counted.removeLast() }
    counted = Array((whole + counted).drop { $0 == 0 })
    guard counted.count <= 18 else { return .malformed }

    var digits = Array((whole + fraction).drop { $0 == 0 })
    var exponent = -fraction.count
    while digits.last == 0 {
      digits.removeLast()
      exponent += 1
    }
    guard !digits.isEmpty else { return .number(SlowNumber(digits: [], exponent: 0, isNegative: false)) }
    shift = Array(shift.drop { $0 == 0 })
    // No input has so many digits that an exponent of ten digits brings it back into range.
    guard shift.count < 10 else { return .outOfRange }
    let distance = shift.reduce(0) { $0 * 10 + $1 }
    exponent += shiftsDown ? -distance : distance
    guard exponent >= -30, digits.count + exponent <= 15 else { return .outOfRange }
    return .number(SlowNumber(digits: digits, exponent: exponent, isNegative: isNegative))
  }

  /// The shortest text without exponent.
  var text: String {
    guard !digits.isEmpty else { return "0" }
    var all = digits.map(String.init).joined()
    if exponent >= 0 {
      all += String(repeating: "0", count: exponent)
    } else {
      all = String(repeating: "0", count: max(0, 1 - exponent - digits.count)) + all
      all = "\(all.dropLast(-exponent)).\(all.suffix(-exponent))"
    }
    return (isNegative ? "-" : "") + all
  }

  private static func takeSign(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { return false }
    rest.removeFirst()
    return sign == UInt8(ascii: "-")
  }

  private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> [Int] {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    return digits.map { Int($0) - 48 }
  }
}

extension SlowNumber {
  /// Every digit from 10^15 down to 10^-32, with the sign: a column each.
  private var columns: [Int] {
    var columns = Array(repeating: 0, count: 48)
    for (index, digit) in digits.enumerated() {
      columns[15 - (exponent + digits.count - 1 - index)] = isNegative ? -digit : digit
    }
    return columns
  }

  /// The sum, column by column.
  static func + (left: SlowNumber, right: SlowNumber) -> SlowNumber {
    var sums = zip(left.columns, right.columns).map(+)
    let isNegative = (sums.first { $0 != 0 } ?? 0) < 0
    if isNegative { sums = sums.map { -$0 } }
    for index in sums.indices.dropFirst().reversed() {
      while sums[index] < 0 {
        sums[index] += 10
        sums[index - 1] -= 1
      }
      while sums[index] > 9 {
        sums[index] -= 10
        sums[index - 1] += 1
      }
    }
    var exponent = -32
    while sums.last == 0 {
      sums.removeLast()
      exponent += 1
    }
    let digits = Array(sums.drop { $0 == 0 })
    return digits.isEmpty
      ? SlowNumber(digits: [], exponent: 0, isNegative: false)
      : SlowNumber(digits: digits, exponent: exponent, isNegative: isNegative)
  }

  /// The same with the other sign.
  static prefix func - (number: SlowNumber) -> SlowNumber {
    SlowNumber(
      digits: number.digits, exponent: number.exponent,
      isNegative: !number.isNegative && !number.digits.isEmpty)
  }
}

import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Decimals against a second implementation: schoolbook arithmetic on strings of digits.
@Suite struct NumberTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let text: String
    let expected: NumberReader.Reading
    var testDescription: String { text }

    /// `value` is the shortest text of the number; nil where there is none.
    init(_ text: String, _ expected: NumberReader.Reading) {
      self.text = text
      self.expected = expected
    }
  }

  static func number(_ coefficient: Int128, _ scale: Int = 0) -> NumberReader.Reading {
    .number(ExactDecimal(coefficient: coefficient, scale: scale))
  }

  @Test(arguments: [
    Row("0", number(0)), Row("-0", number(0)), Row("0.000", number(0)), Row("0e-400", number(0)),
    Row("+0.5", number(5, 1)), Row(".5", number(5, 1)), Row("5.", number(5)), Row("007", number(7)),
    Row("0.55", number(55, 2)), Row("-3.2e-01", number(-32, 2)), Row("1.2e-05", number(12, 6)),
    Row("1e14", number(100_000_000_000_000)), Row("100", number(100)), Row("1E+2", number(100)),
    // 18 significant digits are kept, whatever zeros stand around them; 19 are not.
    Row("123456789012345.678", number(123_456_789_012_345_678, 3)),
    Row("0.000123456789012345678", number(123_456_789_012_345_678, 21)),
    Row("0.1234567890123456780000", number(123_456_789_012_345_678, 18)),
    Row("0.1234567890123456789", .malformed), Row("1234567890123456789", .malformed),
    Row("100000000000000000", .outOfRange), Row("1000000000000000000", .malformed),
    // A magnitude of 10^15 or more; more than 30 digits after the point.
    Row("999999999999999", number(999_999_999_999_999)), Row("1000000000000000", .outOfRange),
    Row("1e15", .outOfRange), Row("-1e15", .outOfRange), Row("1e400", .outOfRange),
    Row("1e99999999999999999999", .outOfRange),
    Row("1e-30", number(1, 30)), Row("1e-31", .outOfRange), Row("10e-31", number(1, 30)),
    Row("5e-324", .outOfRange),
    Row("", .malformed), Row("-", .malformed), Row(".", .malformed), Row("1e", .malformed),
    Row("1e+", .malformed),
    Row("0,55", .malformed), Row("1 204", .malformed), Row("1_000", .malformed), Row("0x10", .malformed),
    Row("−0.3", .malformed), Row("٣", .malformed), Row("--1", .malformed), Row("1.2.3", .malformed),
    Row("np.float64(0.5)", .malformed), Row("1\u{A0}204", .malformed),
  ])
  func reading(row: Row) {
    let bytes = Array(row.text.utf8)
    #expect(NumberReader.read(bytes.span, in: 0..<bytes.count) == row.expected)
  }

  /// A number in range reads as itself, however it is spelled.
  @Test(arguments: 1...8) func spellings(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let digits = SlowDecimal.randomDigits(Int.random(in: 1...18, using: &random), &random)
      let scale = Int.random(in: max(0, digits.count - 15)...30, using: &random)
      let slow = SlowDecimal(digits: digits, scale: scale, isNegative: Bool.random(using: &random))
      for spelling in slow.spellings(&random) {
        let bytes = Array(spelling.utf8)
        guard case .number(let number) = NumberReader.read(bytes.span, in: 0..<bytes.count) else {
          Issue.record("\(spelling) is no number")
          continue
        }
        #expect(number.description == slow.text, "\(spelling)")
      }
    }
  }

  @Test(arguments: 1...8) func sumsDifferencesAndOrder(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let (left, right) = (SlowDecimal.randomFraction(&random), SlowDecimal.randomFraction(&random))
      let (a, b) = (left.exact, right.exact)
      #expect((a + b).description == left.adding(right).text)
      #expect((a - b).description == left.adding(right.negated).text)
      #expect((a < b) == left.isLess(than: right))
      #expect((a == b) == (left.text == right.text))
      #expect(a.shifted(by: 2).description == SlowDecimal(text: left.text).shiftedByTwo.text)
    }
  }

  /// Operands so far apart that they cannot be brought to one scale.
  @Test func orderAcrossAllMagnitudes() {
    let ascending = [
      ExactDecimal(coefficient: -999_999_999_999_999), ExactDecimal(coefficient: -1, scale: 30), .zero,
      ExactDecimal(coefficient: 1, scale: 30), ExactDecimal(coefficient: 2, scale: 30), 1,
      999_999_999_999_999,
    ]
    for (index, left) in ascending.enumerated() {
      for (other, right) in ascending.enumerated() { #expect((left < right) == (index < other)) }
    }
  }

  @Test func thresholdsAreMetExactly() {
    let delta = ExactDecimal(coefficient: 55, scale: 2) - ExactDecimal(coefficient: 50, scale: 2)
    #expect(delta == ExactDecimal(coefficient: 5, scale: 2))
    #expect(!(delta > ExactDecimal(coefficient: 5, scale: 2)))
  }
}

/// A decimal as a string of digits, most significant first, with the number of those after the point.
private struct SlowDecimal {
  var digits: [Int]
  var scale: Int
  var isNegative: Bool

  init(digits: [Int], scale: Int, isNegative: Bool) {
    (self.digits, self.scale, self.isNegative) = (digits, scale, isNegative)
  }

  init(text: String) {
    let parts = text.drop { $0 == "-" }.split(separator: ".")
    digits = parts.joined().compactMap(\.wholeNumberValue)
    scale = parts.count == 2 ? parts[1].count : 0
    isNegative = text.hasPrefix("-")
  }

  static func randomDigits(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
    var digits = (0..<count).map { _ in Int.random(in: 0...9, using: &random) }
    digits[0] = Int.random(in: 1...9, using: &random)
    return digits
  }

  static func randomFraction(_ random: inout SeededGenerator) -> SlowDecimal {
    let digits = randomDigits(Int.random(in: 1...6, using: &random), &random)
    return SlowDecimal(
      digits: digits, scale: digits.count + Int.random(in: 0...2, using: &random),
      isNegative: Bool.random(using: &random))
  }

  /// The shortest text.
  var text: String {
    var padded = Array(repeating: 0, count: max(0, scale + 1 - digits.count)) + digits
    var places = scale
    while places > 0, padded.last == 0 {
      padded.removeLast()
      places -= 1
    }
    while padded.count > places + 1, padded.first == 0 { padded.removeFirst() }
    let all = padded.map(String.init).joined()
    let number = places == 0 ? all : "\(all.dropLast(places)).\(all.suffix(places))"
    return isNegative && padded.contains { $0 != 0 } ? "-" + number : number
  }

  /// The same number with zeros around it, and with an exponent.
  func spellings(_ random: inout SeededGenerator) -> [String] {
    let sign = isNegative ? "-" : ["", "+"].randomElement(using: &random) ?? ""
    let plain = text.drop { $0 == "-" }
    let zeros = String(repeating: "0", count: Int.random(in: 0...40, using: &random))
    let shift = Int.random(in: 0...9, using: &random)
    let moved = SlowDecimal(digits: digits, scale: scale + shift, isNegative: false).text
    let all = digits.map(String.init).joined()
    let trailing = plain.contains(".") ? zeros : ""
    return ["\(plain)", "\(zeros)\(plain)", "\(plain)\(trailing)", "\(all)e-\(scale)", "\(moved)E+\(shift)"]
      .map { sign + $0 }
  }

  var negated: SlowDecimal { SlowDecimal(digits: digits, scale: scale, isNegative: !isNegative) }
  var shiftedByTwo: SlowDecimal {
    scale >= 2
      ? SlowDecimal(digits: digits, scale: scale - 2, isNegative: isNegative)
      : SlowDecimal(digits: digits + Array(repeating: 0, count: 2 - scale), scale: 0, isNegative: isNegative)
  }
  var exact: ExactDecimal {
    let coefficient = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
    return ExactDecimal(coefficient: isNegative ? -coefficient : coefficient, scale: scale)
  }

  func isLess(than other: SlowDecimal) -> Bool {
    let difference = adding(other.negated)
    return difference.isNegative && difference.digits.contains { $0 != 0 }
  }

  /// Column by column, as on paper.
  func adding(_ other: SlowDecimal) -> SlowDecimal {
    let places = max(scale, other.scale)
    func columns(_ number: SlowDecimal) -> [Int] {
      let all = number.digits + Array(repeating: 0, count: places - number.scale)
      return (Array(repeating: 0, count: 40 - all.count) + all).map { number.isNegative ? -$0 : $0 }
    }
    var sums = zip(columns(self), columns(other)).map { $0 + $1 }
    let isNegative = (sums.first { $0 != 0 } ?? 0) < 0
    if isNegative { sums = sums.map { -$0 } }
    for index in sums.indices.reversed().dropLast() {
      var carry = sums[index] / 10
      if sums[index] % 10 < 0 { carry -= 1 }
      sums[index] -= carry * 10
      sums[index - 1] += carry
    }
    return SlowDecimal(digits: sums, scale: places, isNegative: isNegative)
  }
}

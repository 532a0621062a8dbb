import CorrelationGrammar
import LogModel
import TestSupport
import Testing

@Suite struct DecimalTextTests {
  @Test(
    arguments: [
      (0, 0, "0"), (7, 0, "7"), (-7, 0, "-7"), (120, 0, "120"), (5, 2, "0.05"), (-5, 2, "-0.05"),
      (5, 1, "0.5"),
      (12345, 2, "123.45"), (-12345, 5, "-0.12345"), (12345, 4, "1.2345"),
      (1, 30, "0.000000000000000000000000000001"),
      (999_999_999_999_999_999, 18, "0.999999999999999999"), (500, 2, "5"),
      (18_446_744_073_709_551_616, 0, "18446744073709551616"),
      (-18_446_744_073_709_551_617, 3, "-18446744073709551.617"),
      (Int128.max, 0, "170141183460469231731687303715884105727"),
      (Int128.min, 38, "-1.70141183460469231731687303715884105728"),
      (Int128.max, 40, "0.0170141183460469231731687303715884105727"),
    ] as [(Int128, Int, String)])
  func theShortestExactForm(coefficient: Int128, scale: Int, text: String) {
    #expect(ExactDecimal(coefficient: coefficient, scale: scale).description == text)
  }

  /// Digits are written eight at a time. Numbers of every length and with a point at every place are written as their digits are put
  /// together by hand.
  @Test func numbersOfEveryLengthWithAPointAtEveryPlace() {
    var random = SeededGenerator(seed: 1)
    for length in 1...21 {
      for scale in 0...32 {
        for isNegative in [false, true] {
          // No zero ends the digits, so that they stay as they are.
          let digits = (1...length).map { place in
            place == 1 || place == length
              ? Int.random(in: 1...9, using: &random) : [0, 0, 9, 5].randomElement(using: &random) ?? 0
          }
          let coefficient = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) } * (isNegative ? -1 : 1)
          let padded = Array(repeating: 0, count: max(0, scale + 1 - length)) + digits
          var text = padded.map(String.init).joined()
          if scale > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -scale)) }
          #expect(
            ExactDecimal(coefficient: coefficient, scale: scale).description == (isNegative ? "-" : "") + text
          )
        }
      }
    }
  }
}

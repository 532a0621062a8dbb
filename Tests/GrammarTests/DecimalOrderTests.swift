import LogModel
import Testing

/// Exact decimals in their order, whatever their sizes and scales.
@Suite struct DecimalOrderTests {
  /// Each number is less than the next.
  static let ascending: [(coefficient: Int128, scale: Int)] = [
    (Int128.min, 0), (-9_223_372_036_854_775_809, 0), (-9_223_372_036_854_775_808, 0),
    (-92_233_720_368_547_758_075, 1), (-9_223_372_036_854_775_807, 0), (-1_000_000_000_000_000_001, 18),
    (-1, 0), (-55, 2), (-5, 1), (-1, 18), (-1, 19), (-1, 30), (0, 0), (1, 40), (1, 30), (1, 19), (11, 19),
    (5, 2), (499_999_999_999_999_999, 18), (5, 1), (500_000_000_000_000_001, 18), (55, 2), (1, 0),
    (1_000_000_000_000_000_001, 18), (11, 1), (2, 0), (10, 0), (999_999_999_999_999, 0),
    (9_223_372_036_854_775_807, 0), (92_233_720_368_547_758_075, 1), (9_223_372_036_854_775_808, 0),
    (Int128.max, 1), (Int128.max, 0),
  ]

  @Test func `compares every two of them`() {
    let numbers = Self.ascending.map { ExactDecimal(coefficient: $0.coefficient, scale: $0.scale) }
    for (index, left) in numbers.enumerated() {
      for (other, right) in numbers.enumerated() {
        #expect((left < right) == (index < other), "\(left) and \(right)")
      }
    }
  }
}

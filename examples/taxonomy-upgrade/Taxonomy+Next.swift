import Diagnosis
import LogModel

extension Taxonomy {
  /// The version behind the current one, as an example: a gain of over 3 points is no longer marginal, and the stop-loss is too tight over
  /// 45 % of the exits. Everything else is as before.
  ///
  /// In a release such a file stands in `Sources/Diagnosis`, names its version by its number, and `Taxonomy.all` ends with it.
  static let next = {
    var thresholds = Thresholds()
    thresholds.marginalGain = ExactDecimal(coefficient: 3, scale: 2)
    thresholds.stopLossShare = 45
    return Taxonomy(version: current.version + 1, thresholds: thresholds)
  }()
}

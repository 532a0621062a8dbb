/// The buffers of a classifier that judges many records one after another (``Classifier/verdict(on:using:)``).
public struct VerdictBuffers: Sendable {
  /// What each rule says of the record at hand.
  var states: [RuleState] = []
  /// The sentence of the verdict at hand.
  var text: [UInt8] = []

  /// Empty buffers.
  public init() {}
}

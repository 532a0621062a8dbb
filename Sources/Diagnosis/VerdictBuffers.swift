import LogModel

/// The buffers of a classifier that judges many records one after another (``Classifier/verdict(on:using:)``).
public struct VerdictBuffers: ~Copyable, Sendable {
  /// What each rule says of the record at hand.
  var findings: [RuleFinding] = []
  /// The sentence of the verdict at hand.
  var text = TextBuffer()

  /// Empty buffers.
  public init() {}
}

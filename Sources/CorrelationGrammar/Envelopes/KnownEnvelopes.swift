public import LogModel

extension LogEnvelope {
  /// What people are told of an envelope.
  public struct Description: Sendable {
    /// The envelope.
    public let name: LogEnvelope
    /// A line of it, `…` for the message; nil where only a line format tells how one looks.
    public let example: String?
    /// What else is said of it; may be empty.
    public let remark: String
  }

  /// Every envelope, in the order in which lines are tried.
  public static let known: [Description] = EnvelopeDefinition.all.map { definition in
    Description(
      name: definition.name, example: definition.examples.first,
      remark: definition.remark.replacing("`", with: ""))
  }
}

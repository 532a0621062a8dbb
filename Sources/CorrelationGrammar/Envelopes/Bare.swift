public import LogModel

extension LogEnvelope {
  /// Text without an envelope.
  public static let bare = LogEnvelope(rawValue: "bare")
}

/// A line without envelope: the next message line of an unfinished text record, else a record of its own (2-log-envelopes,
/// Envelopes: bare). All bare records of a log are of one stream.
enum Bare {
  static let definition = EnvelopeDefinition(
    name: .bare, examples: ["…"], remark: "anything else", opening: Opening(), recogniser: .anyOther,
    shape: .loose)
}

/// The name of an envelope, of what surrounds a log's messages (2-log-envelopes, Envelopes).
///
/// Each name is declared beside the envelope's definition, in `CorrelationGrammar/Envelopes`.
public struct LogEnvelope: RawRepresentable, Sendable, Hashable {
  /// The name as the specification and the outputs write it: `airflow2-text`.
  public let rawValue: String

  /// The envelope with a name.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}

/// Why a request got no answer. Never holds credentials.
public struct HTTPFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Sendable, Hashable {
    /// No such host, nobody listens, the connection broke, no answer in time: may pass.
    case unreachable
    /// The server's certificate, or TLS itself.
    case tls
    /// The URL is none that can be asked, or a setting cannot be used.
    case invalid
    /// The answer is longer than the limit.
    case tooLong
    /// The answer had begun and ends before its end: may pass.
    case cut
    /// The program is to end.
    case interrupted
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// What happened, in one sentence.
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}

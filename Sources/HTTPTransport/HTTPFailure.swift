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

extension HTTPFailure {
  /// What to say of a server that gave no answer, or none that helps, after so many tries.
  public static func advice(after tries: Int) -> String {
    "tried \(tries) times; check that the server runs, the URL, and what stands between (a proxy, a network policy)"
  }

  /// What to try with a certificate that is not taken; nil for everything else.
  public var certificateAdvice: String? {
    guard kind == .tls else { return nil }
    if description.contains("has expired") { return "the server needs a new certificate" }
    if description.contains("revoked") {
      return "its authority no longer stands by it: the server needs a new certificate"
    }
    if description.contains("not yet valid") { return "check the clock of this machine" }
    if description.contains("CRL") {
      return
        "the file of authorities holds revocation lists: each authority of the chain needs one, and a new one in time"
    }
    if description.contains("subject name") { return "use a name or address that stands in the certificate" }
    return "name the authority of a private one with --ca-file, CURL_CA_BUNDLE or SSL_CERT_FILE"
  }
}

public import LogModel
import Synchronization

/// Keys for an object store. No message and no log shows them.
public struct Credentials: Sendable, Hashable, CustomStringConvertible {
  let accessKeyID: String
  let secretKey: String
  let sessionToken: String?
  /// When the keys expire; nil if they never do.
  let expiry: LogTime?

  /// Keys.
  public init(accessKeyID: String, secretKey: String, sessionToken: String? = nil, expiry: LogTime? = nil) {
    self.accessKeyID = accessKeyID
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expiry = expiry
  }

  /// A word in place of the keys, so that nobody prints them by mistake.
  public var description: String { "credentials" }
}

/// Where the keys come from.
enum CredentialSource: Sendable, Hashable {
  /// The environment or a file.
  case fixed(Credentials)
  /// A token that Kubernetes gives the pod. It is exchanged for keys that expire.
  case webIdentity(WebIdentity)
}

/// Fetches keys when they are first needed, and again before they expire. Any number of threads may use it.
final class CredentialStore: Sendable {
  /// Keys are fetched again this long before they expire.
  private static let margin: Int64 = 300 * 1_000_000

  private let source: CredentialSource
  private let current = Mutex<Credentials?>(nil)

  init(_ source: CredentialSource) {
    self.source = source
  }

  /// Keys that are valid now.
  /// - Parameters:
  ///   - now: The present.
  ///   - exchange: Exchanges a token for keys. One thread at a time calls it, and the others wait.
  /// - Returns: The keys.
  /// - Throws: What `exchange` throws.
  func credentials(
    at now: LogTime, exchange: (WebIdentity) throws(StoreFailure) -> Credentials
  ) throws(StoreFailure) -> Credentials {
    switch source {
    case .fixed(let credentials): return credentials
    case .webIdentity(let identity):
      return try current.withLock { (current) throws(StoreFailure) in
        if let known = current, now.microseconds < (known.expiry?.microseconds ?? .max) - Self.margin {
          return known
        }
        let fresh = try exchange(identity)
        current = fresh
        return fresh
      }
    }
  }
}

public import LogModel
import Synchronization

/// Keys for an object store. Nothing prints them.
public struct Credentials: Sendable, Hashable, CustomStringConvertible {
  let accessKeyID: String
  let secretKey: String
  let sessionToken: String?
  /// When they stop being good; nil when they do not.
  let expiry: LogTime?

  /// Keys.
  public init(accessKeyID: String, secretKey: String, sessionToken: String? = nil, expiry: LogTime? = nil) {
    self.accessKeyID = accessKeyID
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expiry = expiry
  }

  /// No more than that they are there.
  public var description: String { "credentials" }
}

/// Where the keys come from.
enum CredentialSource: Sendable, Hashable {
  /// The environment or a file.
  case fixed(Credentials)
  /// A token of the pod, exchanged for keys that expire.
  case webIdentity(WebIdentity)
}

/// Keys that are fetched when they are first needed and again before they expire; for any number of threads.
final class CredentialStore: Sendable {
  /// Fetched again this long before they expire.
  private static let margin: Int64 = 300 * 1_000_000

  private let source: CredentialSource
  private let current = Mutex<Credentials?>(nil)

  init(_ source: CredentialSource) {
    self.source = source
  }

  /// Keys that are good now.
  /// - Parameters:
  ///   - now: The present.
  ///   - exchange: Exchanges a token for keys; one thread at a time does so, the others wait for it.
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

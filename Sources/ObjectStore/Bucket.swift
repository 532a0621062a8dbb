import Glibc
import HTTPTransport
import LogInput
import LogModel

/// How long trouble of an object store that may pass is waited out.
public struct StorePatience: Sendable, Hashable {
  /// How often a request is tried at most, as long as it makes no progress.
  public var attempts: Int
  /// The pause after the first failure; each further one is twice as long.
  var firstPause = Duration.milliseconds(100)
  /// No pause is longer.
  var longestPause = Duration.seconds(5)
  /// After this long without progress nothing is tried again.
  var limit = Duration.seconds(300)

  /// Patience.
  public init(attempts: Int = 18) {
    self.attempts = max(1, attempts)
  }

  /// The pause after a failure, numbered from 1: between three quarters of it and all of it, so that those who failed together do
  /// not come back together.
  func pause(after failures: Int) -> Duration {
    let whole = min(longestPause, firstPause * (1 << min(failures - 1, 20)))
    return whole * Double.random(in: 0.75...1)
  }
}

/// A bucket of an object store, and how it is reached; for any number of threads.
public final class Bucket: Sendable {
  /// The bucket's name.
  public let name: String

  let configuration: StoreConfiguration
  let patience: StorePatience
  let userAgent: String
  let isStopping: @Sendable () -> Bool
  let credentials: CredentialStore
  /// `https://host[:port][/path]`, without the bucket where the URL's path names it.
  private let base: String
  /// What the header `Host` says.
  let host: String
  /// The path that all keys are below, encoded.
  private let basePath: String

  /// A bucket; nothing is asked yet.
  /// - Parameters:
  ///   - name: The bucket's name.
  ///   - configuration: How the store is reached.
  ///   - patience: How trouble that may pass is waited out.
  ///   - userAgent: Who asks: program and version.
  ///   - isStopping: Whether the program is to end.
  public init(
    _ name: String, configuration: StoreConfiguration, patience: StorePatience, userAgent: String,
    isStopping: @escaping @Sendable () -> Bool
  ) {
    self.name = name
    self.configuration = configuration
    self.patience = patience
    self.userAgent = userAgent
    self.isStopping = isStopping
    credentials = CredentialStore(configuration.credentials)
    let region = configuration.region
    let (scheme, host, path): (String, String, String)
    if let endpoint = configuration.endpoint {
      scheme = endpoint.description.hasPrefix("https:") ? "https" : "http"
      host = endpoint.host
      path = String(endpoint.description.dropFirst("\(scheme)://\(host)".count))
    } else {
      (scheme, host, path) = ("https", "s3.\(region).\(AWSHost.suffix(region))", "")
    }
    // The certificate of `*.host` is not good for a bucket with a dot in its name, and no host has a tenant's colon in it.
    let isInPath =
      configuration.addressing == .path || (scheme == "https" && name.contains(".")) || name.contains(":")
    self.host = isInPath ? host : "\(name).\(host)"
    base = "\(scheme)://\(self.host)"
    basePath = isInPath ? "\(path)/\(URLEncoding.encoded(name.utf8))" : path
  }

  /// The URL's path for a key, encoded; for the bucket itself without one.
  func path(of key: [UInt8]?) -> String {
    guard let key else { return basePath.isEmpty ? "/" : basePath }
    return "\(basePath)/\(URLEncoding.encoded(key, keepingSlashes: true))"
  }

  /// The URL for a path and a query.
  func url(_ path: String, _ query: [(name: String, value: String)]) -> String {
    base + path + (query.isEmpty ? "" : "?" + RequestSigner.queryText(query))
  }

  /// `s3://bucket/key`: the location of an object, in messages and in the ledger.
  public func location(of key: [UInt8]) -> String { "s3://\(name)/\(LocationText.of(key))" }

  /// Waits before something is tried again; not when the program is to end.
  func pause(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end, !isStopping() { usleep(20_000) }
  }
}

extension Bucket: Hashable {
  /// Whether it is the very same.
  public static func == (left: Bucket, right: Bucket) -> Bool { left === right }

  /// Hashes which one it is.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

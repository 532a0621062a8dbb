import Glibc
import HTTPTransport
import LogModel

/// A token that Kubernetes puts into a pod, with the role whose keys it is exchanged for (`AssumeRoleWithWebIdentity`).
struct WebIdentity: Sendable, Hashable {
  let role: String
  let tokenFile: String
  let session: String
  let endpoint: HTTPAddress

  init(
    role: String, tokenFile: String, session: String?, region: String, endpoint: String?
  ) throws(ConfigurationFailure) {
    self.role = role
    self.tokenFile = tokenFile
    self.session = session ?? "corrparse"
    self.endpoint = try StoreConfiguration.address(
      endpoint ?? "https://sts.\(region).\(AWSHost.suffix(region))", of: "the endpoint of STS")
  }

  /// The request for keys. The token is in the body, because proxies write URLs into their logs.
  func request(token: String) -> HTTPRequest {
    let fields = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session), ("WebIdentityToken", token),
    ]
    let form = fields.map { "\($0)=\(URLEncoding.encoded($1.utf8))" }.joined(separator: "&")
    return HTTPRequest(.post(form: form), endpoint.description + "/")
  }

  /// The keys in an answer; nil if it has none.
  static func credentials(in answer: [UInt8]) -> Credentials? {
    var found: [String: String] = [:]
    let reader = XMLReader { event in
      if case .ended(let name, let text) = event { found[name] = String(decoding: text, as: UTF8.self) }
    }
    guard let reader, reader.feed(answer, isLast: true), let id = found["AccessKeyId"],
      let secret = found["SecretAccessKey"], let token = found["SessionToken"],
      let expiry = found["Expiration"].flatMap({ LogTime($0) })
    else { return nil }
    return Credentials(accessKeyID: id, secretKey: secret, sessionToken: token, expiry: expiry)
  }
}

/// The hosts of AWS itself.
enum AWSHost {
  /// The domain of a region's hosts.
  static func suffix(_ region: String) -> String {
    region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
  }
}

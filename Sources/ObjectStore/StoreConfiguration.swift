import HTTPTransport

/// How an object store is reached, as AWS's own programs are told: by the environment, and by the files that they share.
public struct StoreConfiguration: Sendable, Hashable {
  /// How a URL names the bucket.
  public enum Addressing: String, Sendable, Hashable {
    /// `https://endpoint/bucket/key`.
    case path
    /// `https://bucket.endpoint/key`.
    case virtualHost = "virtual"
  }

  /// The store's URL; nil for AWS itself.
  var endpoint: HTTPAddress?
  /// The region.
  var region: String
  /// How URLs name the bucket.
  var addressing: Addressing
  /// A file with the certificates to trust instead of the system's.
  var certificates: String?
  /// Seconds that may pass without a byte.
  var stallTimeout: Int
  /// Where the keys come from.
  var credentials: CredentialSource

  /// What the environment and the files say.
  /// - Parameters:
  ///   - variable: A variable of the environment; nil where it is not set or empty.
  ///   - file: The text of a file; nil where there is none.
  /// - Throws: What is missing or wrong.
  public init(
    variable: (String) -> String?, file: (String) throws(ConfigurationFailure) -> String?
  ) throws(ConfigurationFailure) {
    let profile = try StoreProfile(variable: variable, file: file)
    let ignoresEndpoints = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.lowercased() == "true"
    let url =
      ignoresEndpoints
      ? nil
      : variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") ?? profile.serviceEndpoint
        ?? profile["endpoint_url"]
    endpoint = try url.map { (text) throws(ConfigurationFailure) in try Self.address(text, of: "the endpoint")
    }
    guard
      let region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile["region"]
        ?? (endpoint == nil ? nil : "us-east-1")
    else { throw ConfigurationFailure("no region is known for the bucket: set AWS_REGION") }
    guard region.utf8.allSatisfy(Self.isNameByte) else {
      throw ConfigurationFailure("the region is none: letters, digits and hyphens make one; check AWS_REGION")
    }
    self.region = region
    certificates =
      variable("AWS_CA_BUNDLE") ?? profile["ca_bundle"] ?? variable("CURL_CA_BUNDLE")
      ?? variable("SSL_CERT_FILE")
    addressing = try Self.addressing(
      variable("CORRPARSE_S3_ADDRESSING") ?? profile["s3.addressing_style"], isCustom: endpoint != nil)
    stallTimeout = try Self.seconds(variable("CORRPARSE_BUCKET_TIMEOUT"))
    credentials = try Self.credentials(profile, region: region, variable: variable)
  }

  private static func addressing(
    _ text: String?, isCustom: Bool
  ) throws(ConfigurationFailure) -> Addressing {
    switch text {
    case nil, "auto": return isCustom ? .path : .virtualHost
    case let text?:
      guard let addressing = Addressing(rawValue: text) else {
        throw ConfigurationFailure("the addressing style of the bucket is path, virtual or auto")
      }
      return addressing
    }
  }

  private static func seconds(_ text: String?) throws(ConfigurationFailure) -> Int {
    guard let text else { return 30 }
    guard let seconds = Int(text), (1...3600).contains(seconds) else {
      throw ConfigurationFailure("CORRPARSE_BUCKET_TIMEOUT is a number of seconds from 1 to 3600")
    }
    return seconds
  }

  private static func credentials(
    _ profile: StoreProfile, region: String, variable: (String) -> String?
  ) throws(ConfigurationFailure) -> CredentialSource {
    // A pair is taken from one place whole: half of it from elsewhere would be somebody else's.
    if let id = variable("AWS_ACCESS_KEY_ID") {
      guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
        throw ConfigurationFailure("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
      }
      return .fixed(
        Credentials(accessKeyID: id, secretKey: secret, sessionToken: variable("AWS_SESSION_TOKEN")))
    }
    let sts = variable("AWS_ENDPOINT_URL_STS") ?? variable("AWS_ENDPOINT_URL")
    if let role = variable("AWS_ROLE_ARN"), let token = variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
      return .webIdentity(
        try WebIdentity(
          role: role, tokenFile: token, session: variable("AWS_ROLE_SESSION_NAME"), region: region,
          endpoint: sts))
    }
    if let id = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] {
      return .fixed(
        Credentials(accessKeyID: id, secretKey: secret, sessionToken: profile["aws_session_token"]))
    }
    if let role = profile["role_arn"], let token = profile["web_identity_token_file"] {
      return .webIdentity(
        try WebIdentity(
          role: role, tokenFile: token, session: profile["role_session_name"], region: region, endpoint: sts))
    }
    for setting in ["credential_process", "sso_session", "sso_account_id", "source_profile"]
    where profile[setting] != nil {
      throw ConfigurationFailure(
        "the profile '\(profile.name)' has its keys by \(setting), which corrparse does not do: "
          + "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a web identity")
    }
    throw ConfigurationFailure(
      "no credentials are known for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, "
        + "or AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE")
  }

  static func address(_ text: String, of what: String) throws(ConfigurationFailure) -> HTTPAddress {
    do throws(HTTPFailure) {
      return try HTTPAddress(text)
    } catch {
      throw ConfigurationFailure("\(what): \(error)")
    }
  }

  /// Letters, digits, `-`: what a host name takes.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

import LogInput

/// The error codes of S3, with what each means to somebody who reads logs, and what to try.
///
/// For a code that is not listed, the answer's HTTP status counts.
enum StoreCode: Hashable {
  case unknownKey
  case wrongSignature
  case expired
  case wrongToken
  case closedAccount
  case noBucket
  case wrongRegion
  case wrongClock
  case refused
  case archived
  case encryptionKey
  case noObject
  case timedOut

  /// The meaning of a code; nil if the code is not listed.
  init?(_ code: String) {
    switch code {
    case "InvalidAccessKeyId": self = .unknownKey
    case "SignatureDoesNotMatch": self = .wrongSignature
    case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired": self = .expired
    case "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException": self = .wrongToken
    case "AccountProblem", "AllAccessDisabled", "NotSignedUp", "UserSuspended": self = .closedAccount
    case "NoSuchBucket", "InvalidBucketName": self = .noBucket
    case "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect":
      self = .wrongRegion
    case "RequestTimeTooSkewed": self = .wrongClock
    case "AccessDenied": self = .refused
    case "InvalidObjectState": self = .archived
    case "NoSuchKey": self = .noObject
    case "RequestTimeout", "SlowDown": self = .timedOut
    default:
      guard code.hasPrefix("KMS.") else { return nil }
      self = .encryptionKey
    }
  }

  /// The trouble that the code means for an object, or for the bucket.
  func trouble(ofObject isObject: Bool) -> BucketTrouble {
    switch self {
    case .unknownKey, .wrongSignature, .expired, .wrongToken, .closedAccount: .credentials
    case .noBucket, .wrongRegion, .wrongClock: .configuration
    case .refused: .forbidden
    case .archived: .archived
    case .encryptionKey: .unreadable
    case .noObject: isObject ? .missing : .configuration
    case .timedOut: .busy
    }
  }

  /// What to try; nil if the trouble itself says it. `region` is the bucket's region, if the answer tells it.
  func hint(ofObject isObject: Bool, region: String?) -> String? {
    switch self {
    case .unknownKey: "check AWS_ACCESS_KEY_ID, and that the endpoint is the store whose key it is"
    case .wrongSignature: "check AWS_SECRET_ACCESS_KEY, then AWS_REGION and the endpoint"
    case .expired: "get new keys, or let the pod's web identity fetch them"
    case .wrongToken: "check AWS_SESSION_TOKEN: it belongs to one pair of keys"
    case .closedAccount: "ask whoever runs the store: the account of the keys is closed or suspended"
    case .noBucket: "check the bucket's name and the endpoint"
    case .wrongRegion: Self.regionHint(region)
    case .wrongClock: "set this machine's clock"
    case .refused: Self.rightsHint(ofObject: isObject)
    case .encryptionKey: "check that the object's key of KMS is enabled, and that the keys may do kms:Decrypt"
    case .archived, .noObject, .timedOut: nil
    }
  }

  /// What to try if the bucket is in another region.
  static func regionHint(_ region: String?) -> String? {
    region.map { "the bucket is in the region \($0): set AWS_REGION" }
  }

  /// What to try if the keys lack a right.
  static func rightsHint(ofObject isObject: Bool) -> String {
    isObject
      ? "check that the keys may do s3:GetObject on it, and kms:Decrypt where it is encrypted with a key of KMS"
      : "check that the keys may do s3:ListBucket for this prefix"
  }

  /// What to try if an object is refused and no code tells why.
  static let encryptionHint =
    "an object that is encrypted with a customer's key (SSE-C) cannot be read; store the log without it"
}

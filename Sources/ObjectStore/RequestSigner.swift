import HTTPTransport
import LogModel

/// Signs requests by AWS Signature Version 4, in the form that S3 demands. libcurl has a signer too (`CURLOPT_AWS_SIGV4`), but that of
/// Debian's version 7.88.1 neither sends nor signs `x-amz-content-sha256`, which S3 demands, and does not sort the query
/// (docs/object-storage.md). A test compares the signatures with those of botocore.
struct RequestSigner {
  /// The SHA-256 of an empty body. No signed request has a body.
  static let emptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  let credentials: Credentials
  let region: String
  let service = "s3"

  /// The headers that sign a request. `Authorization` is the last of them.
  /// - Parameters:
  ///   - method: `GET` or `HEAD`.
  ///   - host: The header `Host` as libcurl will send it.
  ///   - path: The URL's path, encoded as it is sent.
  ///   - query: Names and values, not encoded yet.
  ///   - headers: The request's other headers, which are signed too.
  ///   - time: The present.
  /// - Returns: The headers to add to these.
  func headers(
    method: String, host: String, path: String, query: [(name: String, value: String)],
    headers: [HTTPRequest.Header], at time: LogTime
  ) -> [HTTPRequest.Header] {
    let stamp = Self.stamp(time)
    let day = String(stamp.prefix(8))
    var added = [
      HTTPRequest.Header("x-amz-content-sha256", Self.emptyBody), HTTPRequest.Header("x-amz-date", stamp),
    ]
    if let token = credentials.sessionToken {
      added.append(HTTPRequest.Header("x-amz-security-token", token))
    }
    let signed = ([HTTPRequest.Header("host", host)] + headers + added)
      .map { HTTPRequest.Header($0.name.lowercased(), $0.value) }.sorted { $0.name < $1.name }
    let names = signed.map(\.name).joined(separator: ";")
    let canonical = [
      method, path, Self.queryText(query), signed.map { "\($0.name):\($0.value)\n" }.joined(), names,
      Self.emptyBody,
    ].joined(separator: "\n")
    let scope = "\(day)/\(region)/\(service)/aws4_request"
    let text = [
      "AWS4-HMAC-SHA256", stamp, scope, SHA256.hexadecimal(SHA256.digest(canonical.utf8)),
    ].joined(separator: "\n")
    var key = Array("AWS4\(credentials.secretKey)".utf8)
    for part in [day, region, service, "aws4_request"] { key = SHA256.code(part.utf8, key: key) }
    let signature = SHA256.hexadecimal(SHA256.code(text.utf8, key: key))
    return added + [
      HTTPRequest.Header(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
      )
    ]
  }

  /// `20260328T021407Z`.
  static func stamp(_ time: LogTime) -> String {
    let (seconds, _) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return LogTime(microseconds: seconds * 1_000_000).description.filter { $0 != "-" && $0 != ":" }
  }

  /// A query, encoded and sorted by name. It is signed and sent in this form.
  static func queryText(_ query: [(name: String, value: String)]) -> String {
    query.map { (name: URLEncoding.encoded($0.name.utf8), value: URLEncoding.encoded($0.value.utf8)) }
      .sorted { ($0.name, $0.value) < ($1.name, $1.value) }.map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }
}

/// The percent-encoding of AWS: every byte but the unreserved characters of RFC 3986 becomes `%XX`.
enum URLEncoding {
  /// The text of some bytes.
  static func encoded(_ bytes: some Sequence<UInt8>, keepingSlashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.append(byte)
      case UInt8(ascii: "/") where keepingSlashes: text.append(byte)
      default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

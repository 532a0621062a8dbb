import CCurl

/// What a server answered.
public struct HTTPResponse: Sendable, Hashable {
  /// The status, 100 … 599.
  public let status: Int
  /// The body.
  public let body: [UInt8]
}

/// Asks HTTP servers through libcurl, which brings TLS, proxies (`https_proxy` …), redirects and timeouts. For one thread
/// at a time.
///
/// libcurl, because it also signs requests for S3-compatible buckets (AWS SigV4) and is on every machine: one client for
/// Prometheus now, the Pushgateway and buckets later.
@safe
public final class HTTPClient {
  /// Who asks a server that wants a password.
  public struct User: Sendable, Hashable {
    let name: String
    let password: String

    /// A user.
    public init(name: String, password: String) {
      self.name = name
      self.password = password
    }
  }

  /// How to ask.
  public struct Settings: Sendable, Hashable {
    /// Seconds that one request may take.
    public var timeout = 30
    /// A token for `Authorization: Bearer`.
    public var bearerToken: String?
    /// Who asks, for `Authorization: Basic`; user and password of the address go before it, and a token before both.
    public var user: User?
    /// Further headers of what is got, as `Name: value`; a server that the first one names instead of itself gets them too.
    public var headers: [String] = []
    /// Whether to ask a server whose certificate cannot be checked.
    public var isInsecure = false
    /// A PEM file with the authorities to trust instead of the system's; where it holds revocation lists, each authority of a chain
    /// needs its own.
    public var certificates: String?
    /// The longest body that is taken, in bytes.
    public var longestBody = 1 << 20

    /// The defaults.
    public init() {}

    func user(for address: HTTPAddress) -> User? {
      address.user.map { User(name: $0, password: address.password ?? "") } ?? user
    }
  }

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let handle: UnsafeMutableRawPointer
  private let settings: Settings
  private let userAgent: String
  private let hasRevocationLists: Bool

  /// A client.
  /// - Parameters:
  ///   - settings: How to ask.
  ///   - userAgent: Who asks: program and version.
  /// - Throws: `invalid` when libcurl cannot be used.
  public init(_ settings: Settings, userAgent: String) throws(HTTPFailure) {
    guard Self.isReady, let handle = unsafe curl_easy_init() else {
      throw HTTPFailure(.invalid, "libcurl cannot be used")
    }
    unsafe self.handle = handle
    self.settings = settings
    self.userAgent = userAgent
    hasRevocationLists = settings.certificates.map(CertificateFile.holdsLists) ?? false
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
  }

  /// Asks for a path below an address, with query parameters.
  /// - Parameters:
  ///   - address: The server, and the path that all others are below.
  ///   - path: Begins with a slash; taken as it is.
  ///   - query: Names and values, which are escaped here.
  /// - Returns: The answer, whatever its status.
  /// - Throws: Why there is none.
  public func get(
    _ address: HTTPAddress, _ path: String, query: [(name: String, value: String)] = []
  ) throws(HTTPFailure) -> HTTPResponse {
    let parameters = query.map { Self.escaped($0.name) + "=" + Self.escaped($0.value) }.joined(separator: "&")
    let url = address.description + path + (parameters.isEmpty ? "" : "?" + parameters)
    try prepare(url, address)
    try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    // libcurl sends credentials to the first host only.
    try set(CURLOPT_FOLLOWLOCATION, 1)
    try set(CURLOPT_MAXREDIRS, 5)
    var headers: UnsafeMutablePointer<curl_slist>?
    for header in settings.headers { unsafe headers = unsafe curl_slist_append(headers, header) }
    defer {
      unsafe curl_easy_reset(handle)
      unsafe curl_slist_free_all(headers)
    }
    try check(unsafe corrparse_curl_set_list(handle, CURLOPT_HTTPHEADER, headers))
    return try perform()
  }

  /// Sends a body to a path below an address. Redirects are not followed: what is sent is meant for this server.
  /// - Parameters:
  ///   - address: The server, and the path that all others are below.
  ///   - path: Begins with a slash; taken as it is.
  ///   - body: What is sent.
  ///   - type: Its media type.
  /// - Returns: The answer, whatever its status.
  /// - Throws: Why there is none.
  public func post(
    _ address: HTTPAddress, _ path: String, body: [UInt8], type: String
  ) throws(HTTPFailure) -> HTTPResponse {
    try prepare(address.description + path, address)
    let header = unsafe curl_slist_append(nil, "Content-Type: " + type)
    defer {
      unsafe curl_easy_reset(handle)
      unsafe curl_slist_free_all(header)
    }
    try check(unsafe corrparse_curl_set_list(handle, CURLOPT_HTTPHEADER, header))
    try set(CURLOPT_POSTFIELDSIZE, body.count)
    let code = unsafe body.withUnsafeBufferPointer { body in
      unsafe corrparse_curl_set_pointer(
        handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
    }
    try check(code)
    return try perform()
  }

  private func prepare(_ url: String, _ address: HTTPAddress) throws(HTTPFailure) {
    unsafe curl_easy_reset(handle)
    try set(CURLOPT_URL, url)
    try set(CURLOPT_USERAGENT, userAgent)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_TIMEOUT, settings.timeout)
    try set(CURLOPT_ACCEPT_ENCODING, "")
    if let file = settings.certificates {
      try set(CURLOPT_CAINFO, file)
      if hasRevocationLists { try set(CURLOPT_CRLFILE, file) }
    }
    if settings.isInsecure {
      try set(CURLOPT_SSL_VERIFYPEER, 0)
      try set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let token = settings.bearerToken {
      try set(CURLOPT_HTTPAUTH, corrparse_curl_auth_bearer)
      try set(CURLOPT_XOAUTH2_BEARER, token)
    } else if let user = settings.user(for: address) {
      try set(CURLOPT_HTTPAUTH, corrparse_curl_auth_basic)
      try set(CURLOPT_USERNAME, user.name)
      try set(CURLOPT_PASSWORD, user.password)
    }
  }

  private func perform() throws(HTTPFailure) -> HTTPResponse {
    let body = BodyReceiver(limit: settings.longestBody)
    var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
    let code = unsafe message.withUnsafeMutableBufferPointer { message in
      unsafe corrparse_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, message.baseAddress)
      unsafe corrparse_curl_set_receiver(
        handle,
        { bytes, size, count, context in
          guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
          let receiver = unsafe Unmanaged<BodyReceiver>.fromOpaque(context).takeUnretainedValue()
          let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
          return receiver.take(unsafe Array(piece)) ? size * count : 0
        }, Unmanaged.passUnretained(body).toOpaque())
      defer { unsafe corrparse_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil) }
      return unsafe curl_easy_perform(handle)
    }
    guard code == CURLE_OK else {
      if body.isTooLong {
        throw HTTPFailure(.tooLong, "the answer is longer than \(settings.longestBody) bytes")
      }
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw HTTPFailure(
        HTTPFailure.Kind(code), text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text)
    }
    var status = 0
    unsafe corrparse_curl_get_number(handle, CURLINFO_RESPONSE_CODE, &status)
    return HTTPResponse(status: status, body: body.bytes)
  }

  private func set(_ option: CURLoption, _ value: String) throws(HTTPFailure) {
    try check(unsafe corrparse_curl_set_text(handle, option, value))
  }

  private func set(_ option: CURLoption, _ value: some BinaryInteger) throws(HTTPFailure) {
    try check(unsafe corrparse_curl_set_number(handle, option, Int(truncatingIfNeeded: value)))
  }

  private func check(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else {
      throw HTTPFailure(.invalid, unsafe String(cString: curl_easy_strerror(code)))
    }
  }

  /// Everything but RFC 3986's unreserved characters as `%XX`.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        escaped += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return escaped
  }
}

/// Takes the body as it comes, up to a limit.
private final class BodyReceiver {
  private(set) var bytes: [UInt8] = []
  private(set) var isTooLong = false
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether there was room.
  func take(_ piece: [UInt8]) -> Bool {
    isTooLong = bytes.count + piece.count > limit
    if !isTooLong { bytes += piece }
    return !isTooLong
  }
}

extension HTTPFailure.Kind {
  init(_ code: CURLcode) {
    self =
      switch code {
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE:
        .tls
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS: .invalid
      default: .unreachable
      }
  }
}

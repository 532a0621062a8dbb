import CCurl

/// Asks HTTP servers, one request after the other, and lets the answer be read piece by piece, however long it is.
///
/// Redirects are not followed: a signed request is good for one address only. For one thread at a time.
@safe
public final class HTTPStream {
  /// How to ask.
  public struct Settings: Sendable, Hashable {
    /// Seconds within which a server has to take a connection.
    public var connectTimeout = 10
    /// Seconds that may pass without a byte.
    public var stallTimeout = 30
    /// A PEM file with the authorities to trust instead of the system's; where it holds revocation lists, each authority of a chain
    /// needs its own.
    public var certificates: String?
    /// Who asks: program and version.
    public var userAgent: String

    /// The defaults.
    public init(userAgent: String) {
      self.userAgent = userAgent
    }
  }

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  /// How often a wait looks up to see whether the program is to end.
  private static let watchMilliseconds: Int32 = 250
  /// How long a silent server is waited for once the program is to end.
  private static let stoppingSeconds = 2

  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let receiver = StreamReceiver()
  private let settings: Settings
  private let hasRevocationLists: Bool
  private let isStopping: @Sendable () -> Bool
  private let message: UnsafeMutablePointer<CChar>
  private var isAttached = false
  /// Whether the next request goes over a connection of its own.
  private var needsNewConnection = false
  private var result = CURLE_AGAIN

  /// A stream on which nothing was asked yet.
  /// - Parameters:
  ///   - settings: How to ask.
  ///   - isStopping: Whether the program is to end: then a wait for a silent server ends.
  /// - Throws: `invalid` when libcurl cannot be used.
  public init(
    _ settings: Settings, isStopping: @escaping @Sendable () -> Bool = { false }
  ) throws(HTTPFailure) {
    guard Self.isReady, let easy = unsafe curl_easy_init() else {
      throw HTTPFailure(.invalid, "libcurl cannot be used")
    }
    guard let multi = unsafe curl_multi_init() else {
      unsafe curl_easy_cleanup(easy)
      throw HTTPFailure(.invalid, "libcurl cannot be used")
    }
    unsafe self.easy = easy
    unsafe self.multi = multi
    unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    self.settings = settings
    hasRevocationLists = settings.certificates.map(CertificateFile.holdsLists) ?? false
    self.isStopping = isStopping
    unsafe corrparse_curl_multi_set_number(multi, CURLMOPT_MAXCONNECTS, 2)
  }

  deinit {
    if isAttached { unsafe curl_multi_remove_handle(multi, easy) }
    unsafe curl_easy_cleanup(easy)
    unsafe curl_multi_cleanup(multi)
    unsafe curl_slist_free_all(headers)
    unsafe message.deallocate()
  }

  /// Asks, and waits for the head of the answer. An answer that was being read is given up.
  /// - Throws: Why there is none.
  public func open(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPHead {
    close()
    try prepare(request)
    receiver.reset()
    result = CURLE_AGAIN
    guard unsafe curl_multi_add_handle(multi, easy) == CURLM_OK else {
      throw HTTPFailure(.invalid, "libcurl cannot be used")
    }
    isAttached = true
    try advance { $0.hasHead }
    guard receiver.hasHead else { throw failure(CURLE_GOT_NOTHING) }
    return receiver.head
  }

  /// Reads the next bytes of the body into the buffer, from its start; waits for them.
  /// - Returns: How many; 0 at the end.
  /// - Throws: `cut` where the body ends before its end, and whatever else ends it.
  public func read(into buffer: inout [UInt8]) throws(HTTPFailure) -> Int {
    if receiver.isEmpty {
      if receiver.isPaused {
        receiver.isPaused = false
        try check(unsafe curl_easy_pause(easy, corrparse_curl_continue))
      }
      try advance { !$0.isEmpty }
    }
    return receiver.take(into: &buffer)
  }

  /// Gives up the answer that is being read; harmless when there is none.
  public func close() {
    guard isAttached else { return }
    unsafe curl_multi_remove_handle(multi, easy)
    isAttached = false
    // What ended belongs to this request and is not to be taken for the next one's end.
    _ = unsafe corrparse_curl_multi_result(multi)
  }

  /// Gives up the answer, and the connection with it: bytes may follow that belong to no answer, such as those beyond the
  /// length that a server told.
  public func abandon() {
    close()
    needsNewConnection = true
  }

  /// Lets libcurl work until something is there, or the answer has ended.
  private func advance(until isReached: (StreamReceiver) -> Bool) throws(HTTPFailure) {
    var lastByte = ContinuousClock.now
    while !isReached(receiver), result == CURLE_AGAIN {
      let before = receiver.received
      var running: Int32 = 0
      guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else {
        throw HTTPFailure(.unreachable, "libcurl cannot go on")
      }
      result = unsafe corrparse_curl_multi_result(multi)
      if receiver.received != before { lastByte = .now }
      if isReached(receiver) || result != CURLE_AGAIN { break }
      if ContinuousClock.now - lastByte > .seconds(Self.stoppingSeconds), isStopping() {
        throw HTTPFailure(.interrupted, "stopped while waiting for the server")
      }
      if ContinuousClock.now - lastByte > .seconds(settings.stallTimeout) {
        throw HTTPFailure(.unreachable, "not a byte within \(settings.stallTimeout) seconds")
      }
      unsafe curl_multi_poll(multi, nil, 0, Self.watchMilliseconds, nil)
    }
    // What came before a failure is still good.
    if !isReached(receiver), result != CURLE_OK, result != CURLE_AGAIN { throw failure(result) }
  }

  private func failure(_ code: CURLcode) -> HTTPFailure {
    let text = unsafe String(cString: message)
    var kind = HTTPFailure.Kind(code)
    // The URL's scheme is known to be good: what came was no answer, or the rest of one that was told to be shorter.
    if code == CURLE_UNSUPPORTED_PROTOCOL { kind = .unreachable }
    if kind == .unreachable, receiver.hasHead { kind = .cut }
    return HTTPFailure(kind, text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text)
  }

  private func prepare(_ request: HTTPRequest) throws(HTTPFailure) {
    unsafe curl_easy_reset(easy)
    unsafe message.pointee = 0
    unsafe curl_slist_free_all(headers)
    unsafe headers = nil
    for header in request.headers {
      unsafe headers = curl_slist_append(headers, "\(header.name): \(header.value)")
    }
    try check(unsafe corrparse_curl_set_text(easy, CURLOPT_URL, request.url))
    try check(unsafe corrparse_curl_set_text(easy, CURLOPT_USERAGENT, settings.userAgent))
    try check(unsafe corrparse_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
    if let file = settings.certificates {
      try check(unsafe corrparse_curl_set_text(easy, CURLOPT_CAINFO, file))
      if hasRevocationLists { try check(unsafe corrparse_curl_set_text(easy, CURLOPT_CRLFILE, file)) }
    }
    try check(unsafe corrparse_curl_set_list(easy, CURLOPT_HTTPHEADER, headers))
    // A key may hold `..` and `//`, which mean nothing there.
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_CONNECTTIMEOUT, settings.connectTimeout)
    try set(CURLOPT_HTTP_VERSION, corrparse_curl_http_1_1)
    try set(CURLOPT_FRESH_CONNECT, needsNewConnection ? 1 : 0)
    needsNewConnection = false
    try set(CURLOPT_BUFFERSIZE, StreamReceiver.bufferBytes)
    switch request.method {
    case .get: break
    case .head: try set(CURLOPT_NOBODY, 1)
    case .post(let form): try check(unsafe corrparse_curl_set_text(easy, CURLOPT_COPYPOSTFIELDS, form))
    }
    try check(unsafe corrparse_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, message))
    let context = unsafe Unmanaged.passUnretained(receiver).toOpaque()
    try check(unsafe corrparse_curl_set_head_receiver(easy, takeHead, context))
    try check(unsafe corrparse_curl_set_receiver(easy, takeBody, context))
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
    try check(unsafe corrparse_curl_set_number(easy, option, value))
  }

  private func check(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else {
      throw HTTPFailure(.invalid, unsafe String(cString: curl_easy_strerror(code)))
    }
  }
}

private func takeHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let receiver = unsafe Unmanaged<StreamReceiver>.fromOpaque(context).takeUnretainedValue()
  return receiver.takeHead(unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size * count)))
    ? size * count : 0
}

private func takeBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
  let receiver = unsafe Unmanaged<StreamReceiver>.fromOpaque(context).takeUnretainedValue()
  guard receiver.hasRoom else {
    receiver.isPaused = true
    return corrparse_curl_pause
  }
  unsafe receiver.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
  return size * count
}

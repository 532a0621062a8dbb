import Glibc
import HTTPTransport
public import LogInput
import LogModel

/// Asks one bucket, one request after the other. For one thread at a time.
public final class BucketClient {
  /// More than a page of 1,000 keys of 1,024 bytes, each three times as long when it is encoded.
  private static let longestPage = 8 << 20

  /// The bucket.
  public let bucket: Bucket

  private let stream: HTTPStream
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// A client.
  /// - Throws: Where the transport cannot be used.
  public init(_ bucket: Bucket) throws(InputError) {
    self.bucket = bucket
    do throws(HTTPFailure) {
      var settings = HTTPStream.Settings(userAgent: bucket.userAgent)
      settings.stallTimeout = bucket.configuration.stallTimeout
      settings.connectTimeout = min(10, settings.stallTimeout)
      settings.certificates = bucket.configuration.certificates
      stream = try HTTPStream(settings, isStopping: bucket.isStopping)
    } catch {
      throw InputError(.bucket(.configuration), object: bucket.location(of: []), answer: error.description)
    }
  }

  /// One page of the objects whose keys begin with a prefix, in the order of their keys' bytes.
  /// - Parameters:
  ///   - prefix: What the keys begin with.
  ///   - after: A key that all told ones come after; nil for no such key.
  ///   - token: Where the page begins; nil for the first one.
  ///   - isFlat: Whether keys with a further slash are told, too, instead of what they have in common up to it.
  ///   - most: How many at most; the store gives no more than 1,000.
  /// - Returns: The page.
  /// - Throws: Why there is none.
  func list(
    prefix: [UInt8], after: [UInt8]? = nil, from token: String? = nil, isFlat: Bool = true, most: Int? = nil
  ) throws(InputError) -> ListingPage {
    var query: [(name: String, value: String)] = [
      (name: "list-type", value: "2"), (name: "encoding-type", value: "url"),
      (name: "prefix", value: String(decoding: prefix, as: UTF8.self)),
    ]
    if let after { query.append((name: "start-after", value: String(decoding: after, as: UTF8.self))) }
    if let token { query.append((name: "continuation-token", value: token)) }
    if let most { query.append((name: "max-keys", value: String(most))) }
    if !isFlat { query.append((name: "delimiter", value: "/")) }
    return try trying(prefix) { () throws(StoreFailure) in try listOnce(query) }
  }

  /// What the store says of an object without sending it.
  func state(of key: [UInt8]) throws(InputError) -> LogState {
    try trying(key) { () throws(StoreFailure) in
      let head = try open(.head, key: key)
      stream.close()
      guard let state = LogState(head) else {
        throw StoreFailure(.unreadable, "it tells neither length nor time")
      }
      return state
    }
  }

  private func listOnce(_ query: [(name: String, value: String)]) throws(StoreFailure) -> ListingPage {
    guard let reader = ListingReader() else {
      throw StoreFailure(.configuration, "no memory for the listing")
    }
    _ = try open(.get, key: nil, query: query)
    var total = 0
    while true {
      let count = try read(into: &buffer)
      if count == 0 { break }
      total += count
      let mayBeListing = reader.feed(buffer[..<count])
      if let refusal = total > Self.longestPage ? "a page of the listing is too long" : reader.refusal {
        stream.abandon()
        throw StoreFailure(.configuration, refusal, hint: "is the endpoint an object store?")
      }
      guard mayBeListing else {
        stream.close()
        throw StoreFailure(.cut, "it answers with something that is no listing")
      }
    }
    return try reader.finish().get()
  }

  /// Asks, and takes the head of a good answer; of any other it makes the failure that it tells of.
  func open(
    _ method: HTTPRequest.Method, key: [UInt8]?, query: [(name: String, value: String)] = [],
    headers: [HTTPRequest.Header] = []
  ) throws(StoreFailure) -> HTTPHead {
    let now = LogTime.now
    let credentials = try bucket.credentials.credentials(at: now) { (identity) throws(StoreFailure) in
      try exchange(identity)
    }
    let path = bucket.path(of: key)
    let signer = RequestSigner(credentials: credentials, region: bucket.configuration.region)
    let signed = signer.headers(
      method: method == .head ? "HEAD" : "GET", host: bucket.host, path: path, query: query, headers: headers,
      at: now)
    let head = try send(HTTPRequest(method, bucket.url(path, query), headers: headers + signed))
    guard head.status == 200 || head.status == 206 else {
      throw StoreAnswer.failure(head, body: rest(), isObject: key != nil)
    }
    return head
  }

  /// The next bytes of the answer; 0 at its end.
  func read(into buffer: inout [UInt8]) throws(StoreFailure) -> Int {
    do throws(HTTPFailure) {
      return try stream.read(into: &buffer)
    } catch {
      stream.close()
      throw StoreFailure(error)
    }
  }

  /// Gives up the answer that is being read.
  func close() { stream.close() }

  /// Gives up the answer and its connection: what comes over it is not to be trusted any more.
  func abandon() { stream.abandon() }

  private func send(_ request: HTTPRequest) throws(StoreFailure) -> HTTPHead {
    do throws(HTTPFailure) {
      return try stream.open(request)
    } catch {
      stream.close()
      throw StoreFailure(error)
    }
  }

  /// As much of the body as an error needs.
  private func rest() -> [UInt8] {
    var body: [UInt8] = []
    while body.count < StoreAnswer.longestBody, let count = try? stream.read(into: &buffer), count > 0 {
      body += buffer[..<count]
    }
    stream.close()
    return body
  }

  private func exchange(_ identity: WebIdentity) throws(StoreFailure) -> Credentials {
    guard let token = SmallFile.text(identity.tokenFile) else {
      throw StoreFailure(
        .configuration, "the web identity's token cannot be read; check AWS_WEB_IDENTITY_TOKEN_FILE")
    }
    let head = try send(identity.request(token: token.filter { !$0.isWhitespace }))
    let body = rest()
    guard head.status == 200 else {
      let failure = StoreAnswer.failure(head, body: body, isObject: false)
      throw StoreFailure(
        failure.trouble == .busy ? .busy : .credentials, "the web identity gives no keys: \(failure.text)",
        hint: "check AWS_ROLE_ARN and the role's trust in the token of AWS_WEB_IDENTITY_TOKEN_FILE")
    }
    guard let credentials = WebIdentity.credentials(in: body) else {
      throw StoreFailure(.configuration, "the web identity's answer holds no keys")
    }
    return credentials
  }

  /// Does something until it succeeds, cannot, or patience is at its end.
  private func trying<Result>(
    _ key: [UInt8], _ body: () throws(StoreFailure) -> Result
  ) throws(InputError) -> Result {
    var failures = 0
    let start = ContinuousClock.now
    while true {
      do throws(StoreFailure) {
        return try body()
      } catch {
        failures += 1
        guard error.trouble.mayPass, failures < bucket.patience.attempts,
          ContinuousClock.now - start < bucket.patience.limit, !bucket.isStopping()
        else {
          let trouble = bucket.isStopping() ? .stopped : error.trouble == .cut ? .busy : error.trouble
          throw InputError(
            .bucket(trouble), object: bucket.location(of: key), answer: error.text,
            hint: trouble == error.trouble ? error.hint : nil)
        }
        bucket.pause(bucket.patience.pause(after: failures))
      }
    }
  }
}

extension LogState {
  /// What the head of an answer says of an object; nil where it lacks length or time.
  init?(_ head: HTTPHead) {
    guard let size = head["content-length"].flatMap({ Int($0) }), size >= 0,
      let seconds = head["last-modified"].flatMap(HTTPDate.seconds(in:))
    else { return nil }
    self.init(
      size: size, modified: LogTime(microseconds: Int64(seconds) * 1_000_000), entityTag: head["etag"])
  }
}

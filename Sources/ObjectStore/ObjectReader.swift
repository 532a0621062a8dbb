import HTTPTransport
public import LogInput
import LogModel

/// Reads one object from its start to its end. If a connection is cut, reading goes on over another one at the byte where the first ended,
/// provided that the object is still the same.
public final class ObjectReader: LogSource {
  /// How many bytes have been read.
  public private(set) var bytesRead = 0
  /// The object's state when it was opened. If the object is unchanged since the listing, this is the state in the listing, whose times
  /// are more precise than those of the header `Last-Modified`.
  public private(set) var logState: LogState?

  private let client: BucketClient
  private let key: [UInt8]
  private let listed: LogState?
  /// The object's length; nil until it is known.
  private var size: Int?
  private var isOpen = false
  private var isOver = false
  /// How many bytes of the answer were read before and are to be skipped.
  private var surplus = 0

  /// A reader of an object. The first request is made by the first call of `read`.
  /// - Parameters:
  ///   - key: The object's key.
  ///   - listed: The object's state in a listing; nil if it was not listed.
  ///   - client: Makes the requests. Nobody else may use it as long as the object is read.
  public init(_ key: [UInt8], listed: LogState?, client: BucketClient) {
    self.key = key
    self.listed = listed
    self.client = client
  }

  deinit { client.close() }

  /// Reads the next bytes into the buffer, from its start. Waits for them, and tries again if the store fails.
  public func read(into buffer: inout [UInt8]) throws(InputError) -> Int {
    var failures = 0
    let start = ContinuousClock.now
    let (bucket, patience) = (client.bucket, client.bucket.patience)
    while true {
      do throws(StoreFailure) {
        return try readOnce(into: &buffer)
      } catch {
        client.abandon()
        isOpen = false
        failures += 1
        guard error.trouble.mayPass, failures < patience.attempts, !bucket.isStopping(),
          ContinuousClock.now - start < patience.limit
        else {
          let isStopping = bucket.isStopping()
          throw InputError(
            .bucket(isStopping ? .stopped : error.trouble), object: bucket.location(of: key),
            offset: bytesRead > 0 ? bytesRead : nil, answer: error.text, hint: isStopping ? nil : error.hint)
        }
        bucket.pause(patience.pause(after: failures))
      }
    }
  }

  /// Always false: a request gives one version of the object, and a request that goes on asks for the same version.
  public func hasChanged() -> Bool { false }

  /// An error of this object.
  public func error(_ kind: InputError.Kind, offset: Int?) -> InputError {
    InputError(kind, object: client.bucket.location(of: key), offset: offset)
  }

  private func readOnce(into buffer: inout [UInt8]) throws(StoreFailure) -> Int {
    if isOver { return 0 }
    if !isOpen {
      if bytesRead == 0 { try begin() } else { try resume() }
      isOpen = true
    }
    while true {
      let count = try client.read(into: &buffer)
      if count == 0 {
        if let size, bytesRead < size {
          throw StoreFailure(.cut, "\(bytesRead) bytes of \(size) came")
        }
        client.close()
        isOver = true
        return 0
      }
      let passed = min(count, surplus)
      surplus -= passed
      if passed == count { continue }
      if passed > 0 { buffer.replaceSubrange(0..<count - passed, with: Array(buffer[passed..<count])) }
      bytesRead += count - passed
      if let size, bytesRead > size {
        throw StoreFailure(.length, "more than the \(size) bytes that it told come")
      }
      return count - passed
    }
  }

  private func begin() throws(StoreFailure) {
    let head = try client.open(.get, key: key)
    guard head.status == 200 else {
      throw StoreFailure(.unreadable, "it answers \(head.status) where the whole object was asked for")
    }
    let found = LogState(head)
    let isAsListed = listed?.entityTag != nil && listed?.entityTag == head["etag"]
    if let listed, isAsListed {
      if let found, found.size != listed.size {
        throw StoreFailure(.length, "it told \(listed.size) bytes before and tells \(found.size) now")
      }
      size = listed.size
      logState = listed
    } else {
      size = found?.size
      logState = found
    }
  }

  private func resume() throws(StoreFailure) {
    if let size, bytesRead == size { return }
    guard let state = logState else { throw StoreFailure(.changed, "nothing tells its version") }
    var headers = [HTTPRequest.Header("range", "bytes=\(bytesRead)-")]
    if let tag = state.entityTag { headers.append(HTTPRequest.Header("if-match", tag)) }
    let head = try client.open(.get, key: key, headers: headers)
    guard head["etag"] == state.entityTag else {
      throw StoreFailure(.changed, "its entity tag is another one")
    }
    switch head.status {
    case 206:
      guard head["content-range"] == "bytes \(bytesRead)-\(state.size - 1)/\(state.size)" else {
        throw StoreFailure(.length, "it sends another part of it than was asked for")
      }
      surplus = 0
    default:
      guard LogState(head)?.size == state.size else {
        throw StoreFailure(.length, "it tells another length than before")
      }
      surplus = bytesRead
    }
  }
}

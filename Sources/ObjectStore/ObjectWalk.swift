import CorrelationGrammar
public import LogInput

/// An object that may be a log.
public struct FoundObject: Sendable, Hashable {
  /// The bucket that holds it.
  public let bucket: Bucket
  /// Its key.
  public let key: [UInt8]
  /// How many bytes of the key are the root's.
  let rootBytes: Int
  /// What the listing, or the store itself, tells of it; nil where nobody was asked.
  public let state: LogState?

  /// An object that somebody named; its root is the bucket.
  public init(bucket: Bucket, key: [UInt8], state: LogState?) {
    self.init(bucket: bucket, key: key, rootBytes: 0, state: state)
  }

  init(bucket: Bucket, key: [UInt8], rootBytes: Int, state: LogState?) {
    self.bucket = bucket
    self.key = key
    self.rootBytes = rootBytes
    self.state = state
  }

  /// `s3://bucket/key`.
  public var location: String { bucket.location(of: key) }

  /// The key below the root, as text; the same as that of a file at this path below a folder.
  public var relativeName: String { LocationText.of(Array(key[rootBytes...])) }

  /// What the key says about its task attempt; nil where it says nothing.
  public var logPath: LogPath? { LogPath(key: key) }
}

/// Walks the logs below a prefix of a bucket, one at a time, in the order of their keys' bytes. Holds one page of the listing.
public struct ObjectWalk: ~Copyable {
  /// What a walk comes by.
  public enum Finding: Sendable {
    /// A log.
    case log(FoundObject)
    /// Something passed over on purpose.
    case skipped(String, reason: LogWalk.SkipReason)
    /// The listing ended here.
    case failed(InputError)
  }

  private let client: BucketClient
  private let root: [UInt8]
  private var prefixes: ArraySlice<[UInt8]>
  private var entries: ArraySlice<ListingPage.Entry> = []
  private var token: String?
  private var isBegun = false
  private var sawAny: Bool
  private var isOver = false

  /// Begins a walk.
  /// - Parameters:
  ///   - bucket: The bucket.
  ///   - root: The prefix; a slash at its end is added where it is missing.
  ///   - dagID: The one DAG whose logs are wanted; nil for all. Where the layout names DAGs (`dag_id=…/`), those of others
  ///     are not listed; everything else is.
  /// - Throws: What stands in the way.
  public init(_ bucket: Bucket, root: [UInt8], dagID: String? = nil) throws(InputError) {
    let client = try BucketClient(bucket)
    let root = root.isEmpty || root.last == UInt8(ascii: "/") ? root : root + [UInt8(ascii: "/")]
    let found = try Self.prefixes(client, root, dagID)
    self.client = client
    self.root = root
    (prefixes, sawAny) = found
  }

  /// What is to be listed; with a DAG also whether there is anything at all.
  private static func prefixes(
    _ client: BucketClient, _ root: [UInt8], _ dagID: String?
  ) throws(InputError) -> (ArraySlice<[UInt8]>, sawAny: Bool) {
    guard let dagID else { return ([root], false) }
    var found: [[UInt8]] = []
    var sawAny = false
    var token: String?
    repeat {
      let page = try client.list(prefix: root, from: token, isFlat: false)
      found += page.prefixes.filter { prefix in
        let name = PercentEncoding.decoded(prefix[root.count...].dropLast())
        return !name.starts(with: "dag_id=".utf8) || name.dropFirst(7).elementsEqual(dagID.utf8)
      }
      sawAny = sawAny || !page.prefixes.isEmpty || !page.entries.isEmpty
      token = page.next
    } while token != nil
    return (found[...], sawAny)
  }

  /// The next finding; nil at the end.
  public mutating func next() -> Finding? {
    while true {
      while let entry = entries.popFirst() {
        if let finding = look(at: entry) { return finding }
      }
      if isOver { return nil }
      if isBegun, token == nil {
        prefixes.removeFirst()
        isBegun = false
      }
      guard let prefix = prefixes.first else {
        isOver = true
        if sawAny { return nil }
        return .failed(
          InputError(
            .bucket(.missing), object: client.bucket.location(of: root), answer: "nothing lies below it"))
      }
      do throws(InputError) {
        let page = try client.list(prefix: prefix, from: token)
        isBegun = true
        token = page.next
        entries = page.entries[...]
        sawAny = sawAny || !page.entries.isEmpty
      } catch {
        isOver = true
        return .failed(error)
      }
    }
  }

  private func look(at entry: ListingPage.Entry) -> Finding? {
    guard entry.key.starts(with: root) else { return nil }
    let names = entry.key[root.count...].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let name = names.last, LogPath.isLogName(name) else { return nil }
    if names.dropLast().contains(where: { LogPath.isForeign($0) }) {
      return .skipped(client.bucket.location(of: entry.key), reason: .notTaskLogs)
    }
    return .log(
      FoundObject(bucket: client.bucket, key: entry.key, rootBytes: root.count, state: entry.state))
  }
}

/// What a key names that somebody gave.
public enum NamedObject: Sendable {
  /// An object.
  case object(FoundObject)
  /// What objects lie below.
  case folder

  /// Asks the store.
  /// - Throws: What stands in the way; `missing` where there is neither.
  public init(_ bucket: Bucket, key: [UInt8]) throws(InputError) {
    if key.isEmpty || key.last == UInt8(ascii: "/") {
      self = .folder
      return
    }
    let client = try BucketClient(bucket)
    let first: ListingPage.Entry?
    do throws(InputError) {
      // The key itself comes before all others that begin with it.
      first = try client.list(prefix: key, most: 1).entries.first
    } catch {
      // Whoever may read an object need not be allowed to list.
      guard error.kind == .bucket(.forbidden) else { throw error }
      self = .object(FoundObject(bucket: bucket, key: key, state: try client.state(of: key)))
      return
    }
    switch first {
    case let entry? where entry.key == key:
      self = .object(FoundObject(bucket: bucket, key: key, state: entry.state))
    case _?: self = .folder
    case nil: throw InputError(.bucket(.missing), object: bucket.location(of: key))
    }
  }
}

public import LogInput
import LogModel

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
  /// Whether the listing says that it lies in an archive. One that somebody named may have been restored.
  public let isArchived: Bool

  /// An object that somebody named; its root is the bucket.
  public init(bucket: Bucket, key: [UInt8], state: LogState?) {
    self.init(bucket: bucket, key: key, rootBytes: 0, state: state, isArchived: false)
  }

  init(bucket: Bucket, key: [UInt8], rootBytes: Int, state: LogState?, isArchived: Bool) {
    self.bucket = bucket
    self.key = key
    self.rootBytes = rootBytes
    self.state = state
    self.isArchived = isArchived
  }

  /// `s3://bucket/key`.
  public var location: String { bucket.location(of: key) }

  /// The key below the root, as text; the same as that of a file at this path below a folder.
  public var relativeName: String { LocationText.of(Array(key[rootBytes...])) }

  /// What the key says about its task attempt; nil where it says nothing.
  public var logPath: LogPath? { logPath(nil) }

  /// What the key says about its task attempt, by a template where one fits and else by Airflow's own layouts.
  package func logPath(_ template: PathTemplate?) -> LogPath? {
    template?.logPath(below: rootBytes == 0 ? nil : Array(key[rootBytes...]), whole: key, isEncoded: true)
      ?? LogPath(key: key)
  }
}

/// Walks the logs below a prefix of a bucket, one at a time. Holds one page of the listing, or one of each part that is
/// listed at a time.
public struct ObjectWalk: ~Copyable {
  /// What a walk comes by.
  public enum Finding: Sendable {
    /// A log.
    case log(FoundObject)
    /// Something passed over on purpose.
    case skipped(String, reason: LogWalk.SkipReason)
    /// An object whose name is no log's.
    case ignored(String)
    /// The listing ended here.
    case failed(InputError)
  }

  private let bucket: Bucket
  private let root: [UInt8]
  private var listing: ObjectListing
  private var entries: ArraySlice<ListingPage.Entry> = []
  private var isOver = false

  /// Begins a walk.
  /// - Parameters:
  ///   - bucket: The bucket.
  ///   - root: The prefix; a slash at its end is added where it is missing.
  ///   - dagIDs: The DAGs whose logs are wanted; empty for all. Where the layout names DAGs (`dag_id=…/`), those of others
  ///     are not listed; everything else is.
  ///   - width: How many folders are listed at a time. With 1, logs come in the order of their keys' bytes.
  /// - Throws: What stands in the way.
  public init(_ bucket: Bucket, root: [UInt8], dagIDs: Set<String> = [], width: Int = 1) throws(InputError) {
    let root = root.isEmpty || root.last == UInt8(ascii: "/") ? root : root + [UInt8(ascii: "/")]
    let listing = try ObjectListing(bucket, root: root, dagIDs: dagIDs, width: width)
    self.bucket = bucket
    self.root = root
    self.listing = listing
  }

  /// The next finding; nil at the end.
  public mutating func next() -> Finding? {
    while true {
      while let entry = entries.popFirst() {
        if let finding = look(at: entry) { return finding }
      }
      if isOver { return nil }
      do throws(InputError) {
        if let more = try listing.next() {
          entries = more[...]
          continue
        }
        isOver = true
        if listing.sawAny { return nil }
        return .failed(
          InputError(.bucket(.missing), object: bucket.location(of: root), answer: "nothing lies below it"))
      } catch {
        isOver = true
        return .failed(error)
      }
    }
  }

  private func look(at entry: ListingPage.Entry) -> Finding? {
    guard entry.key.starts(with: root) else { return nil }
    let names = entry.key[root.count...].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // A key that ends in a slash stands for a folder.
    guard let name = names.last, !name.isEmpty else { return nil }
    let isForeign = names.dropLast().contains { LogPath.isForeign($0) }
    guard LogPath.isLogName(name) else {
      return isForeign ? nil : .ignored(bucket.location(of: entry.key))
    }
    if isForeign { return .skipped(bucket.location(of: entry.key), reason: .notTaskLogs) }
    return .log(
      FoundObject(
        bucket: bucket, key: entry.key, rootBytes: root.count, state: entry.state,
        isArchived: entry.isArchived))
  }
}

public import LogInput
import LogModel

/// An object that may be a log.
public struct FoundObject: Sendable, Hashable {
  /// The bucket that holds it.
  public let bucket: Bucket
  /// Its key.
  public let key: [UInt8]
  /// How many bytes of the key belong to the root.
  let rootBytes: Int
  /// What the listing, or a request, tells of the object alone; nil if the store was not asked.
  let ownState: LogState?
  /// The earlier parts of the log, the earliest first: `.2`, `.1` of a log that was rotated twice.
  let rotated: [RotatedObject]
  /// Whether the listing says that the object is archived. It is false for an object that somebody named, which may have been restored.
  public let isArchived: Bool

  /// An object that somebody named. Its root is the whole bucket.
  init(bucket: Bucket, key: [UInt8], state: LogState?, rotated: [RotatedObject] = []) {
    self.init(bucket: bucket, key: key, rootBytes: 0, state: state, rotated: rotated, isArchived: false)
  }

  init(
    bucket: Bucket, key: [UInt8], rootBytes: Int, state: LogState?, rotated: [RotatedObject], isArchived: Bool
  ) {
    self.bucket = bucket
    self.key = key
    self.rootBytes = rootBytes
    ownState = state
    self.rotated = rotated
    self.isArchived = isArchived
  }

  /// What the listing, or the store itself, tells of the log, its earlier parts included; nil where nobody was asked. The entity tag
  /// is that of all parts, in their order.
  public var state: LogState? {
    guard let ownState, !rotated.isEmpty else { return ownState }
    let states = rotated.map(\.state) + [ownState]
    let tags = states.compactMap(\.entityTag)
    return LogState(
      size: states.reduce(0) { $0 + $1.size },
      modified: states.reduce(ownState.modified) { max($0, $1.modified) },
      entityTag: tags.count == states.count ? tags.joined(separator: " ") : nil)
  }

  /// Whether earlier parts are read before it.
  public var hasParts: Bool { !rotated.isEmpty }

  /// `s3://bucket/key`.
  public var location: String { bucket.location(of: key) }

  /// The key below the root, as text. A file at the same path below a folder has the same text.
  public var relativeName: String { LocationText.of(Array(key[rootBytes...])) }

  /// What the key says about the log's task attempt; nil if the key names none.
  public var logPath: LogPath? { logPath(nil) }

  /// What the key says about the log's task attempt. A template that fits counts, otherwise Airflow's own layouts.
  package func logPath(_ template: PathTemplate?) -> LogPath? {
    template?.logPath(below: rootBytes == 0 ? nil : Array(key[rootBytes...]), whole: key, isEncoded: true)
      ?? LogPath(key: key)
  }
}

/// Walks the logs below a prefix of a bucket, one at a time. In memory is one page of the listing, or one page of each part if several
/// parts are listed at once.
public struct ObjectWalk: ~Copyable {
  /// One thing that a walk finds.
  public enum Finding: Sendable {
    /// A log.
    case log(FoundObject)
    /// An object that is passed over on purpose.
    case skipped(String, reason: LogWalk.SkipReason)
    /// An object whose name is no log's.
    case ignored(String)
    /// The listing failed. It is the last finding.
    case failed(InputError)
  }

  private let bucket: Bucket
  private let root: [UInt8]
  private var listing: ObjectListing
  private var entries: ArraySlice<ListingPage.Entry> = []
  /// The keys that follow and are earlier parts of a log that was found.
  private var partKeys: Set<[UInt8]> = []
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

  private mutating func look(at entry: ListingPage.Entry) -> Finding? {
    guard entry.key.starts(with: root) else { return nil }
    let names = entry.key[root.count...].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // A key that ends with a slash marks a folder.
    guard let name = names.last, !name.isEmpty else { return nil }
    let isForeign = names.dropLast().contains { LogPath.isForeign($0) }
    if partKeys.remove(entry.key) != nil { return nil }
    guard LogPath.isLogName(name) else {
      return isForeign ? nil : .ignored(bucket.location(of: entry.key))
    }
    if isForeign { return .skipped(bucket.location(of: entry.key), reason: .notTaskLogs) }
    let parts = entries.prefix { $0.key.starts(with: entry.key) }
      .compactMap { RotatedObject($0, of: entry.key) }.sorted { $0.number > $1.number }
    for part in parts { partKeys.insert(part.key(of: entry.key)) }
    return .log(
      FoundObject(
        bucket: bucket, key: entry.key, rootBytes: root.count, state: entry.state, rotated: parts,
        isArchived: entry.isArchived || parts.contains(where: \.isArchived)))
  }
}

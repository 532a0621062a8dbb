import LogInput
import Synchronization
import Threading

/// The listing of what lies below a prefix of a bucket, page by page.
///
/// A store answers a request with one page of 1,000 keys, and each page says where the next page begins. So a long listing is slow
/// whatever the network and the processor are. If any order will do, a listing that is longer than a page is split at the folders
/// directly below its root, which in Airflow's layout are the DAGs, and several folders are listed at a time. A single folder is not
/// split further, because its keys do not say where equal parts would begin.
struct ObjectListing: ~Copyable {
  /// The objects below one prefix that are still to be listed.
  struct Part: Sendable, Equatable {
    var prefix: [UInt8]
    /// Only later keys are wanted.
    var after: [UInt8]?
    /// Where the next page begins.
    var token: String?
    /// The pages so far, to notice a listing that does not move on.
    var progress = ListingProgress()
    /// Objects that were listed, at the end of the last page: a log, and what may be its earlier parts.
    var held: [ListingPage.Entry] = []

    /// Where to go on behind a page; nil at the end.
    func behind(_ page: ListingPage, in bucket: Bucket) throws(InputError) -> Part? {
      var next = self
      if let stop = next.progress.take(page) {
        throw InputError(.bucket(.endless), object: bucket.location(of: prefix), answer: stop)
      }
      guard let token = page.next else { return nil }
      next.token = token
      return next
    }
  }

  /// How many objects are held at most.
  private static let mostHeld = 2000

  private let lanes: [ListingLane]
  private let bucket: Bucket
  private let root: [UInt8]
  private var parts: [Part]
  private var maySplit: Bool
  private var failure: InputError?

  /// A listing. If DAGs are given, their folders are asked for at once; otherwise the first request comes with the first page.
  /// - Parameters:
  ///   - bucket: The bucket.
  ///   - root: The prefix; empty, or with a slash at its end.
  ///   - dagIDs: The DAGs whose objects are wanted; empty for all. Where the layout names DAGs (`dag_id=…/`), those of others are
  ///     not listed; everything else is.
  ///   - width: How many requests at a time. With 1, objects come in the order of their keys' bytes.
  /// - Throws: The error of the request.
  init(_ bucket: Bucket, root: [UInt8], dagIDs: Set<String>, width: Int) throws(InputError) {
    var lanes: [ListingLane] = []
    for _ in 0..<max(1, width) { lanes.append(try ListingLane(bucket)) }
    let found = try Self.folders(of: dagIDs, below: root, lanes[0], bucket)
    self.lanes = lanes
    self.bucket = bucket
    self.root = root
    parts = found?.folders ?? [Part(prefix: root)]
    maySplit = found == nil && width > 1
    sawAny = found?.sawAny ?? false
  }

  /// The folders that may hold logs of these DAGs, and whether there is anything at all; nil where all DAGs are wanted.
  private static func folders(
    of dagIDs: Set<String>, below root: [UInt8], _ lane: ListingLane, _ bucket: Bucket
  ) throws(InputError) -> (folders: [Part], sawAny: Bool)? {
    guard !dagIDs.isEmpty else { return nil }
    var folders: [Part] = []
    var sawAny = false
    var rest: Part? = Part(prefix: root)
    while let part = rest {
      let page = try lane.page(part, isFlat: false).get()
      folders += page.prefixes.filter { prefix in
        let name = PercentEncoding.decoded(prefix[root.count...].dropLast())
        return !name.starts(with: "dag_id=".utf8)
          || dagIDs.contains { name.dropFirst(7).elementsEqual($0.utf8) }
      }.map { Part(prefix: $0) }
      sawAny = sawAny || !page.prefixes.isEmpty || !page.entries.isEmpty
      rest = try part.behind(page, in: bucket)
    }
    return (folders, sawAny)
  }

  /// Whether anything at all was found so far.
  private(set) var sawAny: Bool

  /// Further objects, from as many parts as are listed at a time; nil at the end.
  /// - Throws: The error of a request. The listing is over then.
  mutating func next() throws(InputError) -> [ListingPage.Entry]? {
    if let failure {
      self.failure = nil
      throw failure
    }
    guard !parts.isEmpty else { return nil }
    let active = parts.prefix(lanes.count)
    let results = Mutex([Result<ListingPage, InputError>?](repeating: nil, count: active.count))
    let lanes = lanes
    Threads.run(active.count) { number in
      let result = lanes[number].page(active[number])
      results.withLock { $0[number] = result }
    }
    var entries: [ListingPage.Entry] = []
    var rest: [Part] = []
    for (part, result) in zip(active, results.withLock { $0 }) {
      switch result {
      case .success(let page):
        var found =
          part.held
          + (part.after.map { after in page.entries.filter { Self.isOrdered(after, $0.key) } } ?? page.entries)
        sawAny = sawAny || !found.isEmpty
        do throws(InputError) {
          if var next = try part.behind(page, in: bucket) {
            let start = Self.openLog(found)
            next.held = Array(found[start...])
            found.removeSubrange(start...)
            rest.append(next)
          }
        } catch {
          failure = failure ?? error
        }
        entries += found
      case .failure(let error): failure = failure ?? error
      // The system gave no thread for this part.
      case nil: rest.append(part)
      }
    }
    parts = failure == nil ? rest + parts.dropFirst(active.count) : []
    if maySplit, !parts.isEmpty { entries += split(behind: entries + (parts.first?.held ?? [])) }
    return entries
  }

  /// Where the log begins whose earlier parts may go on in the next page: all that follows begins with its key.
  static func openLog(_ entries: [ListingPage.Entry]) -> Int {
    guard let last = entries.last?.key,
      let start = entries.firstIndex(where: { LogPath.isLogName($0.key[...]) && last.starts(with: $0.key) }),
      entries.count - start <= mostHeld
    else { return entries.endIndex }
    return start
  }

  /// Splits the listing of the root behind its first page, if the store lists in order and names all folders at once.
  /// - Returns: The objects that lie in no folder and were not listed yet.
  private mutating func split(behind listed: [ListingPage.Entry]) -> [ListingPage.Entry] {
    maySplit = false
    guard let last = listed.last?.key,
      zip(listed, listed.dropFirst()).allSatisfy({ Self.isOrdered($0.key, $1.key) }),
      case .success(let page) = lanes[0].page(Part(prefix: root), isFlat: false), page.next == nil,
      page.prefixes.count > 1
    else { return [] }
    let held = parts.first?.held ?? []
    let rest = page.entries.filter { Self.isOrdered(last, $0.key) }
    parts = Self.parts(of: page.prefixes, behind: last)
    guard let first = held.first?.key, let own = parts.firstIndex(where: { first.starts(with: $0.prefix) })
    else { return held + rest }
    parts[own].held = held
    return rest
  }

  /// What is left of folders when everything up to a key has been listed.
  static func parts(of prefixes: [[UInt8]], behind last: [UInt8]) -> [Part] {
    prefixes.compactMap { prefix in
      if last.starts(with: prefix) { return Part(prefix: prefix, after: last) }
      return isOrdered(last, prefix) ? Part(prefix: prefix) : nil
    }
  }

  /// Whether a key comes before another one.
  private static func isOrdered(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    first.lexicographicallyPrecedes(second)
  }
}

/// One connection over which pages are asked for, by one thread at a time.
private final class ListingLane: Sendable {
  private let client: Mutex<BucketClient>

  init(_ bucket: Bucket) throws(InputError) {
    client = Mutex(try BucketClient(bucket))
  }

  func page(_ part: ObjectListing.Part, isFlat: Bool = true) -> Result<ListingPage, InputError> {
    client.withLock { client in
      do throws(InputError) {
        return .success(
          try client.list(prefix: part.prefix, after: part.after, from: part.token, isFlat: isFlat))
      } catch {
        return .failure(error)
      }
    }
  }
}

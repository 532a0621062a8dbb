public import LogInput
import LogModel

/// What a key stands for that a user has given: an object, a folder, or both.
public enum NamedObject: Sendable {
  /// An object.
  case object(FoundObject)
  /// A folder: objects lie below the key.
  case folder
  /// An object, and a folder of the same name.
  case both(FoundObject)

  /// Asks the store what the key stands for.
  /// - Throws: The store's trouble; `missing` if there is neither an object nor a folder.
  public init(_ bucket: Bucket, key: [UInt8]) throws(InputError) {
    if key.isEmpty || key.last == UInt8(ascii: "/") {
      self = .folder
      return
    }
    let client = try BucketClient(bucket)
    let page: ListingPage
    do throws(InputError) {
      // A listing is sorted, so that the key itself comes before all longer keys that begin with it.
      page = try client.list(prefix: key, most: 2)
    } catch {
      guard error.kind == .bucket(.forbidden) else { throw error }
      self = .object(try Self.object(bucket, key, client, refusedListing: error))
      return
    }
    guard let first = page.entries.first else {
      throw Self.missing(key, in: bucket, client)
    }
    guard first.key == key else {
      self = .folder
      return
    }
    let object = FoundObject(
      bucket: bucket, key: key, state: first.state, rotated: try Self.parts(of: key, behind: page, client))
    self = try Self.hasFolder(key, behind: page, client) ? .both(object) : .object(object)
  }

  /// The error of a key that nothing is below, with the keys that are most like its own, as of files.
  ///
  /// Where nothing is in the key's folder either, the folder's name is looked for, and so on.
  private static func missing(_ key: [UInt8], in bucket: Bucket, _ client: BucketClient) -> InputError {
    let slash = UInt8(ascii: "/")
    var key = key[...]
    let wanted = bucket.location(of: Array(key))
    while true {
      let folder = key.lastIndex(of: slash).map { Array(key[...$0]) } ?? []
      // Who may not list there gets no names. The first page holds enough of them.
      guard let page = try? client.list(prefix: folder, isFlat: false) else { break }
      let names = (page.entries.map(\.key) + page.prefixes.map { Array($0.dropLast()) }).map {
        String(decoding: $0.dropFirst(folder.count), as: UTF8.self)
      }
      if names.isEmpty, !folder.isEmpty {
        key = folder.dropLast()
        continue
      }
      let near = NearestNames.of(String(decoding: key.dropFirst(folder.count), as: UTF8.self), among: names)
      guard !near.isEmpty else { break }
      let locations = near.map { bucket.location(of: folder + Array($0.utf8)) }
      return InputError(
        .bucket(.missing), object: wanted, hint: "did you mean \(locations.joined(separator: " or "))?")
    }
    return InputError(.bucket(.missing), object: wanted)
  }

  /// The earlier parts of a log, the earliest first.
  private static func parts(
    of key: [UInt8], behind page: ListingPage, _ client: BucketClient
  ) throws(InputError) -> [RotatedObject] {
    guard LogPath.isLogName(key[...]), page.entries.count > 1 || page.next != nil else { return [] }
    return try client.list(prefix: key + [UInt8(ascii: ".")]).entries.compactMap {
      RotatedObject($0, of: key)
    }
    .sorted { $0.number > $1.number }
  }

  /// Whether objects lie below the object's name. This is asked for the name with a slash, because keys such as `prod-old` are listed
  /// between `prod` and `prod/`.
  private static func hasFolder(
    _ key: [UInt8], behind page: ListingPage, _ client: BucketClient
  ) throws(InputError) -> Bool {
    let folder = key + [UInt8(ascii: "/")]
    guard page.entries.count > 1 || page.next != nil else { return false }
    if page.entries.contains(where: { $0.key.starts(with: folder) }) { return true }
    return try !client.list(prefix: folder, most: 1).entries.isEmpty
  }

  /// Asks for the object alone, for users who may not list. The answer to such a request has no error code, so if it is refused too, the
  /// error of the listing is thrown.
  private static func object(
    _ bucket: Bucket, _ key: [UInt8], _ client: BucketClient, refusedListing: InputError
  ) throws(InputError) -> FoundObject {
    do throws(InputError) {
      return FoundObject(bucket: bucket, key: key, state: try client.state(of: key))
    } catch {
      throw error.kind == .bucket(.stopped) ? error : refusedListing
    }
  }
}

extension Bucket {
  /// Whether there is an object at a location of this bucket.
  /// - Throws: Why the store does not tell.
  public func holds(_ location: String) throws(InputError) -> Bool {
    let key = LocationText.bytes(of: String(location.dropFirst(self.location(of: []).count)))
    let page = try BucketClient(self).list(prefix: key, most: 1)
    return page.entries.first?.key == key
  }
}

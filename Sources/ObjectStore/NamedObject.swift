public import LogInput

/// What a key names that somebody gave.
public enum NamedObject: Sendable {
  /// An object.
  case object(FoundObject)
  /// What objects lie below.
  case folder
  /// Both: an object, and a folder of its name.
  case both(FoundObject)

  /// Asks the store.
  /// - Throws: What stands in the way; `missing` where there is neither.
  public init(_ bucket: Bucket, key: [UInt8]) throws(InputError) {
    if key.isEmpty || key.last == UInt8(ascii: "/") {
      self = .folder
      return
    }
    let client = try BucketClient(bucket)
    let page: ListingPage
    do throws(InputError) {
      // The key itself comes before all others that begin with it.
      page = try client.list(prefix: key, most: 2)
    } catch {
      guard error.kind == .bucket(.forbidden) else { throw error }
      self = .object(try Self.object(bucket, key, client, refusedListing: error))
      return
    }
    guard let first = page.entries.first else {
      throw InputError(.bucket(.missing), object: bucket.location(of: key))
    }
    guard first.key == key else {
      self = .folder
      return
    }
    let object = FoundObject(bucket: bucket, key: key, state: first.state)
    self = try Self.hasFolder(key, behind: page, client) ? .both(object) : .object(object)
  }

  /// Whether anything lies below an object's name. Names such as `prod-old` come between `prod` and `prod/`.
  private static func hasFolder(
    _ key: [UInt8], behind page: ListingPage, _ client: BucketClient
  ) throws(InputError) -> Bool {
    let folder = key + [UInt8(ascii: "/")]
    guard page.entries.count > 1 || page.next != nil else { return false }
    if page.entries.contains(where: { $0.key.starts(with: folder) }) { return true }
    return try !client.list(prefix: folder, most: 1).entries.isEmpty
  }

  /// The object of which whoever may not list may ask. Its refusal tells no code, so that of the listing is what counts.
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

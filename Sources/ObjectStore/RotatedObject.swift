public import LogInput

/// An earlier part of a log in a bucket, which its handler has renamed when it had reached its size: `attempt=1.log.2`
/// (2-log-envelopes, Identity).
struct RotatedObject: Sendable, Hashable {
  /// The N of `.log.N`; the higher, the earlier.
  let number: Int
  let state: LogState
  let isArchived: Bool

  /// A part from a listing; nil where the object is none of the log's.
  init?(_ entry: ListingPage.Entry, of log: [UInt8]) {
    guard let number = LogPath.rotation(of: entry.key[...], from: log[...]) else { return nil }
    self.number = number
    state = entry.state
    isArchived = entry.isArchived
  }

  /// Its key.
  func key(of log: [UInt8]) -> [UInt8] { log + Array(".\(number)".utf8) }
}

/// Reads a log in a bucket with its earlier parts as one, the highest number first and the log itself last.
///
/// All of them have to be what the listing told: a log that is rotated while it is read would else lack a part, or have one twice.
public final class RotatedObjectReader: LogSource {
  /// How many bytes have been read, of all parts.
  public private(set) var bytesRead = 0
  /// The log with its parts, as the listing told it.
  public let logState: LogState?

  private let client: BucketClient
  private let object: FoundObject
  private var parts: ArraySlice<(key: [UInt8], listed: LogState?)>
  private var current: (reader: ObjectReader, listed: LogState?)?

  /// A reader of an object with parts; nothing is asked yet.
  /// - Parameters:
  ///   - object: The object.
  ///   - client: Asks; must not be used otherwise meanwhile.
  public init(_ object: FoundObject, client: BucketClient) {
    self.object = object
    self.client = client
    logState = object.state
    parts = (object.rotated.map { ($0.key(of: object.key), $0.state) } + [(object.key, object.ownState)])[...]
  }

  /// Reads the next bytes into the buffer, from its start; waits for them.
  public func read(into buffer: inout [UInt8]) throws(InputError) -> Int {
    while true {
      guard let (reader, listed) = current ?? next() else { return 0 }
      let isFirst = reader.bytesRead == 0
      let count: Int
      do throws(InputError) {
        count = try reader.read(into: &buffer)
      } catch {
        throw error.kind == .bucket(.missing) ? rotatedMeanwhile() : error
      }
      if isFirst, let listed, let found = reader.logState,
        (found.size, found.entityTag) != (listed.size, listed.entityTag)
      {
        throw rotatedMeanwhile()
      }
      bytesRead += count
      if count > 0 { return count }
      current = nil
    }
  }

  /// Each part is what the listing told, or the reading has failed.
  public func hasChanged() -> Bool { false }

  /// An error of this log.
  public func error(_ kind: InputError.Kind, offset: Int?) -> InputError {
    InputError(kind, object: object.location, offset: offset)
  }

  private func next() -> (reader: ObjectReader, listed: LogState?)? {
    guard let part = parts.popFirst() else { return nil }
    let opened = (ObjectReader(part.key, listed: part.listed, client: client), part.listed)
    current = opened
    return opened
  }

  private func rotatedMeanwhile() -> InputError {
    InputError(
      .bucket(.changed), object: object.location, answer: "one of its earlier parts is not what was listed")
  }
}

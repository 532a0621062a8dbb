public import LogInput
import LogModel
public import ObjectStore
public import SystemPackage

/// Where a log is read from.
public enum LogPlace: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file; the log root at the start of its path where a walk found it, below which no link is followed.
  case file(FilePath, root: FilePath?)
  /// An object in a bucket.
  case object(FoundObject)

  /// The task attempt that the path by which it is read names.
  var pathTask: GivenTask? {
    switch self {
    case .standardInput: nil
    case .file(let path, _): GivenTask(LogPath(path.absolute))
    case .object(let object): GivenTask(object.logPath)
    }
  }

  /// The last modification of a file or object.
  var modificationTime: LogTime? {
    switch self {
    case .standardInput: nil
    case .file(let path, _): path.modificationTime
    case .object(let object): object.state?.modified
    }
  }
}

/// Reads logs wherever they are; keeps its buffers and connections from log to log. For one thread.
struct PlaceReader: ~Copyable {
  private var reader: LogReader
  private var clients: [Bucket: BucketClient] = [:]

  init(_ reader: consuming LogReader) {
    self.reader = reader
  }

  /// Reads a log to its end.
  mutating func read<Sink: LogSink & ~Copyable>(
    _ place: LogPlace, into sink: inout Sink
  ) throws(Sink.Failure) -> LogReading {
    switch place {
    case .standardInput: return try reader.readStandardInput(into: &sink)
    case .file(let path, let root):
      return try reader.read(path, below: root, into: &sink)
    case .object(let object):
      let client: BucketClient
      do throws(InputError) {
        client = try self.client(of: object.bucket)
      } catch {
        return LogReading(status: .failed, error: error)
      }
      return try reader.read(ObjectReader(object.key, listed: object.state, client: client), into: &sink)
    }
  }

  private mutating func client(of bucket: Bucket) throws(InputError) -> BucketClient {
    if let client = clients[bucket] { return client }
    let client = try BucketClient(bucket)
    clients[bucket] = client
    return client
  }
}

extension InputError {
  /// What stands in the way of reading a bucket; nil where it is something else.
  var bucketTrouble: BucketTrouble? {
    if case .bucket(let trouble) = kind { trouble } else { nil }
  }

  /// Trouble that says something about the object store and not about one log; nil where it is none.
  public var outage: BucketTrouble? { bucketTrouble.flatMap { $0.isOutage ? $0 : nil } }
}

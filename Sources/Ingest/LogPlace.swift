public import LogInput
import LogModel
public import ObjectStore
public import SystemPackage

/// Where a log is read from.
public enum LogPlace: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file; the log root at the start of its path where a walk found it, below which no link is followed.
  case file(FilePath, root: LogRoot?)
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

  /// Whether a path that somebody named leads to a folder. One that leads nowhere does not: opening it says so.
  /// - Throws: What the system failed at, or does not let this user look at.
  static func namesFolder(_ path: FilePath) throws(InputError) -> Bool {
    do throws(InputError) {
      if case .folder = try path.target() { return true }
      return false
    } catch {
      if error.concern.isOfRun { throw error }
      return false
    }
  }

  /// Whether a walk over files found it. That it is gone when it is opened is then no error.
  var isFoundFile: Bool {
    switch self {
    case .file(_, let root): root != nil
    case .standardInput, .object: false
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
      let reading = try reader.read(path, below: root?.path, into: &sink)
      if let root, let error = reading.error, error.concern == .absence, !root.isThere {
        return LogReading(status: .failed, error: InputError(.root, path: root.path, errno: error.errno))
      }
      return reading
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
}

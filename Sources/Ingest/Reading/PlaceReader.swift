import LogInput
import ObjectStore

/// Reads logs from files, buckets and the standard input. It keeps its buffers and connections from log to log, and serves one thread.
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
    case .file(let path, let rotated): return try reader.read(path, rotated: rotated, into: &sink)
    case .found(let log):
      let reading = try reader.read(log, into: &sink)
      if let error = reading.error, error.concern == .absence, !log.readRoot.isThere {
        return LogReading(
          status: .failed, error: InputError(.root, path: log.readRoot.path, errno: error.errno))
      }
      return reading
    case .object(let object):
      let client: BucketClient
      do throws(InputError) {
        client = try self.client(of: object.bucket)
      } catch {
        return LogReading(status: .failed, error: error)
      }
      if object.hasParts { return try reader.read(RotatedObjectReader(object, client: client), into: &sink) }
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
  /// The trouble of a bucket; nil if the error is not about a bucket.
  var bucketTrouble: BucketTrouble? {
    if case .bucket(let trouble) = kind { trouble } else { nil }
  }
}

import ArgumentParser
import DiagnosticWriter
import Ingest
import ObjectStore
import RecordFormats

/// Opens the buckets that arguments name; one that is named twice is opened once.
struct BucketArguments {
  private let patience: StorePatience
  private var known: [String: Bucket] = [:]

  /// Buckets that are asked as patiently as the database.
  init(patience: RetryPatience) {
    self.patience = StorePatience(attempts: patience.attempts)
  }

  /// The bucket and key that an argument names; nil for the name of a file or folder.
  /// - Throws: A usage error for a name that is none, a configuration error where the environment does not tell how to
  ///   reach it.
  mutating func resolve(_ argument: String) throws -> (bucket: Bucket, key: [UInt8])? {
    guard let path = try Self.path(argument) else { return nil }
    if let bucket = known[path.bucket] { return (bucket, path.key) }
    do throws(ConfigurationFailure) {
      let configuration = try StoreConfiguration(
        variable: { Environment[$0] }, file: { SmallFile.text($0) })
      let bucket = Bucket(
        path.bucket, configuration: configuration, patience: patience,
        userAgent: "corrparse/\(Version.program)", isStopping: { StopSignals.exitStatus != nil })
      known[path.bucket] = bucket
      return (bucket, path.key)
    } catch {
      Diagnostics.say(PrintableText.escaped(error.description))
      throw ExitStatus.configuration.exit
    }
  }

  /// Refuses what names neither a bucket nor a file.
  /// - Throws: A usage error.
  static func refuse(in arguments: [String]) throws {
    try ConnectionStringAsPath.refuse(in: arguments)
    for argument in arguments { _ = try path(argument) }
  }

  private static func path(_ argument: String) throws -> BucketPath? {
    guard BucketPath.isOne(argument) else { return nil }
    guard let path = BucketPath(argument) else {
      throw ValidationError("a bucket is named as s3://bucket/prefix or s3://bucket/key")
    }
    return path
  }

  /// What `ingest` is to read.
  mutating func ingestRequest(_ argument: String) throws -> LogRequest {
    if let (bucket, key) = try resolve(argument) { return .bucket(bucket, key: key) }
    return .path(RawArguments.path(argument))
  }

  /// The log root that `backfill` is to read: in a bucket always a prefix, whatever object has its name.
  mutating func logRoot(_ argument: String) throws -> LogRequest {
    guard let (bucket, key) = try resolve(argument) else { return .root(RawArguments.path(argument)) }
    let slash = UInt8(ascii: "/")
    return .bucket(bucket, key: key.isEmpty || key.last == slash ? key : key + [slash])
  }

  /// What `parse` is to read.
  mutating func parseRequest(_ argument: String) throws -> LogRequest {
    argument == "-" ? .standardInput(PipedLog()) : try ingestRequest(argument)
  }
}

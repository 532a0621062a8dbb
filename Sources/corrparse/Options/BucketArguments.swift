import ArgumentParser
import DiagnosticWriter
import Glibc
import Ingest
import ObjectStore

/// Opens the buckets that arguments name. A bucket that is named twice is opened once.
struct BucketArguments {
  private let patience: StorePatience
  private var known: [String: Bucket] = [:]

  /// Opens buckets. They are tried again as often as the database.
  init(patience: RetryPatience) {
    self.patience = StorePatience(attempts: patience.attempts)
  }

  /// The bucket and key that an argument names. Nil if it names a file or folder.
  /// - Throws: A usage error for a malformed name. A configuration error if the environment does not tell how to reach the store.
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
      Diagnostics.say(error.description)
      throw ExitStatus.configuration.exit
    }
  }

  /// Refuses arguments that name neither a bucket nor a file.
  /// - Throws: A usage error.
  static func refuse(in arguments: [String]) throws {
    try ConnectionStringAsPath.refuse(in: arguments)
    for argument in arguments { _ = try path(argument) }
  }

  private static func path(_ argument: String) throws -> BucketPath? {
    guard BucketPath.isOne(argument) else {
      try refuseOtherStore(argument)
      return nil
    }
    guard let path = BucketPath(argument) else {
      throw ValidationError("a bucket is named as s3://bucket/prefix or s3://bucket/key")
    }
    return path
  }

  /// Refuses what names another store than one that can be read, or a bucket with a slash too few, unless there is such a file.
  private static func refuseOtherStore(_ argument: String) throws {
    let scheme = argument.prefix { $0.isLetter || $0.isNumber }
    let rest = argument.dropFirst(scheme.count)
    guard scheme.first?.isLetter == true, unsafe access(argument, F_OK) != 0 else { return }
    if rest.hasPrefix(":/"), ["s3", "s3a", "s3n"].contains(scheme.lowercased()) {
      throw ValidationError(
        "a bucket is named as s3://bucket/prefix or s3://bucket/key, with two slashes behind the colon")
    }
    if rest.hasPrefix("://") {
      throw ValidationError(
        "\(scheme):// is nothing that logs are read from: give a folder, a file or s3://bucket/prefix"
          + (scheme.lowercased() == "file" ? "; a path stands without file://" : ""))
    }
  }

  /// The request of `ingest` for an argument.
  mutating func ingestRequest(_ argument: String) throws -> LogRequest {
    if let (bucket, key) = try resolve(argument) { return .bucket(bucket, key: key) }
    return .path(RawArguments.path(argument))
  }

  /// The request of `backfill` for its log root. In a bucket the root is always a prefix, even if there is an object of this name.
  mutating func logRoot(_ argument: String) throws -> LogRequest {
    guard let (bucket, key) = try resolve(argument) else { return .root(RawArguments.path(argument)) }
    let slash = UInt8(ascii: "/")
    return .bucket(bucket, key: key.isEmpty || key.last == slash ? key : key + [slash], isRoot: true)
  }

  /// The request of `parse` for an argument.
  mutating func parseRequest(_ argument: String) throws -> LogRequest {
    argument == "-" ? .standardInput(PipedLog()) : try ingestRequest(argument)
  }
}

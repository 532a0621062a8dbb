public import CorrelationGrammar
public import Diagnosis
public import LogInput
import LogModel
public import ObjectStore
public import RecordFormats
public import SystemPackage

/// What `parse` came by besides records.
public enum ParseNotice: Sendable {
  /// A log was read to its end.
  case finished(source: String, LogScan)
  /// A file or folder could not be looked at.
  case failed(InputError)
  /// Something in a folder was passed over on purpose.
  case skipped(String, reason: String)
  /// An object was passed over because the listing says that it is archived.
  case archived(String)
  /// An object and a prefix have the same name; both are read.
  case both(String)
}

/// What `parse` is asked to read.
public enum ParseInput: Sendable, Hashable {
  /// The standard input.
  case standardInput
  /// A file or folder.
  case path(FilePath)
  /// An object of a bucket, or the objects below a prefix.
  case bucket(Bucket, key: [UInt8])
}

/// The first half of the line, without a database: logs in, classified records out, as soon as they are known.
public struct ParseRun: ~Copyable {
  private var scanning: LogScanning
  private let classifier: Classifier
  private let readLimits: ReadLimits

  /// A run with its buffers.
  public init(
    readLimits: ReadLimits = ReadLimits(), lineFormat: LineFormat? = nil,
    inflater: Inflater = .fastest, taxonomy: Taxonomy = .current
  ) {
    scanning = LogScanning(
      readLimits: readLimits, lineFormat: lineFormat, fingerprints: false, inflater: inflater)
    classifier = Classifier(taxonomy: taxonomy)
    self.readLimits = readLimits
  }

  /// Parses the standard input, a file, or every log below a folder.
  /// - Throws: What the closures throw, and nothing else.
  public mutating func parse<Failure: Error>(
    _ input: ParseInput, record: (ClassifiedRecord) throws(Failure) -> Void,
    notice: (ParseNotice) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    let queue = ParseQueue([input], readLimits: readLimits)
    while let (_, item) = queue.next() {
      try parse(item, record: record, notice: notice, chunkEnd: chunkEnd)
    }
  }

  /// Parses what a queue gave.
  /// - Throws: What the closures throw, and nothing else.
  public mutating func parse<Failure: Error>(
    _ item: ParseItem, record: (ClassifiedRecord) throws(Failure) -> Void,
    notice: (ParseNotice) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    switch item {
    case .log(let place, let source, let identity):
      try parse(
        place, source: source, identity: identity, record: record, notice: notice, chunkEnd: chunkEnd)
    case .notice(let told): try notice(told)
    }
  }

  private mutating func parse<Failure: Error>(
    _ place: LogPlace, source: String, identity: TaskIdentity?,
    record: (ClassifiedRecord) throws(Failure) -> Void, notice: (ParseNotice) throws(Failure) -> Void,
    chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    let modified = place.modificationTime
    let classifier = classifier
    let scan = try scanning.scan(
      place, expecting: place.pathIdentity,
      handle: { (event) throws(Failure) in
        guard case .record(let found) = event else { return }
        // The path knows better than the lines; without one the lines are all there is.
        let identity = identity ?? found.identity
        let observed = ObservedTime(header: found.headerTime, identity: identity, modified: modified)
        try record(
          ClassifiedRecord(
            source: source, identity: identity, observedAt: observed?.time, record: found,
            verdict: classifier.verdict(on: found)))
      }, chunkEnd: chunkEnd)
    try notice(.finished(source: source, scan))
  }
}

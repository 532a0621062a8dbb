public import CorrelationGrammar
public import Diagnosis
public import LogInput
import LogModel
public import RecordFormats

/// What `parse` came by besides records.
public enum ParseNotice: Sendable {
  /// A log was read to its end.
  case finished(ListedLog, LogScan)
  /// A file or folder could not be looked at.
  case failed(InputError)
  /// Something in a folder was passed over on purpose.
  case skipped(String, reason: String)
  /// A file or object whose name is no log's.
  case ignored(String)
  /// An object was passed over because the listing says that it is archived.
  case archived(String)
  /// An object and a prefix have the same name; both are read.
  case both(String)
}

/// The first half of the line, without a database: logs in, classified records out, as soon as they are known.
public struct ParseRun: ~Copyable {
  private var pipeline: LogPipeline
  private let classifier: Classifier
  private var buffers = VerdictBuffers()
  private let readLimits: ReadLimits
  private let future: FutureTimes?

  /// A run with its buffers. All runs of one command share `cores`. `future` names the records whose time lies after the clock; it is
  /// nil where the result must not depend on when a log is read, as in the golden corpus.
  public init(
    readLimits: ReadLimits = ReadLimits(), limits: ScanLimits = ScanLimits(), lineFormat: LineFormat? = nil,
    inflater: Inflater = .fastest, taxonomy: Taxonomy = .current, cores: Cores? = nil,
    future: FutureTimes? = FutureTimes()
  ) {
    pipeline = LogPipeline(
      readLimits: readLimits, limits: limits, lineFormat: lineFormat, fingerprints: false,
      inflater: inflater, cores: cores)
    classifier = Classifier(taxonomy: taxonomy)
    self.readLimits = readLimits
    self.future = future
  }

  /// Parses the standard input, a file, or every log below a folder.
  /// - Throws: What the closures throw, and nothing else.
  public mutating func parse<Failure: Error>(
    _ request: LogRequest, record: (inout ClassifiedRecord) throws(Failure) -> Void,
    notice: (ParseNotice) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    var options = LogFinder.Options()
    options.readLimits = readLimits
    let finder = LogFinder([request], options)
    while let (_, finding) = finder.next() {
      try parse(finding, record: record, notice: notice, chunkEnd: chunkEnd)
    }
  }

  /// Parses what a finder found.
  /// - Throws: What the closures throw, and nothing else.
  public mutating func parse<Failure: Error>(
    _ finding: LogFinding, record: (inout ClassifiedRecord) throws(Failure) -> Void,
    notice: (ParseNotice) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    switch finding {
    case .log(let log) where log.isArchived: try notice(.archived(log.location))
    // Reading what leads nowhere says so.
    case .log(let log), .failed(_, missing: let log?):
      try parse(log, record: record, notice: notice, chunkEnd: chunkEnd)
    case .failed(let error, missing: nil): try notice(.failed(error))
    case .skipped(let name, let reason): try notice(.skipped(name, reason: reason.rawValue))
    case .ignored(let name): try notice(.ignored(name))
    case .both(let location): try notice(.both(location))
    }
  }

  private mutating func parse<Failure: Error>(
    _ log: ListedLog, record: (inout ClassifiedRecord) throws(Failure) -> Void,
    notice: (ParseNotice) throws(Failure) -> Void, chunkEnd: () throws(Failure) -> Void
  ) throws(Failure) {
    let place = log.place
    if place.emptyState != nil {
      // Nobody asks for the name of a log in which nothing is.
      return try notice(
        .finished(log, try pipeline.read(place, handle: { (_) throws(Failure) in }, chunkEnd: chunkEnd)))
    }
    let (source, given) = (log.shownName, log.given)
    let givenIdentity = given?.identity
    var modified: LogTime?
    let classifier = classifier
    var buffers = VerdictBuffers()
    swap(&buffers, &self.buffers)
    defer { swap(&buffers, &self.buffers) }
    var future = future
    // A pipe may be watched while it grows, so nothing of it waits.
    var waiting = RecordsWithoutTask(limit: given == nil && place != .standardInput ? Self.mostWaiting : 0)
    func classified(_ found: consuming CorrelationRecord, _ identity: TaskIdentity?) -> ClassifiedRecord {
      let observed = ObservedTime(header: found.headerTime, identity: identity, modified: modified)
      future?.note(found, observed?.time)
      let verdict = classifier.verdict(on: found, using: &buffers)
      return ClassifiedRecord(
        source: source, identity: identity, observedAt: observed?.time, record: found, verdict: verdict)
    }
    var scan = try pipeline.read(
      place, size: log.size, of: given,
      handle: { (part: consuming LogPart) throws(Failure) in
        switch consume part {
        case .opened(let state): modified = state?.modified
        case .issue, .damage: break
        case .record(let found):
          if waiting.keeps(found) { return }
          for earlier in waiting.takeAll() {
            var item = classified(earlier, earlier.identity)
            try record(&item)
          }
          let identity = givenIdentity ?? found.identity
          var item = classified(found, identity)
          try record(&item)
        }
      }, chunkEnd: chunkEnd)
    for found in waiting.takeAll() {
      var item = classified(found, found.identity ?? scan.toldIdentity)
      try record(&item)
    }
    if let issue = future?.issue { scan.issues.append(issue) }
    if place.isFoundFile, scan.reading.error?.concern == .absence {
      try notice(.skipped(source, reason: "gone since it was listed"))
    } else {
      try notice(.finished(log, scan))
    }
  }

  /// So many records of a log wait at most for a line that tells whose it is.
  private static let mostWaiting = 1000
}

/// The records of a log from the first one on of which no line has told yet whose it is: a later line may.
private struct RecordsWithoutTask {
  private let limit: Int
  private var waiting: [CorrelationRecord] = []
  private var memory = 0
  /// So many bytes of records wait at most, however few they are.
  private static let mostMemory = 8 << 20
  private var isOver: Bool

  /// None waiting yet. More than `limit` records are not kept: they and those after them wait for nothing.
  init(limit: Int) {
    self.limit = limit
    isOver = limit == 0
  }

  /// Whether the record waits with those before it. Where it does not, they are to be taken before it.
  mutating func keeps(_ record: CorrelationRecord) -> Bool {
    if isOver || (waiting.isEmpty && record.identity != nil) { return false }
    memory += record.memory
    guard waiting.count < limit, memory <= Self.mostMemory else {
      isOver = true
      return false
    }
    waiting.append(record)
    return true
  }

  /// Gives all that wait, in their order.
  mutating func takeAll() -> [CorrelationRecord] {
    defer { waiting.removeAll() }
    return waiting
  }
}

public import LogInput
public import LogModel

/// Which log is being read, known before its first byte is.
public struct LogDescription: Sendable, Hashable {
  /// Where the log is: the ledger's key, the same in every run that means this log. A pipe needs one of its own for
  /// each source, such as `stdin:` and the source's name.
  public var location: String
  /// The task attempt that the log belongs to; nil where none is known or its lines carry several.
  public var identity: TaskIdentity?
  /// Whether only the log's lines told ``identity``: a record whose header names another attempt then keeps its own. Path
  /// and flags win over every line.
  public var isToldByLines = false
  /// The source's name where no identity is known: what `--source` gives, else the path below the root.
  public var name: String
  /// The location of another log of this attempt that is stored and is gone: this log takes its place.
  public var replaces: String?

  /// A log by its location; the name is not used where there is an identity.
  public init(location: String, identity: TaskIdentity?, name: String) {
    self.location = location
    self.identity = identity
    self.name = name
  }

  /// The attempt that a record of the log belongs to.
  public func identity(of record: CorrelationRecord) -> TaskIdentity? {
    isToldByLines ? record.identity ?? identity : identity ?? record.identity
  }

  /// The name under which the source is stored.
  var sourceName: String { identity?.sourceName ?? name }
}

/// Where the time of a record comes from (2-log-envelopes, Times). Raw values are the database's.
public enum ObservedFrom: String, CaseIterable, Sendable, Hashable {
  /// The header's log record, or the last time before it in its stream.
  case log
  /// The time inside run_id.
  case runID = "run_id"
  /// The log's modification time. The first one stored stays.
  case modificationTime = "modification_time"
  /// Nothing tells: when the log was ingested. The first one stored stays.
  case ingestTime = "ingest_time"
}

/// What became of one task attempt that a log speaks of.
public struct AttemptOutcome: Sendable, Hashable {
  /// The attempt; its part is not looked at.
  public var identity: TaskIdentity
  /// What the log tells of it.
  public var outcome: TaskOutcome

  /// An attempt and its outcome.
  public init(identity: TaskIdentity, outcome: TaskOutcome) {
    self.identity = identity
    self.outcome = outcome
  }
}

/// What the program was told of the logs' form when it read a log. A log of which headers or the task were not found is read again when
/// it is told something else.
public struct ReadWith: Sendable, Hashable {
  /// The `log_format` of airflow.cfg; nil for none.
  public var lineFormat: String?
  /// The `log_filename_template` of airflow.cfg; nil for none.
  public var pathTemplate: String?

  /// What was told; by default nothing.
  public init(lineFormat: String? = nil, pathTemplate: String? = nil) {
    self.lineFormat = lineFormat
    self.pathTemplate = pathTemplate
  }
}

/// What a reading of a log came to, known after its last byte.
public struct StoredReading: Sendable, Hashable {
  /// The file's size in bytes, compressed or not; nil for a pipe.
  public var size: Int64?
  /// The file's modification time; nil for a pipe.
  public var modifiedAt: LogTime?
  /// The version of an object's content; nil for a file and a pipe.
  public var entityTag: String?
  /// A digest of the decompressed bytes; nil where nothing could be read.
  public var fingerprint: [UInt8]?
  /// The first bytes of the log, which tell whether two locations are copies of one log; nil where they were not kept.
  public var head: [UInt8]?
  /// The run that read it: of two locations found in one run that begin differently, the one that sorts first is stored.
  public var run: Int64 = 0
  /// What the log was found to be.
  public var status: LogStatus
  /// Why it is truncated, corrupt or failed.
  public var error: String?
  /// How many bytes there were after decompression.
  public var decompressedBytes: Int64
  /// How many headers were found, replays included.
  public var blocks: Int
  /// How many of them were replays.
  public var replays: Int
  /// How many issues there were, those of blocks included.
  public var issueCount: Int
  /// The issues of the source itself.
  public var issues: [GrammarIssue]
  /// The outcome of each attempt that the log speaks of. The log's own attempt counts as unknown where it is not among
  /// them.
  public var outcomes: [AttemptOutcome]
  /// What the program was told of the logs' form.
  public var readWith = ReadWith()
  /// The version of the program that read.
  public var programVersion: String

  /// A reading; whatever is not given is absent or none.
  public init(
    status: LogStatus, programVersion: String, size: Int64? = nil, modifiedAt: LogTime? = nil,
    entityTag: String? = nil, fingerprint: [UInt8]? = nil, error: String? = nil, decompressedBytes: Int64 = 0,
    blocks: Int = 0,
    replays: Int = 0, issueCount: Int = 0, issues: [GrammarIssue] = [], outcomes: [AttemptOutcome] = []
  ) {
    self.status = status
    self.programVersion = programVersion
    self.size = size
    self.modifiedAt = modifiedAt
    self.entityTag = entityTag
    self.fingerprint = fingerprint
    self.error = error
    self.decompressedBytes = decompressedBytes
    self.blocks = blocks
    self.replays = replays
    self.issueCount = issueCount
    self.issues = issues
    self.outcomes = outcomes
  }
}

extension TaskIdentity {
  /// The attempt as Airflow's own path shows it. Unambiguous: a slash within a part is written `%2F`.
  var sourceName: String {
    func part(_ text: String) -> String {
      text.replacing("%", with: "%25").replacing("/", with: "%2F")
    }
    var name = "dag_id=\(part(dagID))/run_id=\(part(runID))/task_id=\(part(taskID))"
    if let mapIndex { name += "/map_index=\(mapIndex)" }
    name += "/attempt=\(tryNumber).log"
    return self.part.isEmpty ? name : name + ".\(part(self.part)).log"
  }

  /// The column's value: -1 for a task that is not mapped, as Airflow has it.
  var storedMapIndex: Int64 { Int64(mapIndex ?? -1) }
}

public import CorrelationGrammar
public import SystemPackage

/// What the path of a log says about its task attempt (page 2, *Identity*; FORMATS.md, section 1).
public struct LogPath: Sendable, Hashable {
  /// The task attempt.
  public let identity: TaskIdentity
  /// Whether `identity.runID` is not Airflow's run id but the logical date that stands in the older paths.
  ///
  /// A log's lines may then tell the run id (`manual__2026-03-28T02:00:00+00:00`) without contradicting the
  /// path, if the instant in it is the same.
  public let isRunLogicalDate: Bool

  /// Reads a path's end; nil where it is none of Airflow's task logs.
  ///
  /// Known are `dag_id=D/run_id=R/task_id=T[/map_index=M]/attempt=N.log`, the older `D/T/DATE/N.log` with
  /// `M_N.log` or a folder `map_M` for mapped tasks, each with `.gz`, and with `.trigger.P.log` for the
  /// triggerer's part. Names must be UTF-8 and not empty, numbers as Airflow prints them.
  public init?(_ path: FilePath) {
    self.init(bytes: path.bytes.span)
  }

  /// Reads the end of a path, or of a key in a bucket, from its bytes.
  init?(bytes: Span<UInt8>) {
    var components = PathEnd(bytes)
    guard let name = components.next(), let file = FileName(name) else { return nil }
    if file.isAttempt {
      guard let identity = Self.identity(file: file, folders: &components) else { return nil }
      self.init(identity: identity, isRunLogicalDate: false)
    } else {
      guard let identity = Self.olderIdentity(file: file, folders: &components) else { return nil }
      self.init(identity: identity, isRunLogicalDate: true)
    }
  }

  private init(identity: TaskIdentity, isRunLogicalDate: Bool) {
    self.identity = identity
    self.isRunLogicalDate = isRunLogicalDate
  }

  private static func identity(file: FileName, folders: inout PathEnd) -> TaskIdentity? {
    guard file.mapIndex == nil, var folder = folders.next() else { return nil }
    var mapIndex: Int?
    if let index = folder.removingPrefix("map_index=") {
      // Airflow's own number for "not mapped" is -1.
      if index != "-1" {
        guard let number = number(index) else { return nil }
        mapIndex = number
      }
      guard let next = folders.next() else { return nil }
      folder = next
    }
    guard let taskID = folder.removingPrefix("task_id="),
      let runID = folders.next()?.removingPrefix("run_id="),
      let dagID = folders.next()?.removingPrefix("dag_id="),
      !taskID.isEmpty, !runID.isEmpty, !dagID.isEmpty
    else { return nil }
    return TaskIdentity(
      dagID: dagID, runID: runID, taskID: taskID, mapIndex: mapIndex, tryNumber: file.tryNumber,
      part: file.part)
  }

  private static func olderIdentity(file: FileName, folders: inout PathEnd) -> TaskIdentity? {
    guard var folder = folders.next() else { return nil }
    var mapIndex = file.mapIndex
    if mapIndex == nil, let index = folder.removingPrefix("map_").flatMap(number) {
      mapIndex = index
      guard let next = folders.next() else { return nil }
      folder = next
    }
    guard LogTime(folder) != nil, let taskID = folders.next(), let dagID = folders.next() else { return nil }
    return TaskIdentity(
      dagID: dagID, runID: folder, taskID: taskID, mapIndex: mapIndex, tryNumber: file.tryNumber,
      part: file.part)
  }

  /// A number as Airflow prints it: digits, no sign, no leading zero.
  fileprivate static func number(_ text: some StringProtocol) -> Int? {
    let digits = text.utf8
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.count == 1 || digits.first != 0x30
    else { return nil }
    return Int(text)
  }
}

extension LogPath {
  /// The instant inside a run id, whoever named the run: `manual__2026-03-28T02:00:00+00:00`,
  /// `scheduled__…`, `nightly-20260328T020000-retry`; the first where there are several, nil without one.
  public static func time(inRunID runID: String) -> LogTime? {
    let bytes = Array(runID.utf8)
    func isDigit(_ index: Int) -> Bool {
      bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index])
    }
    for start in bytes.indices where isDigit(start) && !isDigit(start - 1) {
      if let (time, end) = LogTime.prefix(of: bytes.span, from: start), !isDigit(end) { return time }
    }
    return nil
  }

  /// Whether a name is that of a folder (or link) under a log root that holds no task logs: `scheduler`,
  /// `dag_processor`, `dag_processor_manager`, `latest` (page 2, *Identity*). Read when named, never walked.
  static func isForeign(_ name: some Collection<UInt8>) -> Bool {
    name.elementsEqual("scheduler".utf8) || name.elementsEqual("latest".utf8)
      || name.starts(with: "dag_processor".utf8)
  }

  /// Whether a walk takes a file of this name for a log: `….log` and `….log.gz`, in lower case.
  ///
  /// All of Airflow's names end so, a trigger's part and the nameless `.log` included. Other names
  /// (`attempt=1.log.part` of an upload, `.txt` exports) are read only when they are named.
  static func isLogName(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    func ends(_ suffix: String) -> Bool {
      name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
    return ends(".log") || ends(".log.gz")
  }
}

/// The parts of a log's own name.
private struct FileName {
  /// Whether it is `attempt=N`, of today's paths, rather than `N` or `M_N`, of the older ones.
  let isAttempt: Bool
  let mapIndex: Int?
  let tryNumber: Int
  let part: String

  init?(_ name: String) {
    var stem = Substring(name)
    if stem.hasSuffix(".log.gz") { stem = stem.dropLast(3) }
    guard stem.hasSuffix(".log") else { return nil }
    stem = stem.dropLast(4)
    var part = ""
    if let trigger = stem.firstRange(of: ".log.trigger.") {
      guard let number = LogPath.number(stem[trigger.upperBound...]) else { return nil }
      part = "trigger.\(number)"
      stem = stem[..<trigger.lowerBound]
    }
    if let attempt = String(stem).removingPrefix("attempt=") {
      guard let number = LogPath.number(attempt) else { return nil }
      (isAttempt, mapIndex, tryNumber) = (true, nil, number)
    } else if let underscore = stem.firstIndex(of: "_") {
      guard let index = LogPath.number(stem[..<underscore]),
        let number = LogPath.number(stem[stem.index(after: underscore)...])
      else { return nil }
      (isAttempt, mapIndex, tryNumber) = (false, index, number)
    } else {
      guard let number = LogPath.number(stem) else { return nil }
      (isAttempt, mapIndex, tryNumber) = (false, nil, number)
    }
    self.part = part
  }
}

/// The components of a path, from its end.
private struct PathEnd {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: Span<UInt8>) {
    rest = []
    rest.reserveCapacity(bytes.count)
    for index in bytes.indices { rest.append(bytes[index]) }
  }

  /// The component before those given; nil at the path's start and where it is no UTF-8.
  mutating func next() -> String? {
    while rest.last == UInt8(ascii: "/") { rest.removeLast() }
    guard !rest.isEmpty else { return nil }
    let start = rest.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? rest.startIndex
    defer { rest = rest[..<start] }
    return String(validating: rest[start...], as: UTF8.self)
  }
}

extension String {
  /// What follows a prefix; nil without it.
  fileprivate func removingPrefix(_ prefix: String) -> String? {
    guard utf8.starts(with: prefix.utf8) else { return nil }
    return String(self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...])
  }
}

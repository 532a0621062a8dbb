public import LogModel
public import SystemPackage

/// What the path of a log says about its task attempt (2-log-envelopes, Identity; log-formats, Paths).
public struct LogPath: Sendable, Hashable {
  /// The task attempt.
  public let identity: TaskIdentity
  /// Whether `identity.runID` is not Airflow's run id but the logical date that stands in the older paths.
  ///
  /// A log's lines may then tell the run id (`manual__2026-03-28T02:00:00+00:00`) without contradicting the
  /// path, if the instant in it is the same.
  public let isRunLogicalDate: Bool

  /// Reads the end of a path. Nil if it is not the path of a task log of Airflow.
  ///
  /// Known are `dag_id=D/run_id=R/task_id=T[/map_index=M]/attempt=N.log`, the older `D/T/DATE/N.log` with
  /// `M_N.log` or a folder `map_M` for mapped tasks, each with `.gz`, and with `.trigger.P.log` for the
  /// triggerer's part. Names must be UTF-8 and not empty, numbers as Airflow prints them.
  public init?(_ path: FilePath) {
    self.init(bytes: path.bytes)
  }

  /// Reads the end of a key in a bucket; names in it may be URL-encoded (2-log-envelopes, Identity).
  package init?(key: [UInt8]) {
    self.init(PathEnd(key, isEncoded: true))
  }

  /// Reads the end of a path from its bytes.
  init?(bytes: [UInt8]) {
    self.init(PathEnd(bytes, isEncoded: false))
  }

  private init?(_ components: PathEnd) {
    var components = components
    guard let file = FileName(components.next()) else { return nil }
    if file.isAttempt {
      guard let identity = Self.identity(file: file, folders: &components) else { return nil }
      self.init(identity: identity, isRunLogicalDate: false)
    } else {
      guard let identity = Self.olderIdentity(file: file, folders: &components) else { return nil }
      self.init(identity: identity, isRunLogicalDate: true)
    }
  }

  init(identity: TaskIdentity, isRunLogicalDate: Bool) {
    self.identity = identity
    self.isRunLogicalDate = isRunLogicalDate
  }

  private static func identity(file: FileName, folders: inout PathEnd) -> TaskIdentity? {
    var folder = folders.next()
    var mapIndex: Int?
    if folder.remove(prefix: "map_index=") {
      // Airflow's own number for "not mapped" is -1.
      if !folder.elementsEqual("-1".utf8) {
        guard let number = number(folder) else { return nil }
        mapIndex = number
      }
      folder = folders.next()
    }
    var (run, dag) = (folders.next(), folders.next())
    guard folder.remove(prefix: "task_id="), run.remove(prefix: "run_id="), dag.remove(prefix: "dag_id="),
      let dagID = name(dag), let runID = name(run), let taskID = name(folder)
    else { return nil }
    return TaskIdentity(
      dagID: dagID, runID: runID, taskID: taskID, mapIndex: mapIndex, tryNumber: file.tryNumber,
      part: file.part)
  }

  private static func olderIdentity(file: FileName, folders: inout PathEnd) -> TaskIdentity? {
    var folder = folders.next()
    var mapIndex = file.mapIndex
    if mapIndex == nil, folder.remove(prefix: "map_") {
      guard let number = number(folder) else { return nil }
      mapIndex = number
      folder = folders.next()
    }
    guard LogTime(folder.span) != nil, let date = name(folder), let taskID = name(folders.next()),
      let dagID = name(folders.next())
    else { return nil }
    return TaskIdentity(
      dagID: dagID, runID: date, taskID: taskID, mapIndex: mapIndex, tryNumber: file.tryNumber,
      part: file.part)
  }

  /// Whether a path ends in a name that an attempt's log can have.
  static func isAttemptName(_ path: [UInt8]) -> Bool {
    var end = PathEnd(path, isEncoded: false)
    return FileName(end.next()) != nil
  }

  /// A name that is UTF-8 and not empty.
  private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
    bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// A number as Airflow prints it: digits, no sign, no leading zero.
  static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
    var number = 0
    for digit in digits {
      guard isDigit(digit) else { return nil }
      let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflowsToo) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      if overflows || overflowsToo { return nil }
      number = sum
    }
    return number
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

extension LogPath {
  /// The first instant in a run id, which Airflow or a user has named: `manual__2026-03-28T02:00:00+00:00`, `scheduled__…`,
  /// `nightly-20260328T020000-retry`. Nil if the run id has no instant.
  public static func time(inRunID runID: String) -> LogTime? {
    let bytes = Array(runID.utf8)
    func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && Self.isDigit(bytes[index]) }
    for start in bytes.indices where isDigit(start) && !isDigit(start - 1) {
      if let (time, end) = LogTime.prefix(of: bytes.span, from: start), !isDigit(end) { return time }
    }
    return nil
  }

  /// Whether a folder or link of this name below a log root holds no task logs: `scheduler`, `dag_processor`,
  /// `dag_processor_manager`, `latest` (2-log-envelopes, Identity). A walk passes it over. It is read if somebody names it.
  package static func isForeign(_ name: some Collection<UInt8>) -> Bool {
    name.elementsEqual("scheduler".utf8) || name.elementsEqual("latest".utf8)
      || name.starts(with: "dag_processor".utf8)
  }

  /// The number N of a log's earlier part, whose name is the log's name followed by `.N`. Nil for other names, and for parts of
  /// compressed logs, because no handler writes such parts.
  package static func rotation(of name: ArraySlice<UInt8>, from log: ArraySlice<UInt8>) -> Int? {
    var log = log
    let whole = log
    guard log.remove(suffix: ".log") else { return nil }
    let rest = name.dropFirst(whole.count)
    guard name.starts(with: whole), rest.first == UInt8(ascii: "."), let number = number(rest.dropFirst()),
      number > 0
    else { return nil }
    return number
  }

  /// Whether a walk takes a file of this name for a log: `….log` and `….log.gz`, in lower case.
  ///
  /// All of Airflow's names end so, a trigger's part and the nameless `.log` included. Other names
  /// (`attempt=1.log.part` of an upload, `.txt` exports) are read only when they are named.
  package static func isLogName(_ name: ArraySlice<UInt8>) -> Bool {
    name.ends(with: ".log") || name.ends(with: ".log.gz")
  }
}

/// The parts of a log's own name.
private struct FileName {
  /// Whether the name is `attempt=N`, as in Airflow's present paths. The older names are `N` and `M_N`.
  let isAttempt: Bool
  let mapIndex: Int?
  let tryNumber: Int
  let part: String

  init?(_ name: ArraySlice<UInt8>) {
    var stem = name
    guard stem.remove(suffix: ".log") || stem.remove(suffix: ".log.gz") else { return nil }
    let digits = stem.suffix(Self.digitsAtEnd(of: stem))
    var beforeDigits = stem.dropLast(digits.count)
    if beforeDigits.remove(suffix: ".log.trigger.") {
      guard let number = LogPath.number(digits) else { return nil }
      part = "trigger.\(number)"
      stem = beforeDigits
    } else {
      part = ""
    }
    isAttempt = stem.remove(prefix: "attempt=")
    if !isAttempt, let underscore = stem.firstIndex(of: UInt8(ascii: "_")) {
      guard let index = LogPath.number(stem[..<underscore]) else { return nil }
      mapIndex = index
      stem = stem[(underscore + 1)...]
    } else {
      mapIndex = nil
    }
    guard let number = LogPath.number(stem) else { return nil }
    tryNumber = number
  }

  private static func digitsAtEnd(of bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().prefix(while: LogPath.isDigit).count
  }
}

/// The components of a path, from its end.
private struct PathEnd {
  private var rest: ArraySlice<UInt8>
  private let isEncoded: Bool

  init(_ bytes: [UInt8], isEncoded: Bool) {
    rest = bytes[...]
    self.isEncoded = isEncoded
  }

  /// The next component towards the start of the path; empty at the start.
  mutating func next() -> ArraySlice<UInt8> {
    while rest.last == UInt8(ascii: "/") { rest = rest[..<(rest.endIndex - 1)] }
    let start = rest.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? rest.startIndex
    let name = rest[start...]
    rest = rest[..<start]
    guard isEncoded else { return name }
    let decoded = PercentEncoding.decoded(name)
    // If the decoded bytes are no UTF-8, the name was not encoded, and its `%` stands for itself.
    let isEncodedText = decoded.count == name.count || String(validating: decoded, as: UTF8.self) != nil
    return isEncodedText ? decoded : name
  }
}

extension ArraySlice<UInt8> {
  /// Takes a prefix away, if it is there. The slice is cut anew, because `removeFirst` copies the bytes that others have, too.
  fileprivate mutating func remove(prefix: StaticString) -> Bool {
    guard has(prefix, at: startIndex) else { return false }
    self = self[(startIndex + prefix.utf8CodeUnitCount)...]
    return true
  }

  /// Takes a suffix away, if it is there.
  fileprivate mutating func remove(suffix: StaticString) -> Bool {
    guard ends(with: suffix) else { return false }
    self = self[..<(endIndex - suffix.utf8CodeUnitCount)]
    return true
  }

  /// Whether the bytes end so.
  fileprivate func ends(with suffix: StaticString) -> Bool {
    has(suffix, at: endIndex - suffix.utf8CodeUnitCount)
  }

  /// Whether an ASCII text stands at a place. A static string is compared without a call for each letter, which counts because the names of
  /// all files below a root are looked at.
  private func has(_ text: StaticString, at place: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place >= startIndex, place + count <= endIndex else { return false }
    return text.withUTF8Buffer { text in
      for offset in 0..<count where unsafe self[place + offset] != text[offset] { return false }
      return true
    }
  }
}

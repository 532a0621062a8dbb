import LogModel
public import SystemPackage

/// The layout of a log root whose paths are not Airflow's default ones: the `log_filename_template` of airflow.cfg in its Jinja
/// form (2-log-envelopes, Identity).
///
///     {{ ti.dag_id }}/{{ ti.task_id }}/{{ ti.run_id }}/{% if ti.map_index >= 0 %}{{ ti.map_index }}/{% endif %}{{ try_number }}.log
///
/// A path that can be read in two ways names no task, because a wrong task is worse than none.
public struct PathTemplate: Sendable, Hashable {
  /// Why a text is not a usable template.
  public struct Invalid: Error, CustomStringConvertible {
    /// The mistake, and what to write instead.
    public let description: String
  }

  /// What an expression of the template stands for.
  private enum Field: Hashable {
    case dagID, runID, taskID, mapIndex, tryNumber
    /// A logical date, which identifies the run.
    case date
    /// Anything else, such as a host name.
    case other
  }

  private enum Part: Hashable {
    case literal([UInt8])
    case field(Field)
  }

  /// The template as it was given.
  public let text: String
  /// The parts of each component of the path, for every choice of the template's conditions.
  private let variants: [[[Part]]]

  /// Reads a template.
  /// - Throws: ``Invalid`` where it is no template, or names no DAG, run, task or attempt.
  public init(_ template: String) throws(Invalid) {
    text = template
    var reader = TemplateReader(template)
    var variants: [[Part]] = [[]]
    while let piece = try reader.next() {
      switch piece {
      case .text(let text): variants = variants.map { $0 + [.literal(Array(text.utf8))] }
      case .expression(let expression): variants = variants.map { $0 + [.field(Self.field(expression))] }
      case .condition(let yes, let no):
        guard variants.count < 16 else { throw Invalid(description: "more than four {% if … %}") }
        let (yes, no) = (try Self.parts(yes), try Self.parts(no))
        variants = variants.map { $0 + yes } + variants.map { $0 + no }
      }
    }
    for (needed, name) in [
      ([Field.dagID], "{{ ti.dag_id }}"), ([.taskID], "{{ ti.task_id }}"), ([.tryNumber], "{{ try_number }}"),
      ([.runID, .date], "{{ ti.run_id }} or {{ ts }}"),
    ] where !variants.allSatisfy({ $0.contains { part in needed.contains { part == .field($0) } } }) {
      throw Invalid(description: "it has no \(name), so no path would name a task attempt")
    }
    self.variants = variants.map(Self.components)
  }

  /// What a path says about its task attempt. Nil if the template does not fit, or fits in two ways.
  public func logPath(_ path: FilePath) -> LogPath? {
    logPath(below: nil, whole: path.bytes, isEncoded: false)
  }

  /// Reads a path. If the template fits the whole path below the root, that reading counts. Otherwise the template is tried on the end
  /// of the whole path.
  /// - Parameters:
  ///   - root: The path below the log root; nil where no root is known.
  ///   - whole: The whole path.
  ///   - isEncoded: Whether the names in it may be URL-encoded, as in keys of buckets.
  /// - Returns: What the path says about its task attempt. Nil if the template does not fit, or fits in two ways.
  package func logPath(below root: [UInt8]?, whole: [UInt8], isEncoded: Bool) -> LogPath? {
    func names(_ path: [UInt8]) -> [ArraySlice<UInt8>] {
      path.split(separator: UInt8(ascii: "/")).map { isEncoded ? PercentEncoding.decoded($0) : $0 }
    }
    if let root {
      let names = names(root)
      let found = fitting(names) { $0 == names.count }
      if !found.isEmpty { return found.count == 1 ? found.first : nil }
    }
    let all = names(whole)
    let found = fitting(all) { $0 <= all.count }
    return found.count == 1 ? found.first : nil
  }

  /// The different readings of a path by the variants whose number of components is allowed.
  private func fitting(_ names: [ArraySlice<UInt8>], _ isAllowed: (Int) -> Bool) -> Set<LogPath> {
    var found: Set<LogPath> = []
    for variant in variants where isAllowed(variant.count) {
      guard var file = names.last else { continue }
      if file.suffix(3).elementsEqual(".gz".utf8) { file = file.dropLast(3) }
      var part = ""
      if let (log, trigger) = Self.trigger(of: file) { (file, part) = (log, trigger) }
      let components = names.suffix(variant.count).dropLast() + [file]
      var readings: [PathReading] = [PathReading()]
      for (pattern, name) in zip(variant, components) {
        readings = readings.flatMap { Self.readings(of: name, pattern[...], $0) }
      }
      found.formUnion(readings.compactMap { $0.logPath(part: part) })
    }
    return found
  }

  /// Every way to read a component of a path.
  private static func readings(
    of name: ArraySlice<UInt8>, _ pattern: ArraySlice<Part>, _ reading: PathReading
  ) -> [PathReading] {
    guard let part = pattern.first else { return name.isEmpty ? [reading] : [] }
    let rest = pattern.dropFirst()
    switch part {
    case .literal(let text):
      guard name.starts(with: text) else { return [] }
      return readings(of: name.dropFirst(text.count), rest, reading)
    case .field(let field):
      // The last part of a component takes all that is left.
      let ends = rest.isEmpty ? [name.endIndex] : Array(name.indices.dropFirst())
      return ends.flatMap { end -> [PathReading] in
        guard let longer = reading.adding(name[..<end], as: field) else { return [] }
        return readings(of: name[end...], rest, longer)
      }
    }
  }

  /// `attempt=1.log` and `trigger.7` of `attempt=1.log.trigger.7.log`.
  private static func trigger(
    of name: ArraySlice<UInt8>
  ) -> (log: ArraySlice<UInt8>, part: String)? {
    let marker = Array(".log.trigger.".utf8)
    guard let start = name.firstRange(of: marker), name.suffix(4).elementsEqual(".log".utf8),
      let number = LogPath.number(name[start.upperBound...].dropLast(4))
    else { return nil }
    return (name[..<start.lowerBound] + Array(".log".utf8), "trigger.\(number)")
  }

  private static func parts(_ text: String) throws(Invalid) -> [Part] {
    var reader = TemplateReader(text)
    var parts: [Part] = []
    while let piece = try reader.next() {
      switch piece {
      case .text(let text): parts.append(.literal(Array(text.utf8)))
      case .expression(let expression): parts.append(.field(field(expression)))
      case .condition: throw Invalid(description: "an {% if … %} within another")
      }
    }
    return parts
  }

  /// What an expression stands for, by its last name: `ti.dag_id`, `try_number|default(ti.try_number)`,
  /// `logical_date.strftime("%Y-%m-%d")`.
  private static func field(_ expression: String) -> Field {
    let value = expression.prefix { $0 != "|" && $0 != "(" }
    let names = value.split(separator: ".").map { $0.filter { !$0.isWhitespace } }
    for name in names.reversed() {
      switch name {
      case "dag_id": return .dagID
      case "run_id": return .runID
      case "task_id": return .taskID
      case "map_index": return .mapIndex
      case "try_number", "_try_number": return .tryNumber
      case "ts", "ts_nodash", "ts_nodash_with_tz", "ds", "ds_nodash", "logical_date", "execution_date":
        return .date
      default: continue
      }
    }
    return .other
  }

  /// Cuts parts at the slashes of their literals. Slashes at the start and in a row count as none.
  private static func components(_ parts: [Part]) -> [[Part]] {
    var components: [[Part]] = [[]]
    for part in parts {
      guard case .literal(let text) = part else {
        components[components.count - 1].append(part)
        continue
      }
      for (index, piece) in text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .enumerated()
      {
        if index > 0 { components.append([]) }
        guard !piece.isEmpty else { continue }
        // Two literals side by side, as around a condition, are one.
        if case .literal(let before)? = components[components.count - 1].last {
          components[components.count - 1].removeLast()
          components[components.count - 1].append(.literal(before + piece))
        } else {
          components[components.count - 1].append(.literal(Array(piece)))
        }
      }
    }
    return components.filter { !$0.isEmpty }
  }

  /// The fields that the parts of a path have given so far.
  private struct PathReading {
    private var values: [Field: String] = [:]

    /// The fields with one more value. Nil if the field cannot have this value, or has another value already.
    func adding(_ bytes: ArraySlice<UInt8>, as field: Field) -> PathReading? {
      guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else { return nil }
      switch field {
      case .other: return self
      case .mapIndex, .tryNumber: if LogPath.number(bytes) == nil, text != "-1" { return nil }
      case .dagID, .runID, .taskID: break
      case .date: if LogTime(bytes.span) == nil, LogPath.time(inRunID: text) == nil { return nil }
      }
      if let known = values[field], known != text { return nil }
      var longer = self
      longer.values[field] = text
      return longer
    }

    func logPath(part: String) -> LogPath? {
      guard let dagID = values[.dagID], let taskID = values[.taskID],
        let run = values[.runID] ?? values[.date],
        let tryNumber = values[.tryNumber].flatMap({ Int($0) }), tryNumber >= 0
      else { return nil }
      // Airflow's own number for "not mapped" is -1.
      let mapIndex = values[.mapIndex].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
      return LogPath(
        identity: TaskIdentity(
          dagID: dagID, runID: run, taskID: taskID, mapIndex: mapIndex, tryNumber: tryNumber, part: part),
        isRunLogicalDate: values[.runID] == nil)
    }
  }
}

/// Cuts a template into text, `{{ … }}` and `{% if … %}…{% else %}…{% endif %}`.
private struct TemplateReader {
  enum Piece {
    case text(String)
    case expression(String)
    case condition(yes: String, no: String)
  }

  private var rest: Substring

  init(_ template: String) {
    rest = template[...]
  }

  /// The next piece; nil at the end.
  mutating func next() throws(PathTemplate.Invalid) -> Piece? {
    guard !rest.isEmpty else { return nil }
    if rest.hasPrefix("{{") { return .expression(try take(from: "{{", to: "}}")) }
    if rest.hasPrefix("{%") { return try condition() }
    if rest.hasPrefix("{#") {
      _ = try take(from: "{#", to: "#}")
      return try next()
    }
    let end = rest.indices.first { ["{{", "{%", "{#"].contains(rest[$0...].prefix(2)) } ?? rest.endIndex
    defer { rest = rest[end...] }
    return .text(String(rest[..<end]))
  }

  private mutating func condition() throws(PathTemplate.Invalid) -> Piece {
    guard Self.word(try take(from: "{%", to: "%}")) == "if" else {
      throw PathTemplate.Invalid(description: "only {% if … %}, {% else %} and {% endif %} are understood")
    }
    var branches = ["", ""]
    var branch = 0
    while !rest.isEmpty {
      guard rest.hasPrefix("{%") else {
        branches[branch].append(rest.removeFirst())
        continue
      }
      switch Self.word(try take(from: "{%", to: "%}")) {
      case "else" where branch == 0: branch = 1
      case "endif": return .condition(yes: branches[0], no: branches[1])
      default:
        throw PathTemplate.Invalid(description: "only {% else %} and {% endif %} may follow {% if … %}")
      }
    }
    throw PathTemplate.Invalid(description: "an {% if … %} without {% endif %}")
  }

  /// What stands between two marks, without the dashes that trim blanks.
  private mutating func take(from start: String, to end: String) throws(PathTemplate.Invalid) -> String {
    let inner = rest.dropFirst(2)
    guard let close = inner.indices.first(where: { inner[$0...].hasPrefix(end) }) else {
      throw PathTemplate.Invalid(description: "a \(start) without \(end)")
    }
    defer { rest = inner[close...].dropFirst(2) }
    return String(inner[..<close])
  }

  private static func word(_ text: String) -> String {
    String(text.drop { $0 == "-" || $0.isWhitespace }.prefix { $0.isLetter })
  }
}

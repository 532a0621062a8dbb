import CByteScan
import LogModel

/// The envelopes that a scanner looks for, and what is computed from their definitions.
///
/// The list is a class because it never changes and each line is asked for its envelope: a structure would be copied for each.
final class EnvelopeList: Sendable {
  /// How a line came.
  enum LineRole: Int, CaseIterable {
    /// As a line of the log.
    case physical
    /// In a line that wraps it.
    case wrapped
    /// In so many lines that wrap each other that it is taken for no further wrapper.
    case innermost
    /// In a list of records.
    case element

    /// Whether the line stands in a line that wraps it.
    var isInside: Bool {
      switch self {
      case .wrapped, .innermost: true
      case .physical, .element: false
      }
    }
  }

  /// The list without a format of the user's own.
  static let standard = EnvelopeList(EnvelopeDefinition.all)

  let definitions: [EnvelopeDefinition]
  /// The ways in which lines can begin.
  let openings: OpeningTable
  /// The envelope of lines that no recogniser knows.
  let bare: Int
  /// For each role and first byte the envelopes to ask, in their order.
  private let candidates: [[Int]]
  /// The envelope whose lines are lists of records, with what such a list begins with.
  let listOfRecords: ListOfRecords?
  /// The envelopes whose lines are messages of other records, with what tells these.
  let messageEnvelopes: [(envelope: Int, source: MessageSource)]
  /// What the search over whole chunks begins with.
  let textLines: text_lines

  struct ListOfRecords: Sendable {
    let envelope: Int
    let beginning: [StaticString]

    /// The first letter of the first key, where a list is an object and its beginning names that key.
    var firstLetter: UInt8? {
      guard beginning.count > 1, beginning[1].utf8CodeUnitCount > 1 else { return nil }
      return beginning[1].withUTF8Buffer { unsafe $0[0] == UInt8(ascii: "\"") ? unsafe $0[1] : nil }
    }
  }

  /// A list of definitions. A format of the user's own takes the place of ``LineFormat``'s definition.
  init(_ definitions: [EnvelopeDefinition], lineFormat: LineFormat? = nil) {
    let definitions = definitions.map { $0.name == .custom ? LineFormat.definition(lineFormat) : $0 }
    self.definitions = definitions
    let openings = OpeningTable(definitions.map(\.opening))
    self.openings = openings
    bare = definitions.firstIndex { $0.isBare } ?? definitions.count - 1
    listOfRecords =
      definitions.indices.compactMap { index -> ListOfRecords? in
        guard case .list(let beginning) = definitions[index].shape else { return nil }
        return ListOfRecords(envelope: index, beginning: beginning)
      }.first
    messageEnvelopes = Self.messageSources(definitions)
    textLines = TextSearch.textLines(definitions)
    let order = Self.order(of: definitions)
    candidates = LineRole.allCases.flatMap { role in
      (UInt8.min...UInt8.max).map { first in
        order.filter { definitions[$0].mayBe(role) && openings.mayAdmit($0, first: first) }
      }
    }
  }

  /// The envelopes whose lines are messages of other records.
  static func messageSources(
    _ definitions: [EnvelopeDefinition]
  ) -> [(envelope: Int, source: MessageSource)] {
    definitions.indices.compactMap { index in
      guard case .message(let source, _) = definitions[index].recogniser else { return nil }
      return (index, source)
    }
  }

  /// The order in which envelopes are asked. Prefixes of wrappers come before the user's own format, which might match them too,
  /// and that comes before all others, which keep their order. Elements of a list are asked about as such first. A wrapper that only
  /// the line inside shows comes last, as its form may be that of another envelope's line.
  private static func order(of definitions: [EnvelopeDefinition]) -> [Int] {
    let wrappers = definitions.indices.filter { definitions[$0].isPrefixOfWrapper }
    let custom = definitions.indices.filter { definitions[$0].name == .custom }
    let lists = definitions.indices.filter { definitions[$0].isList }
    let last = definitions.indices.filter { definitions[$0].isShownInside }
    let first = wrappers.filter { !last.contains($0) } + custom + lists
    return first + definitions.indices.filter { !first.contains($0) && !last.contains($0) } + last
  }

  /// Recognises a line that is not empty. The members are those of the line if it is an object of JSON.
  func recognise(
    _ line: Span<UInt8>, as role: LineRole, _ members: inout JSONMembers
  ) -> (envelope: Int, head: RecordHead)? {
    var isObject: Bool?
    for envelope in candidates[role.rawValue << 8 | Int(line[0])] where openings.admits(envelope, line) {
      switch definitions[envelope].recogniser {
      case .prefix(let recognise):
        if let head = recognise(line) { return (envelope, head) }
      case .object(let recognise):
        if isObject == nil { isObject = members.read(line) }
        if isObject == true, let head = recognise(line, &members) { return (envelope, head) }
      case .message, .anyOther: break
      }
    }
    return nil
  }

  /// The envelope of which a record's messages may be; nil for nearly all records.
  func messageEnvelope(of line: Span<UInt8>, _ origin: LineOrigin) -> Int? {
    for (envelope, source) in messageEnvelopes where source.matches(line, origin) { return envelope }
    return nil
  }

  /// Whether the records of an envelope are objects of JSON.
  func isOfObjects(_ name: LogEnvelope) -> Bool { definitions.contains { $0.name == name && $0.isObject } }

  /// Whether a line with this first byte may be an object of JSON.
  func mayBeObject(first byte: UInt8) -> Bool { byte == UInt8(ascii: "{") || byte.isBlank }

  /// Whether the line at a place is no list of records, as its first bytes show.
  func cannotBeList(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    guard let listOfRecords else { return true }
    guard let letter = listOfRecords.firstLetter, start + 2 < bytes.count else { return false }
    return bytes[start] == UInt8(ascii: "{") && bytes[start + 1] == UInt8(ascii: "\"")
      && bytes[start + 2] != letter
  }

  /// Whether only an object of JSON can have this beginning.
  func isOnlyObject(beginning: Span<UInt8>) -> Bool {
    definitions.indices.allSatisfy {
      definitions[$0].isObject || !openings.mayAdmit($0, beginning: beginning)
    }
  }

  /// Whether no other envelope can have a line with this beginning.
  func isOnlyOne(_ envelope: Int, beginning: Span<UInt8>) -> Bool {
    definitions.indices.allSatisfy { $0 == envelope || !openings.mayAdmit($0, beginning: beginning) }
  }

  /// How much of a line must be held, as far as its beginning shows: as much as a message line reaches, or all of it.
  func limit(of beginning: Span<UInt8>, message: Int, whole: Int) -> Int {
    guard !beginning.isEmpty else { return whole }
    let first = beginning.trimmingBlanks(0..<beginning.count).lowerBound
    // A line of blanks so far may still turn out to be JSON. The greater limit then costs only blanks.
    if first == beginning.count || beginning[first] == UInt8(ascii: "{") { return whole }
    for envelope in candidates[LineRole.physical.rawValue << 8 | Int(beginning[0])] {
      guard case .prefix(let recognise) = definitions[envelope].recogniser, let head = recognise(beginning)
      else { continue }
      if definitions[envelope].isPrefixOfWrapper {
        let inner = beginning.extracting(head.message.lowerBound..<beginning.count)
        return head.message.lowerBound + limit(of: inner, message: message, whole: whole)
      }
      return definitions[envelope].shape.needsWholeLine ? whole : message
    }
    return message
  }
}

extension EnvelopeDefinition {
  fileprivate var isBare: Bool {
    switch recogniser {
    case .anyOther: true
    case .prefix, .object, .message: false
    }
  }

  fileprivate var isList: Bool {
    switch shape {
    case .list: true
    case .line, .untilNextPrefix, .untilContext, .wrapsLine, .loose: false
    }
  }

  /// Whether its lines wrap others, and only these show it.
  var isShownInside: Bool {
    switch shape {
    case .wrapsLine(shownBy: .lineInside), .wrapsLine(shownBy: .envelopeInside): true
    case .wrapsLine(shownBy: .prefix), .line, .list, .untilNextPrefix, .untilContext, .loose: false
    }
  }

  fileprivate var isPrefixOfWrapper: Bool {
    switch (shape, recogniser) {
    case (.wrapsLine, .prefix): true
    case (.wrapsLine, .object), (.wrapsLine, .message), (.wrapsLine, .anyOther): false
    case (.line, _), (.untilNextPrefix, _), (.untilContext, _), (.list, _), (.loose, _): false
    }
  }

  /// Whether a line that came so can be one of this envelope.
  fileprivate func mayBe(_ role: EnvelopeList.LineRole) -> Bool {
    switch (role, shape) {
    case (.physical, .list), (.wrapped, .list), (.innermost, .list): false
    case (.innermost, .wrapsLine), (.element, .wrapsLine): false
    case (.element, .line), (.element, .list): isObject
    case (.element, .untilNextPrefix), (.element, .untilContext), (.element, .loose): false
    case (.physical, _), (.wrapped, _), (.innermost, _): true
    }
  }

  /// Whether its lines are objects of JSON.
  var isObject: Bool {
    switch recogniser {
    case .object: true
    case .prefix, .message, .anyOther: false
    }
  }
}

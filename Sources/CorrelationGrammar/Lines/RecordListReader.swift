import LogModel

/// Finds the records of a line that is a list of them, such as an answer of Airflow's REST API, without holding more than one
/// (``RecordShape/list(_:)``).
///
/// A line is such a list when it begins as the definition says and its first element is a record. Elements behind a fault of the
/// list are not read.
struct RecordListReader {
  private enum Place {
    /// Before the first element's brace.
    case opening(matched: Int)
    case element
    case betweenElements
    case afterElements
    case noList
  }

  private let envelopes: EnvelopeList
  /// The first letter of the first key of a list, where each list is an object and begins with that key.
  private let firstLetter: UInt8?
  private var place = Place.noList
  /// How many bytes of the next token of the beginning were read.
  private var partOfToken = 0
  private var held = PartialLine()
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var limit = 0
  /// A buffer with more room is not kept.
  private static let keptBytes = 65_536
  /// The line is a list: its first element was a record.
  private(set) var isList = false

  init(_ envelopes: EnvelopeList) {
    self.envelopes = envelopes
    firstLetter = envelopes.listOfRecords?.firstLetter
  }

  /// Makes ready for another log.
  mutating func reset() {
    place = .noList
    partOfToken = 0
    held.clear(keeping: Self.keptBytes)
    depth = 0
    isInString = false
    isEscaped = false
    limit = 0
    isList = false
  }

  /// The list of elements was read to its end.
  var isFinished: Bool {
    if case .afterElements = place { return true }
    return false
  }

  /// Whether the line read so far is a list, or may turn out to be one.
  var mayBeList: Bool {
    if case .noList = place { return false }
    return true
  }

  /// What a list begins with. Empty if no envelope has lists.
  private var beginning: [StaticString] { envelopes.listOfRecords?.beginning ?? [] }

  /// Whether a whole line begins like a list. Most lines of JSON logs are told by the first letter of their first key.
  func mayBegin(_ line: Span<UInt8>) -> Bool {
    guard line.count > 2, line[0] == UInt8(ascii: "{") || line[0].isBlank else { return false }
    if let firstLetter, line[0] == UInt8(ascii: "{"), line[1] == UInt8(ascii: "\""), line[2] != firstLetter {
      return false
    }
    guard !beginning.isEmpty else { return false }
    var reader = RecordListReader(envelopes)
    reader.begin(limit: 0)
    for index in 0..<line.count {
      reader.open(line[index])
      switch reader.place {
      case .noList: return false
      case .opening: continue
      case .element, .betweenElements, .afterElements: return true
      }
    }
    return false
  }

  /// A line begins.
  mutating func begin(limit: Int) {
    self.limit = limit
    place = beginning.isEmpty ? .noList : .opening(matched: 0)
    partOfToken = 0
    isList = false
    held.clear(keeping: Self.keptBytes)
  }

  /// Takes the next bytes of the line. `element` gets each object, whether it is too long to be whole, and whether an object that is
  /// too long holds a header's text.
  mutating func take(_ bytes: Span<UInt8>, _ element: (Span<UInt8>, Bool, Bool) -> Void) {
    var index = 0
    while index < bytes.count {
      switch place {
      case .noList, .afterElements: return
      case .opening:
        open(bytes[index])
        index += 1
      case .betweenElements:
        let byte = bytes[index]
        index += 1
        if byte == UInt8(ascii: "{") {
          beginElement()
        } else if byte != UInt8(ascii: ","), !Self.isSpace(byte) {
          place = .afterElements
        }
      case .element:
        let start = index
        index = endOfElement(bytes, from: index)
        held.append(bytes, in: start..<index, limit: limit)
        if depth == 0 { endElement(element) }
      }
    }
  }

  private mutating func open(_ byte: UInt8) {
    guard case .opening(let matched) = place else { return }
    let token = beginning[matched]
    if partOfToken == 0, Self.isSpace(byte) { return }
    guard token.withUTF8Buffer({ unsafe $0[partOfToken] }) == byte else {
      place = .noList
      return
    }
    partOfToken += 1
    guard partOfToken == token.utf8CodeUnitCount else { return }
    partOfToken = 0
    if matched + 1 == beginning.count {
      beginElement()
    } else {
      place = .opening(matched: matched + 1)
    }
  }

  /// JSON's white space, of which LF ends the line.
  private static func isSpace(_ byte: UInt8) -> Bool { byte.isBlank || byte == 0x0D }

  private mutating func beginElement() {
    place = .element
    depth = 1
    isInString = false
    isEscaped = false
    held.clear(keeping: Self.keptBytes)
    let brace: [UInt8] = [UInt8(ascii: "{")]
    held.append(brace.span, in: 0..<1, limit: limit)
  }

  /// The position after the element's last byte; the end of the text if the element goes on.
  private mutating func endOfElement(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, depth > 0 {
      let byte = bytes[index]
      index += 1
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return index
  }

  private func isRecord(_ element: Span<UInt8>) -> Bool {
    var members = JSONMembers()
    guard element.index(of: ANSIEscapes.escape) != nil else {
      return isRecord(element, &members)
    }
    var plain: [UInt8] = []
    ANSIEscapes.strip(element, in: 0..<element.count, into: &plain)
    return isRecord(plain.span, &members)
  }

  private func isRecord(_ element: Span<UInt8>, _ members: inout JSONMembers) -> Bool {
    envelopes.recognise(element, as: .element, &members)?.envelope == envelopes.listOfRecords?.envelope
  }

  private mutating func endElement(_ element: (Span<UInt8>, Bool, Bool) -> Void) {
    place = .betweenElements
    if !isList {
      guard !held.isOverlong, isRecord(held.bytes.span) else {
        place = .noList
        return
      }
      isList = true
    }
    element(held.bytes.span, held.isOverlong, held.holdsHeader)
  }
}

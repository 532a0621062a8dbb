import LogModel

/// Finds the elements of an answer of Airflow's REST API, `{"content":[{…},{…}],"continuation_token":…}` on
/// one line (2-log-envelopes, Envelopes: api-json), without holding more than one of them.
///
/// A line is such an answer when its first member is `content` and the first element has an `event`; what follows a
/// fault in it is passed over.
struct APIAnswerReader {
  private enum Place {
    /// Before the first element's brace.
    case opening(matched: Int)
    case element
    case betweenElements
    case afterElements
    case notAnswer
  }

  private static let openingTokens: [StaticString] = ["{", "\"content\"", ":", "[", "{"]

  private var place = Place.notAnswer
  private var partOfToken = 0
  private var held = HeldLine()
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var limit = 0
  /// The line is an answer: its first element was one.
  private(set) var isAnswer = false

  /// The list of elements was read to its end.
  var isFinished: Bool {
    if case .afterElements = place { return true }
    return false
  }

  /// Whether the line read so far is, or may turn out to be, an answer.
  var mayBeAnswer: Bool {
    if case .notAnswer = place { return false }
    return true
  }

  /// Whether a whole line begins like an answer; cheap for all others.
  static func mayBegin(_ line: Span<UInt8>) -> Bool {
    guard line.count > 14, line[0] == UInt8(ascii: "{") || line[0].isBlank else { return false }
    // Most lines of JSON logs are told by the first letter of their first key.
    if line.has("{\""), line[2] != UInt8(ascii: "c") { return false }
    var reader = APIAnswerReader()
    reader.begin(limit: 0)
    for index in 0..<min(line.count, 64) {
      reader.open(line[index])
      switch reader.place {
      case .notAnswer: return false
      case .opening: continue
      default: return true
      }
    }
    return false
  }

  /// A line begins.
  mutating func begin(limit: Int) {
    self.limit = limit
    place = .opening(matched: 0)
    partOfToken = 0
    isAnswer = false
    held.clear(keeping: 65_536)
  }

  /// Takes the next bytes of the line. `element` gets each object with whether it is too long to be whole, and then
  /// whether it holds a header's text.
  mutating func take(_ bytes: Span<UInt8>, _ element: (Span<UInt8>, Bool, Bool) -> Void) {
    var index = 0
    while index < bytes.count {
      switch place {
      case .notAnswer, .afterElements: return
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
    let token = Self.openingTokens[matched]
    if partOfToken == 0, Self.isSpace(byte) { return }
    guard token.withUTF8Buffer({ unsafe $0[partOfToken] }) == byte else {
      place = .notAnswer
      return
    }
    partOfToken += 1
    guard partOfToken == token.utf8CodeUnitCount else { return }
    partOfToken = 0
    if matched + 1 == Self.openingTokens.count {
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
    held.clear(keeping: 65_536)
    let brace: [UInt8] = [UInt8(ascii: "{")]
    held.append(brace.span, in: 0..<1, limit: limit)
  }

  /// The position after the element's last byte, or the end of what there is.
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

  private static func isRecord(_ element: Span<UInt8>) -> Bool {
    guard element.index(of: ANSIEscapes.escape) != nil else {
      return JSONLogLine(element, isElement: true)?.envelope == .api
    }
    var plain: [UInt8] = []
    ANSIEscapes.strip(element, in: 0..<element.count, into: &plain)
    return JSONLogLine(plain.span, isElement: true)?.envelope == .api
  }

  private mutating func endElement(_ element: (Span<UInt8>, Bool, Bool) -> Void) {
    place = .betweenElements
    if !isAnswer {
      guard !held.isOverlong, Self.isRecord(held.bytes.span) else {
        place = .notAnswer
        return
      }
      isAnswer = true
    }
    element(held.bytes.span, held.isOverlong, held.holdsHeader)
  }
}

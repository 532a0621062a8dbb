@testable import CorrelationGrammar
@testable import LogModel

/// The readers of JSON and of blocks' bodies: any bytes as one object.
enum JSONTarget {
  static func run(_ input: [UInt8]) {
    let text = input
    var members: [JSONScanner.Member] = []
    let isObject = JSONScanner.object(text.span) { members.append($0) }
    check(isObject == JSONReference.isObject(text), "an object to one of two readers only (\(isObject))")
    var position = 0
    for member in members {
      checkMember(member, of: text)
      check(member.key.lowerBound > position, "members overlap")
      check(member.value.lowerBound > member.key.upperBound, "a value before its key")
      position = member.value.upperBound
      check(position <= text.count, "a member behind the end")
    }
    if let body = JSONBody(text.span) {
      checkBody(body, of: text)
      checkBodyCuts(of: text)
    }
    if isObject { checkCuts(of: text) }
  }

  /// The string is what the other reader reads, and no longer than what stands in the text.
  private static func checkMember(_ member: JSONScanner.Member, of text: [UInt8]) {
    for (range, isString) in [(member.key, true), (member.value, member.kind == .string)] where isString {
      var decoded: [UInt8] = []
      JSONString.decode(text.span, in: range, into: &decoded)
      check(decoded.count <= range.count, "\(range.count) bytes become \(decoded.count)")
      var rest = text[(range.lowerBound - 1)...]
      check(JSONReference.string(&rest) == decoded, "another text than that of the string")
      check(rest.startIndex == range.upperBound + 1, "another end than that of the string")
      var escaped: [UInt8] = []
      for byte in decoded { JSONReference.appendEscaped(byte, to: &escaped) }
      var again: [UInt8] = []
      JSONString.decode(escaped.span, in: 0..<escaped.count, into: &again)
      check(again == decoded, "written and read again, the string is another")
    }
  }

  private static func checkBody(_ body: JSONBody, of text: [UInt8]) {
    check(body.byteCount <= text.count, "\(text.count) bytes become \(body.byteCount)")
    check(body.places.count == body.pairs.count, "a pair without its place")
    check(!body.hasSeveralObjects || body.pairs.isEmpty, "pairs of several objects")
    var position = 0
    for pair in body.pairs {
      check(pair.key.lowerBound >= position, "pairs overlap")
      check(pair.value.lowerBound > pair.key.upperBound, "a value before its key")
      check(pair.raw == pair.value || pair.form == .jsonObject, "quotes in a value of an object")
      position = pair.raw.upperBound
      check(position < body.text.count, "a pair behind the end")
      for domain in domains { checkOutcome(ValueReader.read(domain, body.text.span, pair)) }
      if case .gates(let gates) = GatesReader.read(body.text.span, pair) {
        check(Set(gates.array.map(\.name)).count == gates.count, "a gate twice: \(gates.array)")
      }
    }
  }

  private static let domains: [FieldDomain] = [
    .name, .horizon, .phase, .fold, .positiveDecimal, .count, .fraction, .anyDecimal, .exitShare,
    .percentPoints, .boolean,
  ]

  private static func checkOutcome(_ outcome: ValueReader.Outcome) {
    switch outcome {
    case .bareShare(let number): check(number >= 0, "a negative share: \(number)")
    case .issue(let kind): check(kind.makesFieldAbsent, "\(kind) does not make a value absent")
    case .value: break
    }
  }

  /// No body begins with a shorter one, and each of its beginnings but the last bracket can still become one.
  private static func checkBodyCuts(of text: [UInt8]) {
    var choices = Choices(of: text)
    guard let end = text.lastIndex(where: { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "]") }) else {
      return check(false, "a body without end")
    }
    for cut in [end, choices.number(in: 0...end)] {
      check(JSONBody(Array(text[..<cut]).span) == nil, "a body cut at \(cut) is one")
    }
    if case .unfinished = JSONBody.read(Array(text[..<end]).span) { return }
    check(false, "a body that lacks only its end is not unfinished")
  }

  /// No object begins with a shorter one, or ends in something else.
  private static func checkCuts(of text: [UInt8]) {
    var choices = Choices(of: text)
    guard let end = text.lastIndex(of: UInt8(ascii: "}")) else {
      return check(false, "an object without end")
    }
    for cut in [end, choices.number(in: 0...end)] {
      let part = Array(text[..<cut])
      check(!JSONScanner.object(part.span) { _ in }, "an object cut at \(cut) is one")
    }
    let longer = text + [UInt8(ascii: "}")]
    check(!JSONScanner.object(longer.span) { _ in }, "an object with one end too many is one")
  }
}

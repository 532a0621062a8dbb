import LogModel

/// Reads a JSON object that is a block's body, or a structured header's own keys, into pairs.
struct JSONBody: Equatable {
  /// The keys and values as text, with their escapes resolved. The pairs' ranges refer to this text.
  private(set) var text: [UInt8] = []
  /// The scalars, those of sections included, and `gates`, in the order logged.
  private(set) var pairs: [LoggedPair] = []
  /// Where the key of each pair stands in the object.
  private(set) var places: [Int] = []
  private var isBody = true

  /// Reads a body: one object of scalars, objects of scalars (sections) and `gates` (1-correlation-data, Objects). Nil
  /// where the text is another kind of object or none. An array elsewhere than in `gates` makes it another kind.
  init?(_ json: Span<UInt8>) {
    let isValid = JSONScanner.object(json) { member in
      take(member, of: json, isSection: false)
    }
    guard isValid, isBody else { return nil }
  }

  /// Reads the keys that a structured header carries besides the logger's context. The header opens a block whatever
  /// stands beside it, so a value that no pair can have is kept as a malformed pair.
  init(structuredHeader line: Span<UInt8>) {
    LineOrigin.ownMembers(line) { member in
      take(member, of: line, isSection: false)
      guard !isBody else { return }
      isBody = true
      append(member, of: line, form: .jsonOther)
    }
  }

  /// Reads the keys that a structured header carries in the console's form, as Python's representations
  /// (2-log-envelopes, Structured headers).
  init(consoleHeader line: Span<UInt8>, _ context: ConsoleContext) {
    context.forEachMember(line) { member in
      guard !LineOrigin.isContext(line, member.key) else { return }
      let keyStart = text.count
      text.append(line, in: member.key)
      let key = keyStart..<text.count
      text.append(0)
      if member.isQuoted {
        PythonString.decode(line, in: member.value, into: &text)
      } else {
        text.append(line, in: member.value)
      }
      let value = key.upperBound + 1..<text.count
      pairs.append(
        LoggedPair(
          key: key, name: KeyName(text.span, in: key), value: value, raw: value,
          form: member.isCompound ? .jsonOther : .jsonScalar))
      text.append(0)
    }
  }

  private mutating func take(_ member: JSONScanner.Member, of json: Span<UInt8>, isSection: Bool) {
    guard isBody else { return }
    switch member.kind {
    case .string, .number, .boolean, .null:
      append(member, of: json, form: .jsonScalar)
    case .object where isGates(member.key, of: json):
      append(member, of: json, form: .jsonObject)
    case .object where !isSection:
      let (textCount, pairCount) = (text.count, pairs.count)
      var position = member.value.lowerBound
      _ = JSONScanner.members(of: json, from: &position) { take($0, of: json, isSection: true) }
      if !isBody {
        text.removeLast(text.count - textCount)
        pairs.removeLast(pairs.count - pairCount)
        places.removeLast(places.count - pairCount)
      }
    case .array where isGates(member.key, of: json):
      append(member, of: json, form: .jsonOther)
    case .object, .array:
      isBody = false
    }
  }

  private func isGates(_ key: Range<Int>, of json: Span<UInt8>) -> Bool {
    KeyName(json, in: key) == .gates
  }

  private mutating func append(_ member: JSONScanner.Member, of json: Span<UInt8>, form: LoggedPair.Form) {
    let keyStart = text.count
    JSONString.decode(json, in: member.key, into: &text)
    let key = keyStart..<text.count
    // The text is hashed to know replays again. Without the 0 the keys `a` and `ab` could hash alike.
    text.append(0)
    if member.kind == .string {
      JSONString.decode(json, in: member.value, into: &text)
    } else {
      text.append(json, in: member.value)
    }
    let value = key.upperBound + 1..<text.count
    places.append(member.key.lowerBound)
    pairs.append(
      LoggedPair(key: key, name: KeyName(text.span, in: key), value: value, raw: value, form: form))
    text.append(0)
  }
}

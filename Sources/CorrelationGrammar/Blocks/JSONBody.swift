import LogModel

/// An object that is a block's body, or a structured header's own keys, as pairs.
struct JSONBody: Equatable {
  /// What a text is, as far as it has come.
  enum Reading {
    case body(JSONBody)
    /// A further line can make the text a body.
    case unfinished
    /// No body, whatever follows.
    case none
  }

  /// The keys and values as text, with their escapes resolved. The pairs' ranges refer to this text.
  private(set) var text: [UInt8] = []
  /// The scalars, those of sections included, and `gates`, in the order logged. None where there are several objects.
  private(set) var pairs: [LoggedPair] = []
  /// Where the key of each pair stands in the object.
  private(set) var places: [Int] = []
  /// The text is an array of more than one object. Nothing is read from it.
  private(set) var hasSeveralObjects = false
  private var rawBytes = 0

  /// How long the keys are as pairs `key=value `.
  var byteCount: Int { text.count - rawBytes }

  /// Reads a body: one object of scalars, objects of scalars (sections) and `gates`, or an array of such objects
  /// (1-correlation-data, Objects).
  static func read(_ source: Span<UInt8>) -> Reading {
    var reader = ObjectReader()
    do throws(ObjectReader.Stop) {
      guard let count = try reader.readBody(source) else { return .none }
      return .body(count == 1 ? JSONBody(reader) : JSONBody(severalIn: reader))
    } catch {
      switch error {
      case .unfinished: return .unfinished
      case .invalid: return .none
      }
    }
  }

  /// Reads a body. Nil where the text is none, or not whole.
  init?(_ source: Span<UInt8>) {
    guard case .body(let body) = Self.read(source) else { return nil }
    self = body
  }

  private init(_ reader: ObjectReader) {
    (text, pairs, places, rawBytes) = (reader.text, reader.pairs, reader.places, reader.rawBytes)
  }

  private init(severalIn reader: ObjectReader) {
    text = reader.text
    hasSeveralObjects = true
  }

  /// Reads the keys that a structured header carries besides the logger's context. The header opens a block whatever
  /// stands beside it, so a value that no pair can have is kept as a malformed pair. Behind `most` bytes no further key is read.
  init(structuredHeader line: Span<UInt8>, most: Int) {
    var reader = ObjectReader()
    LineOrigin.ownMembers(line) { member in
      if reader.text.count - reader.rawBytes <= most { reader.take(member, of: line) }
    }
    self.init(reader)
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
      places.append(member.key.lowerBound)
      text.append(0)
    }
  }
}

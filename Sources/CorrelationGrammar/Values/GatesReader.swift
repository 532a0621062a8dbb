import LogModel

/// Reads `gates=f1:pass,sortino:fail` in its spellings (1-correlation-data, Record).
enum GatesReader {
  /// What the value was read as.
  enum Outcome {
    case gates([Gate])
    case issue(IssueKind)
  }

  /// Reads the pair's value: text, or an object of a JSON body.
  static func read(_ text: Span<UInt8>, _ pair: LoggedPair) -> Outcome {
    switch pair.form {
    case .jsonOther: return .issue(.malformedPair)
    case .jsonObject: return object(text.extracting(pair.value))
    case .bare, .quoted, .jsonScalar:
      if pair.form == .bare, !pair.value.isEmpty, text[pair.value.lowerBound] == UInt8(ascii: "\"") {
        return .issue(.malformedPair)
      }
      let (value, isValid) = ValueReader.text(text, pair)
      guard isValid else { return .issue(.invalidUTF8) }
      let bytes = Array(value.utf8)
      return list(bytes.span)
    }
  }

  private static func list(_ text: Span<UInt8>) -> Outcome {
    let whole = text.trimmingBlanks(0..<text.count)
    if ValueReader.isMissing(text, whole) { return .issue(.missingValue) }
    if text.index(of: "***") != nil { return .issue(.maskedValue) }
    if let passed = status(text, whole) { return .gates([Gate(name: "overall", passed: passed)]) }
    var gates: [Gate] = []
    var start = whole.lowerBound
    while start <= whole.upperBound {
      let end =
        text.index(of: UInt8(ascii: ","), from: start).map { min($0, whole.upperBound) } ?? whole.upperBound
      guard let gate = gate(text, start..<end), !gates.contains(where: { $0.name == gate.name }) else {
        return .issue(.malformedPair)
      }
      gates.append(gate)
      start = end + 1
    }
    return .gates(gates)
  }

  private static func gate(_ text: Span<UInt8>, _ range: Range<Int>) -> Gate? {
    guard let colon = text.index(of: UInt8(ascii: ":"), from: range.lowerBound), colon < range.upperBound,
      let passed = status(text, text.trimmingBlanks(colon + 1..<range.upperBound))
    else { return nil }
    let name = text.trimmingBlanks(range.lowerBound..<colon)
    return name.isEmpty ? nil : Gate(name: text.text(in: name).text, passed: passed)
  }

  private static func object(_ text: Span<UInt8>) -> Outcome {
    var gates: [Gate] = []
    var isValid = true
    _ = JSONScanner.object(text) { member in
      var name: [UInt8] = []
      JSONString.decode(text, in: member.key, into: &name)
      var value: [UInt8] = []
      if member.kind == .string {
        JSONString.decode(text, in: member.value, into: &value)
      } else {
        value.append(text, in: member.value)
      }
      let gateName = name.span.text(in: name.span.trimmingBlanks(0..<name.count))
      guard let passed = status(value.span, value.span.trimmingBlanks(0..<value.count)), gateName.isValid,
        !gateName.text.isEmpty, !gates.contains(where: { $0.name == gateName.text })
      else {
        isValid = false
        return
      }
      gates.append(Gate(name: gateName.text, passed: passed))
    }
    guard isValid else { return .issue(.malformedPair) }
    return gates.isEmpty ? .issue(.missingValue) : .gates(gates)
  }

  /// Whether the text says pass or fail, in any spelling of these. Nil for another text.
  private static func status(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool? {
    if text.isCaseless("pass", in: range) || text.isCaseless("ok", in: range)
      || text.isCaseless("true", in: range) || text.is("1", in: range) || text.is("✓", in: range)
    {
      return true
    }
    if text.isCaseless("fail", in: range) || text.isCaseless("ko", in: range)
      || text.isCaseless("false", in: range) || text.is("0", in: range) || text.is("✗", in: range)
    {
      return false
    }
    return nil
  }
}

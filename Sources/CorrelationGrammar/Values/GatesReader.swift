import LogModel

/// Reads `gates=f1:pass,sortino:fail` in its spellings (1-correlation-data, Record).
enum GatesReader {
  /// What the value was read as.
  enum Outcome {
    case gates(GateList)
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
      guard pair.form == .quoted else {
        let value = text.extracting(pair.value)
        // Most lists have nothing but letters, digits and signs.
        if value.areValueBytes(from: 0) { return list(value) }
        return (try? UTF8Span(validating: value)) == nil ? .issue(.invalidUTF8) : list(value)
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
    if let passed = status(text, whole) { return .gates(GateList([Gate(name: "overall", passed: passed)])) }
    var gates = GateList()
    var start = whole.lowerBound
    while start <= whole.upperBound {
      let end =
        text.index(of: UInt8(ascii: ","), from: start).map { min($0, whole.upperBound) } ?? whole.upperBound
      guard let gate = gate(text, start..<end), !gates.hasGate(gate.name) else {
        return .issue(.malformedPair)
      }
      gates.append(gate)
      start = end + 1
    }
    return .gates(gates)
  }

  private static func gate(_ text: Span<UInt8>, _ range: Range<Int>) -> Gate? {
    guard let colon = text.index(of: UInt8(ascii: ":"), from: range.lowerBound), colon < range.upperBound
    else { return nil }
    return gate(text, name: range.lowerBound..<colon, value: colon + 1..<range.upperBound)
  }

  /// A gate of a name, which holds no blank, separator or sign, and a value in any spelling of pass or fail.
  private static func gate(_ text: Span<UInt8>, name: Range<Int>, value: Range<Int>) -> Gate? {
    let name = text.trimmingBlanks(name)
    guard !name.isEmpty, let passed = status(text, text.trimmingBlanks(value)) else { return nil }
    for index in name {
      switch text[index] {
      case 0x20, 0x09, UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: ","): return nil
      default: break
      }
    }
    return Gate(name: text.text(in: name).text, passed: passed)
  }

  /// Reads names and values in turn, a 0 behind each.
  private static func object(_ text: Span<UInt8>) -> Outcome {
    if text.isEmpty { return .issue(.missingValue) }
    if text.index(of: "***") != nil { return .issue(.maskedValue) }
    if (try? UTF8Span(validating: text)) == nil { return .issue(.invalidUTF8) }
    var gates = GateList()
    var start = 0
    while let endOfName = text.index(of: 0, from: start),
      let end = text.index(of: 0, from: endOfName + 1)
    {
      guard let gate = gate(text, name: start..<endOfName, value: endOfName + 1..<end),
        !gates.hasGate(gate.name)
      else { return .issue(.malformedPair) }
      gates.append(gate)
      start = end + 1
    }
    return .gates(gates)
  }

  /// Whether the text says pass or fail, in any spelling of these. Nil for another text.
  private static func status(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool? {
    var (passes, fails) = (false, false)
    switch range.count {
    case 1: (passes, fails) = (text.is("1", in: range), text.is("0", in: range))
    case 2: (passes, fails) = (text.isCaseless("ok", in: range), text.isCaseless("ko", in: range))
    // A sign has three bytes.
    case 3: (passes, fails) = (text.is("✓", in: range), text.is("✗", in: range))
    case 4:
      passes = text.isCaseless("pass", in: range) || text.isCaseless("true", in: range)
      fails = text.isCaseless("fail", in: range)
    case 5: fails = text.isCaseless("false", in: range)
    default: return nil
    }
    if passes { return true }
    return fails ? false : nil
  }
}

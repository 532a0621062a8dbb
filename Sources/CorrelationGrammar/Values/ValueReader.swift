import LogModel

/// Reads one value into its field's domain (1-correlation-data, Record).
enum ValueReader {
  /// What a value was read as.
  enum Outcome {
    case value(FieldValue)
    /// A bare number of an exit share, 0 or more. Its unit is not known yet.
    case bareShare(ExactDecimal)
    case issue(IssueKind)
  }

  /// Reads the pair's value.
  static func read(_ domain: FieldDomain, _ text: Span<UInt8>, _ pair: LoggedPair) -> Outcome {
    switch pair.form {
    case .jsonObject, .jsonOther:
      return .issue(.malformedPair)
    case .quoted:
      guard text.extracting(pair.value).index(of: UInt8(ascii: "\\")) == nil else {
        var resolved: [UInt8] = []
        resolve(text, pair.value, into: &resolved)
        return read(domain, resolved.span, in: 0..<resolved.count)
      }
      return read(domain, text, in: pair.value)
    case .jsonScalar:
      return read(domain, text, in: pair.value)
    case .bare:
      // The quote does not close, or text follows the closing quote.
      if !pair.value.isEmpty, text[pair.value.lowerBound] == UInt8(ascii: "\"") {
        return .issue(isNumeric(domain) ? .malformedNumber : .malformedPair)
      }
      return read(domain, text, in: pair.value)
    }
  }

  /// The value's text with its escapes resolved, and whether it is valid UTF-8.
  static func text(_ text: Span<UInt8>, _ pair: LoggedPair) -> (text: String, isValid: Bool) {
    guard pair.form == .quoted else { return text.text(in: pair.value) }
    var resolved: [UInt8] = []
    resolve(text, pair.value, into: &resolved)
    return resolved.span.text(in: 0..<resolved.count)
  }

  /// Resolves the grammar's escapes: `\"`, `\\`, `\n`, `\t`. Any other backslash is text.
  private static func resolve(_ text: Span<UInt8>, _ range: Range<Int>, into resolved: inout [UInt8]) {
    var position = range.lowerBound
    while position < range.upperBound {
      var byte = text[position]
      position += 1
      if byte == UInt8(ascii: "\\"), position < range.upperBound {
        let escaped: UInt8? =
          switch text[position] {
          case UInt8(ascii: "\""): UInt8(ascii: "\"")
          case UInt8(ascii: "\\"): UInt8(ascii: "\\")
          case UInt8(ascii: "n"): 0x0A
          case UInt8(ascii: "t"): 0x09
          default: nil
          }
        if let escaped {
          byte = escaped
          position += 1
        }
      }
      resolved.append(byte)
    }
  }

  /// Whether values of the domain are numbers.
  static func isNumeric(_ domain: FieldDomain) -> Bool {
    switch domain {
    case .name, .horizon, .phase, .boolean: false
    case .fold, .positiveDecimal, .count, .fraction, .anyDecimal, .exitShare, .percentPoints: true
    }
  }

  private static func read(_ domain: FieldDomain, _ text: Span<UInt8>, in range: Range<Int>) -> Outcome {
    // Most values are plain numbers. Only for other values is it asked what else they can be.
    if isNumeric(domain), case .number(let number) = NumberReader.read(text, in: range) {
      return bare(domain, number)
    }
    if isMissing(text, range) { return .issue(.missingValue) }
    if let issue = issueOfBytes(text.extracting(range)) { return .issue(issue) }
    switch domain {
    case .name: return name(text, range)
    case .horizon:
      return isHorizon(text, range) ? .value(.text(text.text(in: range).text)) : .issue(.outOfRange)
    case .phase:
      let isPhase =
        text.is("screening", in: range) || text.is("testing", in: range) || text.is("wfrb", in: range)
      return isPhase ? .value(.text(text.text(in: range).text)) : .issue(.outOfRange)
    case .boolean: return boolean(text, range)
    case .fold where text.isCaseless("all", in: range): return .value(.text("all"))
    case .fold, .positiveDecimal, .count, .fraction, .anyDecimal, .exitShare, .percentPoints:
      return number(domain, text, range)
    }
  }

  /// The issue of a text that something has masked or that is no UTF-8.
  static func issueOfBytes(_ text: Span<UInt8>) -> IssueKind? {
    // Most texts have nothing but letters, digits and signs that are neither.
    if text.areValueBytes(from: 0) { return nil }
    if text.index(of: "***") != nil { return .maskedValue }
    return (try? UTF8Span(validating: text)) == nil ? .invalidUTF8 : nil
  }

  /// Whether the text says that there is no value, as Python, SQL and people write it.
  static func isMissing(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    // None of the words below is longer.
    guard range.count <= 4 else { return false }
    return range.isEmpty || text.isCaseless("none", in: range) || text.isCaseless("null", in: range)
      || text.isCaseless("n/a", in: range) || text.is("-", in: range) || isNaN(text, range)
  }

  /// Whether the text is `nan` in any case, with a sign or without.
  private static func isNaN(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    3...4 ~= range.count && text.isCaseless("nan", in: withoutSign(text, range))
  }

  private static func withoutSign(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    guard let first = range.first else { return range }
    let isSigned = text[first] == UInt8(ascii: "-") || text[first] == UInt8(ascii: "+")
    return isSigned ? first + 1..<range.upperBound : range
  }

  /// A name. One pair of single quotes around the whole is taken off, as `f"{crypto=}"` prints it.
  private static func name(_ text: Span<UInt8>, _ range: Range<Int>) -> Outcome {
    let quote = UInt8(ascii: "'")
    var range = range
    if range.count > 1, text[range.lowerBound] == quote, text[range.upperBound - 1] == quote {
      range = range.lowerBound + 1..<range.upperBound - 1
      if isMissing(text, range) { return .issue(.missingValue) }
    }
    var isPrintable = true
    for index in range {
      switch text[index] {
      case 0x20, 0x09, UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"),
        UInt8(ascii: "\""), quote, UInt8(ascii: "`"):
        return .issue(.malformedPair)
      // What is left of a terminal's sequence that was cut.
      case 0x1B: return .issue(.malformedPair)
      case 0xC2, 0xE2:
        if text.isQuote(at: index) { return .issue(.malformedPair) }
        isPrintable = false
      case 0x21...0x7E: break
      default: isPrintable = false
      }
    }
    let name = text.text(in: range).text
    if isPrintable, range.count <= 128 { return .value(.text(name)) }
    let hasSpace = name.unicodeScalars.contains { !("!"..."~" ~= $0) && $0.properties.isWhitespace }
    return !hasSpace && name.unicodeScalars.count <= 128 ? .value(.text(name)) : .issue(.malformedPair)
  }

  private static func isHorizon(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard 2...3 ~= range.count, text[range.lowerBound] == UInt8(ascii: "H"),
      text[range.lowerBound + 1] != UInt8(ascii: "0")
    else { return false }
    for index in range.dropFirst() where !text[index].isASCIIDigit { return false }
    return true
  }

  private static func boolean(_ text: Span<UInt8>, _ range: Range<Int>) -> Outcome {
    if text.isCaseless("true", in: range) || text.isCaseless("yes", in: range) || text.is("1", in: range) {
      return .value(.boolean(true))
    }
    if text.isCaseless("false", in: range) || text.isCaseless("no", in: range) || text.is("0", in: range) {
      return .value(.boolean(false))
    }
    return .issue(.malformedPair)
  }

  private static func number(_ domain: FieldDomain, _ text: Span<UInt8>, _ range: Range<Int>) -> Outcome {
    if let (inner, end) = PythonLiteral.printedNumber(text, from: range.lowerBound), end == range.upperBound {
      return printedNumber(domain, text, inner)
    }
    if isInfinite(text, range) { return .issue(.nonFinite) }
    var digits = range
    let hasPercentSign = text[range.upperBound - 1] == UInt8(ascii: "%")
    if hasPercentSign {
      digits = range.lowerBound..<range.upperBound - 1
      if isMissing(text, digits) && !digits.isEmpty { return .issue(.missingValue) }
      if isInfinite(text, digits) { return .issue(.nonFinite) }
    }
    switch NumberReader.read(text, in: digits) {
    case .malformed: return .issue(.malformedNumber)
    case .outOfRange:
      return .issue(hasPercentSign && !takesPercentSign(domain) ? .malformedNumber : .outOfRange)
    case .number(let number):
      return hasPercentSign ? percentPoints(domain, number) : bare(domain, number)
    }
  }

  /// The number inside what Python prints of a number type, such as `np.float64(0.55)`.
  private static func printedNumber(
    _ domain: FieldDomain, _ text: Span<UInt8>, _ inner: Range<Int>
  ) -> Outcome {
    if isNaN(text, inner) { return .issue(.missingValue) }
    if isInfinite(text, inner) { return .issue(.nonFinite) }
    switch NumberReader.read(text, in: inner) {
    case .malformed: return .issue(.malformedNumber)
    case .outOfRange: return .issue(.outOfRange)
    case .number(let number): return bare(domain, number)
    }
  }

  private static func isInfinite(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
    let word = withoutSign(text, range)
    return text.isCaseless("inf", in: word) || text.isCaseless("infinity", in: word)
  }

  private static func takesPercentSign(_ domain: FieldDomain) -> Bool {
    switch domain {
    case .fraction, .exitShare, .percentPoints: true
    case .name, .horizon, .phase, .boolean, .fold, .positiveDecimal, .count, .anyDecimal: false
    }
  }

  private static func percentPoints(_ domain: FieldDomain, _ number: ExactDecimal) -> Outcome {
    guard takesPercentSign(domain) else { return .issue(.malformedNumber) }
    guard number >= 0, number <= 100 else { return .issue(.outOfRange) }
    if case .fraction = domain {
      return .value(.decimal(ExactDecimal(coefficient: number.coefficient, scale: number.scale + 2)))
    }
    return .value(.decimal(number))
  }

  private static func bare(_ domain: FieldDomain, _ number: ExactDecimal) -> Outcome {
    switch use(of: number, domain) {
    case .decimal: .value(.decimal(number))
    case .integer:
      Int64(exactly: number.coefficient).map { Outcome.value(.integer($0)) } ?? .issue(.outOfRange)
    case .bareShare: .bareShare(number)
    case .issue(let kind): .issue(kind)
    }
  }

  /// What a bare number is in a domain.
  enum NumberUse {
    case decimal, integer
    /// An exit share, whose unit is not known yet.
    case bareShare
    case issue(IssueKind)
  }

  /// What a bare number is in a domain.
  @inline(__always) static func use(of number: some LoggedNumber, _ domain: FieldDomain) -> NumberUse {
    switch domain {
    case .anyDecimal:
      return .decimal
    case .positiveDecimal:
      return number.sign > 0 ? .decimal : .issue(.outOfRange)
    case .fraction:
      return number.sign >= 0 && number.isAtMost(1) ? .decimal : .issue(.outOfRange)
    case .exitShare:
      return number.sign >= 0 ? .bareShare : .issue(.outOfRange)
    case .percentPoints:
      if number.sign == 0 { return .decimal }
      guard number.sign > 0, number.isAtMost(100) else { return .issue(.outOfRange) }
      return number.isAtMost(1) ? .issue(.unitAmbiguous) : .decimal
    case .count, .fold:
      return number.sign >= 0 && number.isInteger ? .integer : .issue(.outOfRange)
    case .name, .horizon, .phase, .boolean:
      return .issue(.malformedPair)
    }
  }
}

/// A number as far as the domains ask for it.
protocol LoggedNumber {
  /// -1, 0 or 1.
  var sign: Int { get }
  /// Whether the number has no fraction.
  var isInteger: Bool { get }
  func isAtMost(_ whole: Int) -> Bool
}

extension ExactDecimal: LoggedNumber {
  var sign: Int { Int(coefficient.signum()) }
  func isAtMost(_ whole: Int) -> Bool { self <= ExactDecimal(integerLiteral: whole) }
}

extension SmallDecimal: LoggedNumber {
  var sign: Int { Int(coefficient.signum()) }
  var isInteger: Bool { scale == 0 }
  func isAtMost(_ whole: Int) -> Bool {
    // A limit beyond 64 bits is beyond the number.
    let (limit, overflows) = Int64(whole).multipliedReportingOverflow(by: Self.powersOfTen[scale])
    return overflows || coefficient <= limit
  }
}

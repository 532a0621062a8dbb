@testable import CorrelationGrammar
@testable import LogModel

/// The number reader: blanks part the input into numbers; each is read alone, as a value of every field, and
/// reckoned with its neighbour.
enum NumbersTarget {
  static func run(_ input: [UInt8]) {
    var previous: (exact: ExactDecimal, slow: SlowNumber)?
    for part in input.split(separator: UInt8(ascii: " ")) {
      let text = Array(part)
      let read = checkNumber(text)
      for key in FieldKey.allCases { checkField(key, text) }
      guard let read else { continue }
      if let previous { checkArithmetic(previous, read) }
      previous = read
    }
  }

  private static func checkNumber(_ text: [UInt8]) -> (ExactDecimal, SlowNumber)? {
    let reading = NumberReader.read(text.span, in: 0..<text.count)
    switch (reading, SlowNumber.read(text)) {
    case (.malformed, .malformed), (.outOfRange, .outOfRange): return nil
    case (.number(let exact), .number(let slow)):
      check(exact.description == slow.text, "\(exact) instead of \(slow.text)")
      let printed = Array(exact.description.utf8)
      check(NumberReader.read(printed.span, in: 0..<printed.count) == reading, "\(exact) reads as another")
      check(JSONReference.isObject(Array("{\"a\":".utf8) + printed + [UInt8(ascii: "}")]), "\(exact) in JSON")
      return (exact, slow)
    case (_, let slow):
      check(false, "\(reading) instead of \(slow): \(text)")
      return nil
    }
  }

  /// A value read into its field is the number that stands there, in the field's unit and domain.
  private static func checkField(_ key: FieldKey, _ text: [UInt8]) {
    for form in [LoggedPair.Form.bare, .jsonScalar] {
      let range = 0..<text.count
      let pair = LoggedPair(key: 0..<0, name: .field(key), value: range, raw: range, form: form)
      switch ValueReader.read(key.domain, text.span, pair) {
      case .issue(let kind):
        check(kind.makesFieldAbsent, "\(kind) does not make a value absent")
      case .bareShare(let number):
        let logged = insideCall(text)
        let isAsLogged = NumberReader.read(logged.span, in: 0..<logged.count) == .number(number)
        check(isAsLogged && number >= 0, "a share of \(number)")
      case .value(let value):
        var record = CorrelationRecord()
        record[key] = value
        checkValues(of: record)
        checkUnit(of: value, text)
      }
    }
  }

  private static func checkUnit(of value: FieldValue, _ text: [UInt8]) {
    let number: ExactDecimal
    switch value {
    case .decimal(let decimal): number = decimal
    case .integer(let integer): number = ExactDecimal(coefficient: Int128(integer))
    case .text, .boolean: return
    }
    let isPercent = text.last == UInt8(ascii: "%")
    guard case .number(let logged) = SlowNumber.read(isPercent ? text.dropLast() : insideCall(text)) else {
      return check(false, "\(number) from what is no number")
    }
    let texts = [number.description] + (isPercent ? [number.shifted(by: 2).description] : [])
    check(texts.contains(logged.text), "\(number) instead of \(logged.text)")
  }

  /// What stands inside a call that Python prints of a number type; the text itself, if it is no such call.
  private static func insideCall(_ text: [UInt8]) -> [UInt8] {
    let widths = [
      "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
      "uint64",
    ]
    for (begin, end) in widths.map({ ("np.\($0)(", ")") }) + [("Decimal('", "')")]
    where text.starts(with: begin.utf8) && text.suffix(end.utf8.count).elementsEqual(end.utf8) {
      return Array(text.dropFirst(begin.utf8.count).dropLast(end.utf8.count))
    }
    return text
  }

  private static func checkArithmetic(
    _ left: (exact: ExactDecimal, slow: SlowNumber), _ right: (exact: ExactDecimal, slow: SlowNumber)
  ) {
    let difference = left.slow + -right.slow
    check((left.exact < right.exact) == difference.isNegative, "order of \(left.exact), \(right.exact)")
    check((left.exact == right.exact) == difference.digits.isEmpty, "\(left.exact) and \(right.exact)")
    // Sums are made of shares and percent points only; greater numbers of 30 places have none that fits.
    for number in [left.exact, right.exact] where number < -100 || number > 100 { return }
    let (sum, exact) = (left.slow + right.slow, left.exact + right.exact)
    check(exact.description == sum.text, "\(left.exact) + \(right.exact) is \(exact)")
    let gap = left.exact - right.exact
    check(gap.description == difference.text, "\(left.exact) - \(right.exact) is \(gap)")
  }
}

import LogModel

extension StyleNote {
  init(_ kind: Kind, _ text: Span<UInt8>, at position: LogPosition) {
    self.init(kind, line: position.line, offset: position.offset, raw: text.rawText(in: 0..<text.count))
  }

  /// What is not strict about a line of pairs.
  static func kinds(of text: Span<UInt8>, _ pairs: [LoggedPair]) -> [Kind] {
    var kinds: [Kind] = []
    if MessageLine.afterBullet(text) > 0 {
      kinds.append(.bullet)
    } else if let first = pairs.first, MessageLine.grouped(text)?.contains(first.key.lowerBound) == true {
      kinds.append(.section)
    }
    if pairs.contains(where: { isNumberRepr(text, $0) }) { kinds.append(.numberRepr) }
    if pairs.count > 1 { kinds.append(.severalPairs) }
    guard let pair = pairs.first else { return kinds }
    var sign = pair.key.upperBound
    while sign < text.count, text[sign].isBlank { sign += 1 }
    if sign < text.count, text[sign] == UInt8(ascii: ":") {
      kinds.append(.colonPair)
    } else if sign > pair.key.upperBound || (sign + 1 < text.count && text[sign + 1].isBlank) {
      kinds.append(.blanksAtSign)
    }
    return kinds
  }

  /// Whether the value is what Python prints of a number type.
  private static func isNumberRepr(_ text: Span<UInt8>, _ pair: LoggedPair) -> Bool {
    PythonLiteral.printedNumber(text, from: pair.value.lowerBound)?.end == pair.value.upperBound
  }
}

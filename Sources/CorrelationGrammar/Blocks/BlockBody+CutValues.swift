import LogModel

/// What the line behind a body-line says of that body-line's end (1-correlation-data, Cut values).
extension BlockBody {
  /// What a foreign line directly behind the last body-line says of that line's last value. The line is a bare token, or begins with
  /// one or with a separator, or is another line.
  func cut(by line: Span<UInt8>, _ kind: BlockLine.Kind) -> BlockLine.Cut {
    guard let last = entries.last else { return .no }
    switch lineEnd {
    case .closed: return last.isCut ? .yes : .no
    case .separator: return last.isCut || kind == .separated && endsInListOfGates ? .yes : .no
    case .joinedValue:
      switch restOfValue(line, kind, last) {
      case .yes: return .yes
      case .no, .ifBlockGoesOn, .ofJoinedPair: return .ofJoinedPair
      }
    case .value: return last.isCut ? .yes : restOfValue(line, kind, last)
    }
  }

  /// What the line says of a value that ends the line before.
  private func restOfValue(_ line: Span<UInt8>, _ kind: BlockLine.Kind, _ last: Entry) -> BlockLine.Cut {
    switch kind {
    case .token: break
    case .separated: return last.pair.name == .gates ? .yes : .no
    case .header, .nearMiss, .endMarker, .rule, .section, .pairs, .object, .objectStart, .title, .unread,
      .other:
      return .no
    }
    switch last.pair.name {
    case .gates: return .yes
    case .field(let key) where ValueReader.isNumeric(key.domain):
      let token = line.extracting(0..<(ForeignLine.endOfToken(line) ?? 0))
      return CutNumber.isSpelt(by: text.span.extracting(last.pair.raw), token) ? .yes : .no
    case .field, .deltaF1, .event, .extra:
      // A pair behind the token goes on with the block.
      if case .token(rest: .some) = kind { return .yes }
      return .ifBlockGoesOn
    }
  }

  /// The bare token at the end of the last body-line with which a key may have begun.
  var beginningOfKey: Range<Int>? {
    guard lineEnd == .value, let last = text.last, ForeignLine.joinsParts(last), let entry = entries.last
    else {
      return nil
    }
    var start = text.count
    while start > entry.pair.raw.lowerBound, !Self.endsToken(text[start - 1]) { start -= 1 }
    guard start > entry.pair.raw.lowerBound, ForeignLine.holdsLetter(text.span, start..<text.count) else {
      return nil
    }
    return start..<text.count
  }

  private static func endsToken(_ byte: UInt8) -> Bool { byte.isBlank || ForeignLine.isMark(byte) }

  /// Whether the last body-line is a list of gates that ends in a separator.
  var endsInListOfGates: Bool {
    lineEnd == .separator && entries.last?.pair.name == .gates
  }
}

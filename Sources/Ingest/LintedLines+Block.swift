import CorrelationGrammar
import LogModel

/// What shows only in the lines of a block beside each other: an end marker that is none, and a key that comes again.
extension LintedLines {
  /// A block has so many lines at the most, and a few of others between them (1-correlation-data, Limits of a block).
  private static let mostLines = 384

  /// The misspelt end marker of a block. It stands between the block's header and the next header; nil where no line there is nearly an end
  /// marker.
  func misspeltEnd(of record: CorrelationRecord) -> LintFinding? {
    var found: LintFinding?
    forEachLine(of: record) { number, line in
      if Self.has(Self.marker, line) { return false }
      found = MisspeltHeaders.finding(in: line, number: number, isBehindBlock: true)
      if found == nil, Self.has(Self.words, line), Self.has(Self.end, line) {
        found = Self.nearMiss(line, number)
      }
      return found == nil
    }
    return found.flatMap { $0.isEndMarker ? $0 : nil }
  }

  /// A key of an interleaved block that comes again with another text, where it does; nil where a writer's lines show otherwise.
  func keyAgain(in record: CorrelationRecord) -> LintFinding? {
    var seen: [String: (line: Int, text: String)] = [:]
    var found: LintFinding?
    forEachLine(of: record) { number, line in
      for pair in Self.pairs(in: line) {
        guard let first = seen[pair.key] else {
          seen[pair.key] = (number, pair.text)
          continue
        }
        guard first.text != pair.text else { continue }
        found = LintFinding(
          line: number, column: pair.column, kind: IssueKind.interleaved.rawValue, key: pair.key,
          raw: pair.text,
          hint:
            "the block has \(pair.key) in line \(first.line) too, as `\(first.text)`, so nothing of it is read; "
            + "print each key once, and the block with one call")
        return false
      }
      return true
    }
    return found
  }

  /// A line that holds the end marker and something else.
  static func nearEnd(_ line: BlockText.Line) -> LintFinding {
    let text = String(line.trimmed.prefix(200))
    return LintFinding(
      line: line.number, column: line.column + line.blanksBefore, kind: IssueKind.unrecognisedHeader.rawValue,
      key: nil, raw: text, hint: MarkerLine(text)?.cure ?? GrammarIssue.headerCure(isEnd: true))
  }

  private static let words = Array("CORRELATION DATA".utf8)
  private static let end = Array("END".utf8)
  private static let marker = Array("=== END CORRELATION DATA ===".utf8)

  private static func has(_ text: [UInt8], _ line: ArraySlice<UInt8>) -> Bool {
    line.firstRange(of: text) != nil
  }

  /// A line with the words of an end marker that the parser has found to be none.
  private static func nearMiss(_ line: ArraySlice<UInt8>, _ number: Int) -> LintFinding? {
    let sign = UInt8(ascii: "=")
    guard let start = line.firstIndex(of: sign) else { return nil }
    let raw = line[start...].prefix { $0 != UInt8(ascii: "\"") && $0 != 0x0D }.prefix(200)
    return LintFinding(
      line: number, column: start - line.startIndex + 1, kind: IssueKind.unrecognisedHeader.rawValue,
      key: nil,
      raw: String(decoding: raw, as: UTF8.self), hint: GrammarIssue.headerCure(isEnd: true))
  }

  /// Calls the body with the lines behind a block's header, up to the next header, until it returns false.
  private func forEachLine(of record: CorrelationRecord, _ body: (Int, ArraySlice<UInt8>) -> Bool) {
    guard let text = kept(from: record.offset) else { return }
    let lines = text.split(separator: 0x0A, maxSplits: Self.mostLines, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated().dropFirst().prefix(Self.mostLines - 1) {
      if Self.headers.contains(where: { Self.has($0, line) }) { return }
      if !body(record.line + index, line) { return }
    }
  }

  private static let headers = [Array("=== CORRELATION DATA ===".utf8), Array("=== CORRELATION DATA v".utf8)]

  /// The pairs with known keys that a line holds, as blanks part them.
  private static func pairs(in line: ArraySlice<UInt8>) -> [(key: String, text: String, column: Int)] {
    line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.compactMap { word in
      guard let sign = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let key = String(decoding: word[..<sign], as: UTF8.self).lowercased().replacing("-", with: "_")
      guard FieldKey(name: key) != nil || key == "gates" else { return nil }
      let text = String(decoding: word[(sign + 1)...].prefix(200), as: UTF8.self)
      return (key, text, word.startIndex - line.startIndex + 1)
    }
  }
}

import CorrelationGrammar
import LogModel

/// The lines within a block that are none of its body-lines. The parser tells of the first one; lint tells of each what to change.
extension CorrelationRecord {
  /// Whether the block ended because it is longer than one may be; its end marker then stands behind it.
  var endsByLimit: Bool { issues.contains { $0.kind == .blockTooLong } }
}

extension LintedLines {
  /// What is said of the issues of a block.
  func issueFindings(of record: CorrelationRecord, foreign: [LintFinding]) -> [LintFinding] {
    record.issues.compactMap { issue in
      switch issue.kind {
      case .interleaved: return keyAgain(in: record) ?? finding(of: issue)
      // The lines are why it is empty.
      case .emptyBlock: return foreign.isEmpty ? finding(of: issue) : nil
      case .interrupted:
        guard !foreign.contains(where: { $0.line == issue.line }) else { return nil }
        var found = finding(of: issue)
        found.hint = ForeignLine(issue.raw ?? "").cure
        return found
      case .cutValue:
        var found = finding(of: issue)
        if let next = foreign.first(where: { $0.line > issue.line }), issue.key != "gates" {
          let cure =
            ForeignLine(next.raw ?? "").isUnderstood ? "change that line" : "write the block with one call"
          found.hint = "line \(next.line) may be the rest of it; \(cure)"
        }
        return found
      case .malformedPair, .malformedNumber, .missingValue, .nonFinite, .maskedValue, .outOfRange,
        .unitAmbiguous, .duplicateKey, .invalidUTF8, .lineTooLong, .unsupportedVersion, .damagedSource,
        .blockTooLong, .incompleteBlock, .cutShort, .unitInferred, .rejoinedPair, .orphanEnd,
        .unrecognisedHeader, .unreadHeader, .identityConflict, .futureTime, .rotatedLog, .trailingGarbage,
        .replaysUnchecked:
        return finding(of: issue)
      }
    }
  }

  /// The foreign lines of a block that goes on behind them, and the numbers of all lines that these findings are about.
  func foreignFindings(
    in record: CorrelationRecord, _ text: BlockText?
  ) -> (findings: [LintFinding], lines: Set<Int>) {
    guard let text, record.end == .explicit,
      record.issues.contains(where: { $0.kind == .interrupted || $0.kind == .emptyBlock })
    else { return ([], []) }
    let rejoined = record.issues.filter { $0.kind == .rejoinedPair }.map { $0.line + 1 }
    let units = Self.units(of: text.lines.filter { !rejoined.contains($0.number) })
    let foreign = Self.areForeign(units.map(\.text))
    var (findings, lines): ([LintFinding], Set<Int>) = ([], [])
    for (unit, _) in zip(units, foreign).filter({ $0.1 }) {
      let line = unit.line
      let isRestOfGates = record.issues.contains {
        $0.kind == .cutValue && $0.key == "gates" && $0.line + 1 == line.number
      }
      lines.formUnion(line.number...unit.last)
      findings.append(
        LintFinding(
          line: line.number, column: line.column + line.blanksBefore, kind: IssueKind.interrupted.rawValue,
          key: nil, raw: String(line.trimmed.prefix(200)),
          hint: isRestOfGates
            ? "print all gates in one line, gates=f1:pass,sortino:fail" : ForeignLine(unit.text).cure))
    }
    return (findings, lines)
  }

  /// Lines as the grammar takes them: an object over several lines is one.
  private static func units(of lines: [BlockText.Line]) -> [(line: BlockText.Line, last: Int, text: String)] {
    var units: [(line: BlockText.Line, last: Int, text: String)] = []
    var index = 0
    while index < lines.count {
      let first = lines[index]
      var (text, depth) = (String(first.trimmed), depth(of: first.text))
      var end = index + 1
      if text.hasPrefix("{") || text.hasPrefix("[") {
        while depth > 0, end < lines.count {
          text += "\n" + lines[end].trimmed
          depth += Self.depth(of: lines[end].text)
          end += 1
        }
      }
      if depth > 0 || end == index + 1 { (text, end) = (String(first.trimmed), index + 1) }
      if !text.isEmpty, !first.isSigns { units.append((first, lines[end - 1].number, text)) }
      index = end
    }
    return units
  }

  /// How many brackets a line opens more than it closes, those in quotes not counted.
  private static func depth(of text: [UInt8]) -> Int {
    var (depth, quote, isEscaped) = (0, UInt8(0), false)
    for byte in text {
      if isEscaped {
        isEscaped = false
      } else if quote != 0 {
        isEscaped = byte == UInt8(ascii: "\\")
        if byte == quote { quote = 0 }
      } else {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        default: break
        }
      }
    }
    return depth
  }

  /// Whether each of some texts is foreign in a block. The parser is asked, with a block for each.
  private static func areForeign(_ texts: [String]) -> [Bool] {
    var scanner = LogScanner()
    var found: Set<Int> = []
    let take: (consuming LogEvent) -> Void = { event in
      guard case .record(let record) = event, record.issues.contains(where: { $0.kind == .interrupted })
      else { return }
      found.insert(record.line)
    }
    var headers: [Int] = []
    for (index, text) in texts.enumerated() {
      headers.append(scanner.lineCount)
      // A pair of its own, lest a block be taken for a replay of one before.
      let block = "=== CORRELATION DATA ===\nasked_line=\(index)\n\(text)\n=== END CORRELATION DATA ===\n"
      scanner.consume(Array(block.utf8).span, take)
    }
    scanner.finish(isWhole: true, take)
    return headers.map { found.contains($0) }
  }
}

import CorrelationGrammar
import LogModel

/// Forms of a block's lines that the parser takes without a note, and the strict form has not (docs/correlation-data.md).
extension LintedLines {
  /// The findings about the form of lines, apart from the foreign ones.
  func formFindings(
    in record: CorrelationRecord, _ text: BlockText?, apartFrom others: Set<Int>
  ) -> [LintFinding] {
    guard let text, record.end == .explicit, !record.issues.contains(where: { $0.kind == .emptyBlock }) else {
      return []
    }
    var found: [LintFinding] = []
    if text.headerIndent > 0 {
      found.append(
        LintFinding(
          line: record.line, column: text.headerIndent + 1, kind: LintRule.indented.rawValue, key: nil,
          raw: record.headerText))
    }
    let isObject = record.styleNotes.contains { $0.kind == .jsonBody }
    for line in text.lines where !others.contains(line.number) {
      if line.isSigns, !record.styleNotes.contains(where: { $0.kind == .banner && $0.line == line.number }) {
        return found + [Self.finding(.signEnd, line)]
      }
      if !isObject { found += formFindings(of: line, in: record) }
    }
    return found
  }

  private func formFindings(of line: BlockText.Line, in record: CorrelationRecord) -> [LintFinding] {
    let text = line.trimmed
    if text.isEmpty { return [Self.finding(.blankLine, line)] }
    var found = line.blanksBefore > 0 ? [Self.finding(.indented, line)] : []
    if let last = text.last, ",;|".contains(last) { found.append(Self.finding(.trailingSeparator, line)) }
    // Of a line that has a finding already the values are told once that is mended.
    guard !record.issues.contains(where: { $0.line == line.number }),
      !record.styleNotes.contains(where: { $0.line == line.number }),
      let sign = text.firstIndex(of: "="), text.first != "="
    else { return found }
    let (key, value) = (text[..<sign], text[text.index(after: sign)...])
    if key.last == "%", let known = KnownKey.canonical(String(key)) {
      found.append(Self.finding(.percentInKey, line, "print \(known)=\(value)"))
    }
    if value.count > 1, value.first == "'", value.last == "'" {
      found.append(Self.finding(.singleQuotes, line, "print \(key)=\(value.dropFirst().dropLast())"))
    }
    if key.lowercased() == "gates", let gates = record.gates, value.first != "\"",
      value.contains(where: { $0 == " " || $0 == "\t" })
    {
      let texts = gates.map { "\($0.name):\($0.passed ? "pass" : "fail")" }
      found.append(Self.finding(.blankInGates, line, "print gates=\(texts.joined(separator: ","))"))
    }
    return found
  }

  private static func finding(_ rule: LintRule, _ line: BlockText.Line, _ hint: String? = nil) -> LintFinding
  {
    LintFinding(
      line: line.number, column: line.column + line.blanksBefore, kind: rule.rawValue, key: nil,
      raw: String(line.trimmed.prefix(200)), hint: hint)
  }
}

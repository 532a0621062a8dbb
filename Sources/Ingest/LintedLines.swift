import Diagnosis
import LogModel

/// Keeps the last lines of a log, to find the columns of findings in them, and finds headers whose words are misspelt.
final class LintedLines {
  /// Enough for a block and the lines of other writers between its lines.
  private static let mostBytes = 2 << 20

  private var bytes: [UInt8] = []
  private var start = 0
  private var headers = MisspeltHeaders()

  /// Takes the log's next bytes.
  func append(_ chunk: Span<UInt8>) {
    if bytes.count > Self.mostBytes {
      let surplus = bytes.count - Self.mostBytes / 2
      bytes.removeFirst(surplus)
      start += surplus
    }
    for index in 0..<chunk.count { bytes.append(chunk[index]) }
    headers.look(through: chunk)
  }

  /// The log has no more lines.
  func end() { headers.end() }

  /// The misspelt headers that were found since the last call.
  func takeMisspeltHeaders() -> [LintFinding] { headers.take() }

  /// The findings of a block, in the order of its lines.
  func findings(of record: CorrelationRecord, _ demands: LintDemands) -> [LintFinding] {
    let text = kept(from: record.offset).flatMap { BlockText(record, $0) }
    let foreign = foreignFindings(in: record, text)
    var found = issueFindings(of: record, foreign: foreign.findings) + foreign.findings
    found += formFindings(in: record, text, apartFrom: foreign.lines)
    found += record.styleNotes.map { note in
      LintFinding(
        line: note.line, column: column(of: note.raw, after: nil, inLineAt: note.offset),
        kind: note.kind.rawValue, key: nil, raw: note.raw, hint: note.cure)
    }
    if record.end != .explicit, !record.endsByLimit,
      !record.styleNotes.contains(where: { $0.kind == .structuredHeader })
    {
      found.append(
        misspeltEnd(of: record) ?? text?.endWithOtherText.map(Self.nearEnd)
          ?? LintFinding(
            line: record.line,
            column: column(of: record.headerText, after: nil, inLineAt: record.offset),
            kind: LintRule.noEndMarker.rawValue, key: nil, raw: nil, what: Self.ending(record.end)))
    }
    found += percentFindings(in: record)
    found += record.nearlyKnownKeys.map { key, near in
      let place = place(of: key, from: record.offset)
      return LintFinding(
        line: record.line + place.lines, column: place.column,
        kind: LintRule.nearlyKnownKey.rawValue, key: key,
        raw: nil, hint: "did you mean \(near.joined(separator: " or "))?")
    }
    found += unmet(demands, by: record, where: found)
    return found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
  }

  /// How a block without its end marker ended.
  private static func ending(_ end: BlockEnd) -> String {
    switch end {
    case .explicit: "it ends by a marker"
    case .newHeader: "the next header ends it"
    case .otherLine: "a line that is none of a block ends it"
    case .recordEnd: "its log record ends it"
    case .failure: "the failure of the task ends it"
    case .endOfInput: "the end of the log ends it"
    case .limit: "it is longer than a block may be"
    }
  }

  /// The demands that a block does not meet, at its header. A key that another finding is about is missing for that reason: one cause has
  /// one finding.
  private func unmet(
    _ demands: LintDemands, by record: CorrelationRecord, where found: [LintFinding]
  ) -> [LintFinding] {
    let causes = found.filter { !demands.allowed.allows($0) }
    let column = column(of: record.headerText, after: nil, inLineAt: record.offset)
    let isSummary = Classifier.isSummary(record)
    var unmet = demands.keys.filter { key in
      guard Classifier.isKeyOfSummary(key) == isSummary else { return false }
      let isAbsent = key == "gates" ? record.gates == nil : FieldKey(name: key).flatMap { record[$0] } == nil
      return isAbsent && !causes.contains { $0.explainsAbsence(of: key) }
    }.map { key in
      LintFinding(
        line: record.line, column: column, kind: LintRule.missingKey.rawValue, key: key, raw: nil)
    }
    if demands.needsVerdict {
      let verdict = Classifier().verdict(on: record)
      if verdict.certainty == .unclassified {
        unmet.append(
          LintFinding(
            line: record.line, column: column, kind: LintRule.unclassifiedBlock.rawValue, key: nil,
            raw: nil,
            what: verdict.explanation))
      }
    }
    return unmet
  }

  /// Whether the value of the first such key behind a byte ends in a percent sign.
  func hasPercentSign(_ key: String, from offset: Int) -> Bool {
    guard let text = text(of: key, from: offset) else { return false }
    return text.utf8.drop { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }.first
      == UInt8(ascii: "%")
  }

  /// The text of the first such key behind a byte, without what may stand before it; nil where the key does not stand there as it is.
  func text(of key: String, from offset: Int) -> String? {
    guard let rest = kept(from: offset), let found = Self.range(of: key, in: rest) else { return nil }
    let value = rest[found.upperBound...].prefix { $0 != 0x0A }.drop { Self.signs.contains($0) }
    return String(decoding: value.prefix { !Self.ends.contains($0) }.prefix(200), as: UTF8.self)
  }

  /// The first place of a key that is no part of a longer one.
  private static func range(of key: String, in text: ArraySlice<UInt8>) -> Range<Int>? {
    var start = text.startIndex
    while let found = text[start...].firstRange(of: Array(key.utf8)) {
      let isBegun = found.lowerBound > text.startIndex && isOfKey(text[found.lowerBound - 1])
      let goesOn = found.upperBound < text.endIndex && isOfKey(text[found.upperBound])
      if !isBegun, !goesOn { return found }
      start = found.upperBound
    }
    return nil
  }

  private static func isOfKey(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// What stands between a key and its number.
  private static let signs = Set("\"'=: \t".utf8)
  /// What stands behind a number.
  private static let ends = Set("\"', \t\r;|}".utf8)

  /// The first place of a key behind a byte: how many lines further on, and the column. The first line where it does not stand there as
  /// it is.
  func place(of key: String, from offset: Int) -> (lines: Int, column: Int) {
    guard let rest = kept(from: offset), let found = Self.range(of: key, in: rest) else { return (0, 1) }
    let before = rest[..<found.lowerBound]
    let line = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? rest.startIndex
    return (before.count { $0 == 0x0A }, found.lowerBound - line + 1)
  }

  /// What is kept of the log from a byte on; nil where that byte is not kept.
  func kept(from offset: Int) -> ArraySlice<UInt8>? {
    guard offset >= start, offset - start < bytes.count else { return nil }
    return bytes[(offset - start)...]
  }

  /// An issue as a finding.
  func finding(of issue: GrammarIssue) -> LintFinding {
    LintFinding(
      line: issue.line, column: column(of: issue.raw, after: issue.key, inLineAt: issue.offset),
      kind: issue.kind.rawValue, key: issue.key, raw: issue.raw, hint: issue.cure)
  }

  /// The column of a text in its physical line, from 1.
  private func column(of text: String?, after key: String?, inLineAt offset: Int) -> Int {
    guard let line = kept(from: offset)?.prefix(while: { $0 != 0x0A }) else { return 1 }
    let place = key.flatMap { line.firstRange(of: Array($0.utf8)) }
    let rest = line[(place?.upperBound ?? line.startIndex)...]
    if let text, !text.isEmpty, let found = rest.firstRange(of: Array(text.utf8)) {
      return found.lowerBound - line.startIndex + 1
    }
    return place.map { $0.lowerBound - line.startIndex + 1 } ?? 1
  }
}

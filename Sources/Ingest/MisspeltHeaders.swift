import LogModel

/// Finds lines that would be a header or an end marker if their words were spelled so: `=== CORRELATON DATA ===`. The parser passes over them as
/// over any line, because its search knows the words themselves only.
struct MisspeltHeaders {
  private static let words = "correlation data"
  /// So many characters more or less than the words have.
  private static let mostMissing = 2
  /// A line that is longer is none; of one that goes on no more is kept.
  private static let mostBytes = 4096

  private var line: [UInt8] = []
  private var isTooLong = false
  private var number = 1
  private var found: [LintFinding] = []

  /// Looks through the next bytes of a log.
  mutating func look(through chunk: Span<UInt8>) {
    for index in 0..<chunk.count {
      let byte = chunk[index]
      if byte == 0x0A {
        end()
        number += 1
      } else if line.count < Self.mostBytes {
        line.append(byte)
      } else {
        isTooLong = true
      }
    }
  }

  /// Takes the line that goes on for a whole one.
  mutating func end() {
    if !isTooLong, let finding = finding() { found.append(finding) }
    line.removeAll(keepingCapacity: true)
    isTooLong = false
  }

  /// What was found since the last call.
  mutating func take() -> [LintFinding] {
    defer { found.removeAll() }
    return found
  }

  private func finding() -> LintFinding? {
    let sign = UInt8(ascii: "=")
    guard let start = line.firstRange(of: [sign, sign])?.lowerBound else { return nil }
    let text = line[start...].drop { $0 == sign }.prefix { $0 != sign && $0 != UInt8(ascii: "\"") }
    guard text.count <= 2 * Self.words.utf8.count else { return nil }
    var names = String(decoding: text, as: UTF8.self).lowercased().split(separator: " ")
    let isEnd = names.first == "end"
    if isEnd { names.removeFirst() }
    let name = names.joined(separator: " ")
    guard abs(name.count - Self.words.count) <= Self.mostMissing,
      !NearestNames.of(name, among: [Self.words], charactersPerEdit: 6).isEmpty
    else { return nil }
    let raw = line[start...].prefix { $0 != UInt8(ascii: "\"") }.prefix(200)
    return LintFinding(
      line: number, column: start + 1, kind: IssueKind.unrecognisedHeader.rawValue, key: nil,
      raw: String(decoding: raw, as: UTF8.self), hint: GrammarIssue.headerCure(isEnd: isEnd))
  }
}

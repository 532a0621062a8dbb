import LogInput
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

  private func finding() -> LintFinding? { Self.finding(in: line[...], number: number, isBehindBlock: false) }

  /// A line as a finding, if it is nearly a header or an end marker. Behind a block that has no end marker one or none of the words is
  /// enough for an end marker: `=== END ===`.
  static func finding(in line: ArraySlice<UInt8>, number: Int, isBehindBlock: Bool) -> LintFinding? {
    let sign = UInt8(ascii: "=")
    guard let start = line.firstRange(of: [sign, sign])?.lowerBound else { return nil }
    let text = line[start...].drop { $0 == sign }.prefix { $0 != sign && $0 != UInt8(ascii: "\"") }
    guard text.count <= 2 * Self.words.utf8.count else { return nil }
    var names = String(decoding: text, as: UTF8.self).lowercased().split(separator: " ")
    let isEnd = names.first == "end" || names.last == "end"
    if isEnd { names.removeAll { $0 == "end" } }
    let name = names.joined(separator: " ")
    let isShortEnd = isBehindBlock && isEnd && names.allSatisfy { shortEnds.contains($0) }
    guard isShortEnd || isNearlyWords(name) else { return nil }
    let raw = line[start...].prefix { $0 != UInt8(ascii: "\"") && $0 != 0x0D }.prefix(200)
    return LintFinding(
      line: number, column: start - line.startIndex + 1, kind: IssueKind.unrecognisedHeader.rawValue,
      key: nil,
      raw: String(decoding: raw, as: UTF8.self), hint: GrammarIssue.headerCure(isEnd: isEnd))
  }

  private static func isNearlyWords(_ name: String) -> Bool {
    abs(name.count - words.count) <= mostMissing
      && !NearestNames.of(name, among: [words], charactersPerEdit: 6).isEmpty
  }

  /// Words that may stand in an end marker behind `END`.
  private static let shortEnds: Set<Substring> = ["correlation", "data", "block", "of"]
}

extension MisspeltHeaders {
  /// The lines of a file that are nearly a header, which the parser passed over. Reads the file a second time, so it is asked only where
  /// an end marker without its header says that one is lost. Empty where the log is no file or cannot be read again.
  static func search(in place: LogPlace, _ limits: ReadLimits, inflater: Inflater) -> [LintFinding] {
    guard place.isFile else { return [] }
    var headers = MisspeltHeaders()
    var found: [LintFinding] = []
    var pipeline = LogPipeline(readLimits: limits, fingerprints: false, inflater: inflater)
    _ = pipeline.read(
      place, lines: { headers.look(through: $0) }, handle: { (_) throws(Never) in },
      chunkEnd: { () throws(Never) in
        if found.count < mostFound { found += headers.take() }
      })
    headers.end()
    return found + headers.take()
  }

  /// So many are found, or a few more, where a log has more of them.
  private static let mostFound = 1000
}

import CorrelationGrammar
import LogModel

/// A line that holds a marker of a block as it is spelled, with something else before or behind it, so that it is none.
struct MarkerLine {
  private static let words = ["=== CORRELATION DATA ===", "=== END CORRELATION DATA ==="]

  private let marker: String
  private let before: Substring

  /// The line, or its beginning; nil where no marker stands in it.
  init?(_ line: String) {
    let found = Self.words.compactMap { words in line.firstRange(of: words).map { (words, $0) } }
    guard let (marker, place) = found.min(by: { $0.1.lowerBound < $1.1.lowerBound }) else { return nil }
    self.marker = marker
    before = line[..<place.lowerBound]
  }

  /// What to change, so that the marker is read.
  var cure: String {
    let own = "print \(marker) and nothing else on the line"
    guard before.contains(where: { !$0.isWhitespace }) else { return own }
    if before.drop(while: \.isWhitespace).first == "{" { return Self.jsonCure }
    if let quote = before.last, quote == "'" || quote == "\"", before.dropLast().last == "=" {
      return Self.logfmtCure
    }
    if let format = lineFormat { return "\(own), or give --line-format '\(format)'" }
    return hasTimeOrLevel
      ? "\(own), or give the lines' log_format by --line-format"
      : "\(own): end the line before it, or log it with %(asctime)s or %(levelname)s, without which no --line-format tells a line from another"
  }

  private static let jsonCure =
    "no --line-format describes JSON: give the event a key timestamp with an ISO time (TimeStamper(fmt=\"iso\") of structlog), "
    + "and the header as its key event"
  private static let logfmtCure =
    "the markers are hidden in a value: use a renderer of JSON with an ISO timestamp (JSONRenderer of structlog), or print the block as text"

  private static let levels = ["CRITICAL", "WARNING", "NOTSET", "DEBUG", "ERROR", "INFO"]

  /// The part of the text before the marker that is a time of a log.
  private var time: Range<Substring.Index>? {
    let bytes = Array(before.utf8)
    for start in bytes.indices {
      if let (_, end) = LogTime.prefix(of: bytes.span, from: start) {
        let view = before.utf8
        return view.index(view.startIndex, offsetBy: start)..<view.index(view.startIndex, offsetBy: end)
      }
    }
    return nil
  }

  private var level: Range<Substring.Index>? {
    Self.levels.lazy.compactMap { before.firstRange(of: $0) }.first
  }

  private var hasTimeOrLevel: Bool { time != nil || level != nil }

  /// The `log_format` by which the line is read, where there is one: what stands before the marker, with its time and level as fields.
  private var lineFormat: String? {
    var text = String(before)
    let fields = [(time, "%(asctime)s"), (level, "%(levelname)s")].compactMap { place, field in
      place.map { ($0, field) }
    }
    for (place, field) in fields.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
      text.replaceSubrange(place, with: field)
    }
    // A quote would end the shell's word.
    guard !fields.isEmpty, !text.contains("'"), let format = try? LineFormat(text + "%(message)s") else {
      return nil
    }
    let lines = [Self.words[0], "sl=1", Self.words[1]].map { "\(before)\($0)\n" }.joined()
    var isRead = false
    var scanner = LogScanner(lineFormat: format)
    let take: (consuming LogEvent) -> Void = { event in
      if case .record(let record) = event, record[.sl] != nil { isRead = true }
    }
    scanner.consume(Array(lines.utf8).span, take)
    scanner.finish(isWhole: true, take)
    return isRead ? text + "%(message)s" : nil
  }
}

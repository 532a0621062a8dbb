import CByteScan
import LogModel

/// Passes over text lines that say nothing, whole chunks at a time.
///
/// The search knows how the last text record began, as far as the name of its source, and stops at records of sources that may tell an
/// outcome or that a block waits for, at lines that may begin a record of another envelope, at terminals' escape sequences, and at the
/// words of a header. What it knows is made from the definitions and from lines that were read.
struct TextSearch {
  /// The envelope of the records that are passed over.
  private(set) var envelope: Int?
  /// What stands behind the name of the source in its records.
  private var behindSource: [UInt8] = []
  private var lines = text_lines()
  /// Whether no line of a stream that is attended to can be passed over.
  private var canPass = false
  /// The state of the streams that the names were made for.
  private(set) var attention = -1

  init() {
    lines.words = ByteScan.words(MessageLine.headerWords)
    lines.stop = ANSIEscapes.escape
  }

  /// Takes note of how a record begins.
  mutating func learn(_ line: Span<UInt8>, _ head: RecordHead, _ envelope: Int, _ envelopes: EnvelopeList) {
    guard let source = head.source, source.lowerBound <= LINE_HEAD_LIMIT, source.upperBound < line.count
    else { return }
    let count = source.lowerBound
    if self.envelope == envelope, lines.head.count == count, ByteScan.matches(lines.head, line) { return }
    // Any line with this beginning has to be of this envelope, or bare.
    guard !head.time.isEmpty, head.time.upperBound <= count,
      envelopes.isOnlyOne(envelope, beginning: line.extracting(0..<count))
    else { return }
    self.envelope = envelope
    lines.head = ByteScan.head(of: line, count: count, digits: head.time)
    behindSource = [line[source.upperBound]]
    attention = -1
  }

  /// Makes sure that no line is passed over that belongs to a stream with an open block or to a watched one.
  mutating func attend(to streams: BlockStreams, _ envelopes: EnvelopeList) {
    attention = streams.attention
    lines.name_count = 0
    let keys = streams.attentiveKeys
    canPass = keys != nil
    for file in OutcomeLine.airflowFiles {
      canPass =
        file.withUTF8Buffer { unsafe text_lines_add_name(&lines, $0.baseAddress, $0.count) } && canPass
    }
    for key in keys ?? [] { canPass = addName(of: key, envelopes) && canPass }
  }

  /// Lines of bare text, and of records whose source is not known by its name, may be of any stream of their envelope.
  private mutating func addName(of key: StreamKey, _ envelopes: EnvelopeList) -> Bool {
    if key.envelope == envelopes.definitions[envelopes.bare].name { return false }
    guard let envelope, key.envelope == envelopes.definitions[envelope].streams else { return true }
    let name = key[.source] + behindSource
    return ByteScan.addName(name.span, to: &lines)
  }

  /// Passes over lines from `start`, the beginning of a line, to `end`, which stands behind a LF.
  mutating func pass(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ envelopes: EnvelopeList
  ) -> lines_passed? {
    guard canPass else { return nil }
    let passed = ByteScan.text(bytes, from: start, to: end, &lines, envelopes.openings)
    return passed.lines > 0 ? passed : nil
  }
}

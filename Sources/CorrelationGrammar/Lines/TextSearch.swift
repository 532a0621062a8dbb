import CByteScan
import LogModel

/// Passes over text lines that say nothing, whole chunks at a time.
///
/// The search knows how the last text record began, as far as the name of its source, and stops at records of sources that may tell an
/// outcome or that a block waits for, at lines that may begin a record of another envelope, at terminals' escape sequences, at the
/// letters of a header, and at parts of its words. What it knows is made from the definitions and from lines that were read.
struct TextSearch {
  /// The envelope of the records that are passed over.
  private(set) var envelope: Int?
  /// What stands behind the name of the source in its records.
  private var behindSource: [UInt8] = []
  private var lines: text_lines
  /// Whether no line of a stream that is attended to can be passed over.
  private var canPass = false
  /// The state of the streams that the names were made for.
  private(set) var attention = -1

  /// The prefixes of the records that were described last, as far as their messages begin, and what is known of each.
  private var prefixes: [line_head] = []
  private var known: [KnownPrefix] = []
  private var lastNumber = 0

  /// As many prefixes as blocks that are often open at a time.
  private static let mostPrefixes = 4

  /// What is known of a record's line as far as its message begins.
  private struct KnownPrefix {
    let head: RecordHead
    let number: Int
    var times = SimilarTimes()
  }

  /// A line that was recognised by its beginning.
  struct Recognised {
    var envelope: Int
    var head: RecordHead
    /// The number of its prefix, where the prefix is known: the records of one prefix have one description
    /// (``LogRecordContext/template``).
    var prefix: Int?
  }

  init(_ envelopes: EnvelopeList) {
    lines = envelopes.textLines
  }

  /// What a search of text lines knows before the first line. The sources named here have their lines read, whichever stream is attended to.
  static func textLines(_ definitions: [EnvelopeDefinition]) -> text_lines {
    var lines = text_lines()
    lines.letters = MessageLine.headerLetters
    lines.rare = HeaderWords.parts.forScan
    lines.stop = ANSIEscapes.escape
    for file in OutcomeLine.airflowFiles + EnvelopeList.messageSources(definitions).map(\.source.file) {
      let isAdded = ByteScan.addName(file, to: &lines)
      precondition(isAdded, "a search looks out for at most \(LINE_NAME_LIMIT) names")
    }
    return lines
  }

  /// Makes ready for another log in the same envelopes.
  mutating func reset(_ envelopes: EnvelopeList) {
    envelope = nil
    behindSource.reset()
    lines = envelopes.textLines
    canPass = false
    attention = -1
    prefixes.reset()
    known.reset()
    lastNumber = 0
  }

  /// The place of the known prefix with which a line begins. Nil for a line that begins with none, or whose time is none: a recogniser
  /// may read no record in it.
  ///
  /// The function changes nothing that shows.
  mutating func knownPrefix(of line: Span<UInt8>) -> Int? {
    guard let place = ByteScan.first(of: prefixes, line),
      known[place].times.isTime(line.extracting(known[place].head.time))
    else { return nil }
    return place
  }

  /// The place of the known prefix with a number.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy the search otherwise.
  mutating func place(ofPrefix number: Int) -> Int? {
    for place in known.indices where known[place].number == number { return place }
    return nil
  }

  /// Finds lines from `start`, the beginning of a line, that begin with the known prefix in a place and are one plain pair behind it. A longer
  /// line than the limit is none. The bytes up to `end` are whole lines.
  mutating func findPairs(
    _ chunk: Span<UInt8>, from start: Int, to end: Int, prefix: Int, limit: Int, isFirst: Bool,
    into pairs: inout PairLines
  ) {
    pairs.begin(isFirst: isFirst)
    let count = ByteScan.textPairs(
      chunk, from: start, to: end, heads: prefixes, prefix, PairLexer.plainPair, limit: limit,
      most: pairs.room, into: &pairs.buffer)
    pairs.keep(count, of: chunk, time: known[prefix].head.time, &known[prefix].times)
  }

  /// The number of the known prefix in a place (``LogRecordContext/template``).
  func number(ofPrefix place: Int) -> Int { known[place].number }

  /// Where the time stands in a line that begins with the known prefix in a place.
  func time(behindPrefix place: Int) -> Range<Int> { known[place].head.time }

  /// Where the message begins in such a line.
  func messageStart(behindPrefix place: Int) -> Int { known[place].head.message.lowerBound }

  /// What such a line is recognised as.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy the search otherwise.
  mutating func recognised(_ line: Span<UInt8>, behindPrefix place: Int) -> Recognised? {
    guard let envelope else { return nil }
    var head = known[place].head
    head.message = head.message.lowerBound..<line.count
    return Recognised(envelope: envelope, head: head, prefix: known[place].number)
  }

  /// Recognises a line that begins like the records that are passed over: no other envelope has lines that begin so. Nil for all
  /// other lines, and for such a line if it is no record.
  ///
  /// The function changes nothing. It is marked mutating because the compiler would copy the search otherwise.
  mutating func recognise(_ line: Span<UInt8>, _ envelopes: EnvelopeList) -> Recognised? {
    guard let envelope, ByteScan.matches(lines.head, line),
      case .prefix(let recognise) = envelopes.definitions[envelope].recogniser
    else { return nil }
    return recognise(line).map { Recognised(envelope: envelope, head: $0, prefix: nil) }
  }

  /// Takes note of the prefix of a record that was recognised here and described: records with the same prefix, but for the digits
  /// of the time, are described in the same way.
  /// - Returns: The number of the prefix, which is never used twice; 0 where the prefix is too long.
  mutating func learnPrefix(_ line: Span<UInt8>, _ head: RecordHead) -> Int {
    // Without a message it is not known with which byte the prefix would end.
    guard head.message.lowerBound <= LINE_HEAD_LIMIT, !head.message.isEmpty,
      LogTime(line.extracting(head.time)) != nil
    else { return 0 }
    if prefixes.count == Self.mostPrefixes {
      prefixes.removeFirst()
      known.removeFirst()
    }
    lastNumber -= 1
    prefixes.append(ByteScan.head(of: line, count: head.message.lowerBound, digits: head.time))
    known.append(KnownPrefix(head: head, number: lastNumber))
    return lastNumber
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
    prefixes.removeAll()
    known.removeAll()
    behindSource = [line[source.upperBound]]
    attention = -1
  }

  /// Makes sure that no line is passed over that belongs to a stream with an open block or to a watched one.
  mutating func attend(to streams: BlockStreams, _ envelopes: EnvelopeList) {
    attention = streams.attention
    ByteScan.forgetNames(of: &lines, behind: envelopes.textLines.name_count)
    let keys = streams.attentiveKeys
    canPass = keys != nil
    for key in keys ?? [] { canPass = addName(of: key, envelopes) && canPass }
  }

  /// Lines of bare text, and of records whose source is not known by its name, may be of any stream of their envelope.
  private mutating func addName(of key: StreamKey, _ envelopes: EnvelopeList) -> Bool {
    if key.envelope == envelopes.definitions[envelopes.bare].name { return false }
    if key.isAbridged { return false }
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

@testable import CorrelationGrammar
@testable import LogModel

/// Envelopes that the program does not know, each defined as one in `Sources/CorrelationGrammar/Envelopes` would be.
enum MadeUpEnvelope: CaseIterable {
  /// RFC 5424: `<134>1 2026-03-28T02:14:07.123Z host trainer 77 - - message`.
  case syslog
  /// The same with messages that go on in the lines behind.
  case openSyslog
  /// `{"when":"…","who":"trainer","text":"…"}`.
  case object

  var definition: EnvelopeDefinition {
    switch self {
    case .syslog: Syslog.definition("syslog", .line)
    case .openSyslog: Syslog.definition("open-syslog", .untilNextPrefix)
    case .object: MadeUpObject.definition
    }
  }

  /// A line of it.
  func line(_ message: String, second: Int, program: String = "trainer") -> String {
    let time = "2026-03-28T02:\(10 + second / 60 % 50):\(10 + second % 50).123Z"
    return switch self {
    case .syslog, .openSyslog: "<134>1 \(time) host \(program) 77 - - \(message)"
    case .object: #"{"when":"\#(time)","who":"\#(program)","text":"\#(message)","n":\#(second)}"#
    }
  }
}

private enum Syslog {
  static func definition(_ name: String, _ shape: RecordShape) -> EnvelopeDefinition {
    EnvelopeDefinition(
      name: LogEnvelope(rawValue: name), examples: ["<134>1 2026-03-28T02:14:07.123Z host trainer 77 - - …"],
      opening: Opening([
        .one(of: "<"), .of(.digits, upTo: 3), .one(of: ">"), .one(of: "1"), .one(of: " "), .of(.digits, 4),
        .one(of: "-"),
      ]),
      recogniser: .prefix(recognise), shape: shape,
      describe: { line, origin, context in
        context.streamKey.append(line.extracting(origin.logger), as: .source)
        context.isWarning = severity(of: line) <= 4
      })
  }

  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard let close = line.index(of: UInt8(ascii: ">")), close >= 2, close <= 4,
      line.has("1 ", at: close + 1),
      let (_, timeEnd) = LogTime.prefix(of: line, from: close + 3), line.has(" ", at: timeEnd)
    else { return nil }
    var words: [Range<Int>] = []
    var start = timeEnd + 1
    // Host, program, process, message type, structured data.
    for _ in 0..<5 {
      guard let end = line.index(of: 0x20, from: start) ?? (words.count == 4 ? line.count : nil), end > start
      else { return nil }
      words.append(start..<end)
      start = end + 1
    }
    guard line.is("-", in: words[4]) else { return nil }
    var head = RecordHead()
    head.time = close + 3..<timeEnd
    head.origin.logger = words[1]
    head.source = words[1]
    head.message = min(start, line.count)..<line.count
    return head
  }

  private static func severity(of line: Span<UInt8>) -> Int {
    let close = line.index(of: UInt8(ascii: ">")) ?? 1
    return (Int(line.text(in: 1..<close).text) ?? 7) % 8
  }
}

private enum MadeUpObject {
  static let definition = EnvelopeDefinition(
    name: LogEnvelope(rawValue: "made-up-object"),
    examples: [#"{"when":"2026-03-28T02:14:07.123Z","who":"trainer","text":"…","n":412}"#],
    opening: .object,
    recogniser: .object { line, members in
      guard let when = members.text("when", of: line), let text = members.text("text", of: line) else {
        return nil
      }
      var head = RecordHead()
      head.time = when
      head.message = text
      head.origin.logger = members.text("who", of: line) ?? 0..<0
      return head
    },
    shape: .line, mayLackTime: true,
    describe: { line, origin, context in
      context.streamKey.append(line.extracting(origin.logger), as: .source)
    })
}

public import LogModel

extension LogEnvelope {
  /// Lines with the name of their container before them, as `docker compose logs` writes them.
  public static let compose = LogEnvelope(rawValue: "compose")
}

/// The name of a container and a bar before each line: `worker-1  | ` (2-log-envelopes, Envelopes: compose).
enum Compose {
  static let definition = EnvelopeDefinition(
    name: .compose, examples: ["trainer-1  | …"], remark: "with a line of any other inside",
    opening: Opening([.of(nameBytes, atLeast: 1), .of(.blanks, atLeast: 1), .one(of: "|")]),
    recogniser: .prefix(recognise), shape: .wrapsLine(shownBy: .envelopeInside))

  private static let nameBytes = ByteSet.letters.union(.digits).union(ByteSet("_.-"))

  /// A known key is no name: `f1_buy  | 0.99` is the row of a table.
  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    var end = 0
    while end < line.count, nameBytes.contains(line[end]) { end += 1 }
    var bar = end
    while bar < line.count, line[bar].isBlank { bar += 1 }
    guard end > 0, bar > end, bar < line.count, line[bar] == UInt8(ascii: "|"),
      bar + 1 == line.count || line[bar + 1] == 0x20, !KeyName(line, in: 0..<end).isKnown
    else { return nil }
    var head = RecordHead()
    head.program = 0..<end
    head.message = min(bar + 2, line.count)..<line.count
    return head
  }
}
